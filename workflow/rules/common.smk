# Paths, the checked config, and what every job needs of its environment.
import hashlib
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
SCRIPTS = WORKFLOW / "scripts"
CITATION = str(WORKFLOW.parent / "CITATION.cff")
SOURCE = WORKFLOW.parent / "src"

# The package need not be installed: it is found beside the workflow, here and by every job.
sys.path.insert(0, str(SOURCE))
from rnnbench import environment

environment.pin()

from rnnbench.gradients import PEERS, TRAINABLE
from rnnbench.joblog import SESSION, failure
from rnnbench.live import LiveLine
from rnnbench.rules import RECIPE
from rnnbench.settings import (
    SettingsError,
    TaskSettings,
    Variant,
    check_schema,
    nearest,
)

os.environ.setdefault(SESSION, str(time.time()))
PARTIAL = "RNNBENCH_PARTIAL"
LIVE = LiveLine(Path("results/logs"), sys.stderr, logging.getLogger("snakemake.logging"))
SCHEMA = WORKFLOW / "schemas" / "config.schema.json"
try:
    check_schema(config, SCHEMA)
except SettingsError as error:
    raise WorkflowError(str(error))
validate(config, str(SCHEMA))
config["partial"] = config["partial"] or PARTIAL in os.environ
TASKS = list(config["tasks"])
VARIANTS = sorted(file.stem for file in (WORKFLOW / "variants").glob("[!.]*.smk"))


def code(*parts):
    """A digest of sources: among the params of a job, it makes the job run again when one of them is edited."""
    files = [
        file
        for part in parts
        for file in ([SOURCE / "rnnbench" / part] if "." in part else (SOURCE / "rnnbench" / part).glob("*.*"))
        if file.is_file()
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:12]


LEARNING = [
    *(f"{module}.py" for module in ["activations", "arrays", "environment", "initializers", "joblog", "losses", "network"]),
    *(f"{module}.py" for module in ["optimizers", "seeds", "settings"]),
    *["tasks", "gradients", "training"],
]
TRIAL = [*LEARNING, "trial"]
TELLING = [*TRIAL, "cost", "statistics.py", "paired.py", "comparisons.py", "rules.py", "tables.py"]
TABLES = ["curves", "final", "replicates", "cost", "gradient_statistics", "verdicts", "paths", "yardstick", "lockstep"]
TABLES += ["staleness", "comparisons", "equivalence", "scores", "to_target", "ladder", "gradient_cost", "update_cost", "times"]
TABLES += ["along", "rules", "correlation"]
PARAMS = ["code", "settings", "seed", "library", "gradient", "recipe", "change", "tasks"]


def variant_named(name):
    """What workflow/variants/NAME.smk says, and the tasks it says it is for (None: all)."""
    rule_name = f"train_{name.replace('-', '_')}"
    if not workflow.is_rule(rule_name) or workflow.get_rule(rule_name).pathvars.get("variant") != name:
        raise WorkflowError(
            f"workflow/variants/{name}.smk must derive {rule_name} from train (see the other files there) "
            f'and set variant="{name}" in its pathvars'
        )
    params = dict(workflow.get_rule(rule_name).params.items())
    for key in params:
        if key not in PARAMS:
            raise WorkflowError(f"workflow/variants/{name}.smk: a variant has no param {key!r}{nearest(key, PARAMS)}")
    for task in params["tasks"] or []:
        if task not in TASKS:
            raise WorkflowError(f"workflow/variants/{name}.smk: there is no task {task!r}{nearest(task, TASKS)}")
    return Variant(name, params["library"], params["gradient"], params["recipe"], params["change"]), params["tasks"]


def meant_for(task):
    """The names of the variants that are for a task, by their own word, and whose library is installed."""
    return [name for name in VARIANTS if task in (variant_named(name)[1] or TASKS) and variant_named(name)[0].installed]


def variants_of(task):
    """The names of the variants that run on a task, every one checked to fit it."""
    variants = {name: variant_named(name) for name in VARIANTS}
    names = config["variants"].get(task, meant_for(task))
    for name in names:
        if name not in VARIANTS:
            raise WorkflowError(f"config, variants.{task}: there is no variant {name!r}{nearest(name, VARIANTS)}")
        variants[name][0].fit(config, task, SCHEMA)
    return names


def of_runs(pattern):
    """A file of every run."""
    return [pattern.format(task=task, variant=variant) for task, variant in RUNS]


def of_tasks(pattern):
    """A file of every task that has a run."""
    return [pattern.format(task=task) for task in dict(RUNS)]


def beside_keras():
    """The tasks that can be run beside Keras, which starts from a state of zero and has no leaky units."""
    return [task for task in dict(RUNS) if not config["tasks"][task]["rest"] and not config["tasks"][task]["leak"]]


def diagnosed(task, variant):
    """The last file that is made of a run alone."""
    return f"results/trial/diagnostics/{task}/{variant}.csv"


def missing():
    """What has not finished, each with what the logs say of it."""
    wanted = {"The cost study": ("results/cost/gradients.csv", None, ["measure_cost"])}
    for task, variant in RUNS:
        jobs = [f"train_{task}_{variant}", f"diagnose_{task}_{variant}"]
        wanted[f"{variant} on {task}"] = (diagnosed(task, variant), task, jobs)
    for task in beside_keras():
        wanted[f"NumPy beside Keras on {task}"] = (f"results/trial/lockstep/{task}.csv", task, [f"lockstep_{task}"])
    for task in dict(RUNS):
        if task in EXACT:
            wanted[f"The comparison of the rules on {task}"] = (
                f"results/trial/along/{task}.csv",
                task,
                [f"train_{task}_{EXACT[task]}", f"compare_rules_{task}"],
            )
        wanted[f"Staleness on {task}"] = (f"results/trial/staleness/{task}.csv", task, [f"staleness_{task}"])
    told = []
    for what, (file, task, jobs) in wanted.items():
        if not os.path.exists(file):
            if task and config["tasks"][task]["data"] == "mnist":
                jobs = ["fetch_mnist", *jobs]
            logs = [Path(f"results/logs/{job}.log") for job in [f"prepare_{task}", *jobs]]
            why = next(filter(None, map(failure, filter(Path.exists, logs))), "It was not started.")
            told.append({"what": what, "task": task, "why": why})
    return told


def there(files):
    """The files; with `partial` in the config, those that exist."""
    return [file for file in files if os.path.exists(file) or not config["partial"]]


REPORTING = ["aggregate", "plot_figures", "write_report", "all"]


def asks_for_what_is_there(logs):
    """Whether the whole study was asked for with --keep-going and some job failed: it was not stopped by hand."""
    failed = any("Exiting because a job execution failed" in Path(log).read_text(encoding="utf-8") for log in logs)
    whole = not workflow.dag_settings.targets
    return workflow.execution_settings.keep_going and whole and failed and not config["partial"]


def report_what_is_there():
    """The same command once more, for a report on what is there. This process holds the lock meanwhile, and does nothing."""
    command = [sys.executable, "-m", "snakemake", *sys.argv[1:], "--nolock", "--allowed-rules", *REPORTING]
    subprocess.run(command, env={**os.environ, PARTIAL: "1"}, check=False)
