# Paths, the checked config, and what every job needs of its environment.
import hashlib
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
SCRIPTS = WORKFLOW / "scripts"
SOURCE = WORKFLOW.parent / "src"

# The package need not be installed: it is found beside the workflow, here and by every job.
sys.path.insert(0, str(SOURCE))
from rnnbench import environment

environment.pin()

from rnnbench.settings import (
    SettingsError,
    TaskSettings,
    Variant,
    check_schema,
    nearest,
)

try:
    check_schema(config, WORKFLOW / "schemas" / "config.schema.json")
except SettingsError as error:
    raise WorkflowError(str(error))
validate(config, str(WORKFLOW / "schemas" / "config.schema.json"))
TASKS = list(config["tasks"])
VARIANTS = sorted(file.stem for file in (WORKFLOW / "variants").glob("*.smk"))


def code(*parts):
    """A digest of the sources that a job runs: among its params, it makes the job run again when one of them is edited."""
    files = sorted(file for part in ["", *parts] for file in (SOURCE / "rnnbench" / part).glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


LEARNING = ("tasks", "gradients", "training")
TABLES = [
    "curves",
    "final",
    "replicates",
    "cost",
    "gradient_statistics",
    "exactness",
    "lockstep",
]


def variant_named(name):
    """What workflow/variants/NAME.smk says."""
    rule_name = f"train_{name.replace('-', '_')}"
    if not workflow.is_rule(rule_name) or workflow.get_rule(rule_name).pathvars.get("variant") != name:
        raise WorkflowError(
            f"workflow/variants/{name}.smk must derive {rule_name} from train (see the other files there) "
            f'and set variant="{name}" in its pathvars'
        )
    params = workflow.get_rule(rule_name).params
    return Variant(name, params.library, params.gradient, params.recipe, params.change)


def variants_of(task):
    """The names of the variants that run on a task, every one checked to fit it."""
    names = config["variants"].get(task, VARIANTS)
    for name in names:
        if name not in VARIANTS:
            raise WorkflowError(f"config, variants.{task}: there is no variant {name!r}{nearest(name, VARIANTS)}")
        variant_named(name).check(TaskSettings.of(task, config["tasks"][task], config["seed"]))
    return names


def of_runs(pattern):
    """A file of every run."""
    return [pattern.format(task=task, variant=variant) for task, variant in RUNS]
