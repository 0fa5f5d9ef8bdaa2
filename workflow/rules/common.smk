# The checked config, the plan of the study, and what every job needs of its environment.
import os
import re
import sys
import time
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate


include: "internals.smk"


SCRIPTS = WORKFLOW / "scripts"
SCHEMA = WORKFLOW / "schemas" / "config.schema.json"
CITATION = os.path.relpath(WORKFLOW.parent / "CITATION.cff")

# The package need not be installed: it is found beside the workflow, here and by every job.
sys.path.insert(0, str(WORKFLOW.parent / "src"))
from rnnbench import environment

environment.pin()
# Jobs name the interpreter without quoting it.
if odd := set(re.findall(r"[^\w./@%+=:,~-]", sys.executable)):
    raise WorkflowError(
        f"the path of Python has characters that Snakemake does not quote ({' '.join(map(repr, sorted(odd)))}): {sys.executable};"
        " use an environment in another place"
    )

from rnnbench.study.analysis.specifications import SPECIFICATIONS
from rnnbench.study.cost.names import measurable
from rnnbench.study.jobs.digest import digest
from rnnbench.study.jobs.live import LiveLine
from rnnbench.study.jobs.log import SESSION, failures, session
from rnnbench.study.jobs.record import asked
from rnnbench.study.settings import SettingsError, check_files, check_schema
from rnnbench.study.tasks.registry import fetch_job
from rnnbench.study.tasks.registry import local as local_path
from rnnbench.study.tasks.registry import task as task_of
from rnnbench.study.workflow import YARDSTICK, Plan, check_variants, rule_name, run_files

os.environ.setdefault(SESSION, str(time.time()))
try:
    check_files(["config/config.yaml", *CONFIGFILES])
    check_schema(config, SCHEMA)
except SettingsError as error:
    raise WorkflowError(str(error))
validate(config, str(SCHEMA))
TABLES = list(SPECIFICATIONS)


@cache
def code(script, *entries):
    """A digest of all that a script of the workflow runs, and of what it loads by name."""
    return digest(SCRIPTS / script, *entries)


def code_when_asked(script, entries=tuple):
    """The same, found when a job asks for it: a process that runs other jobs need not. entries: gives what is loaded by name."""
    return lambda wildcards: code(script, *entries())


def every_task():
    """Where the tasks lie, for a job of the whole study."""
    return PLAN.of_tasks(PLAN.tasks)


def all_cores(wildcards):
    """Asked for when the job is, as commands such as --unlock are given none."""
    return workflow.cores


def code_of_task(script):
    """A job of a task loads that task."""
    return lambda wildcards: code(script, *PLAN.of_tasks([wildcards.task]))


def code_of_training(wildcards):
    """A training runs its own rule and trainer, and no other ones."""
    return code("train.py", *PLAN.of_tasks([wildcards.task]), *PLAN.of_training(wildcards.variant))


def code_of_rates(wildcards):
    """So does the choice of its learning rate."""
    return code("try_rates.py", *PLAN.of_tasks([wildcards.task]), *PLAN.of_training(wildcards.variant))


def code_of_diagnosis(wildcards):
    """The diagnosis of a run takes the run's own rule along."""
    own = PLAN.of_rules([PLAN.variants[wildcards.variant].gradient])
    return code("diagnose_run.py", *PLAN.of_tasks([wildcards.task]), *own)


def code_of_verdict(wildcards):
    """The trial of a rule runs that rule."""
    return code("try_rule.py", *PLAN.of_rules([PLAN.judged[wildcards.rule]]))


def code_of_comparison(wildcards):
    """The comparison of the rules of a task runs them all."""
    return code("compare_rules.py", *PLAN.of_tasks([wildcards.task]), *PLAN.of_rules(PLAN.compared(wildcards.task)))


def rates_of_variant(wildcards):
    """The learning rates that were tried for a variant, where its recipe has none."""
    return PLAN.rates(f"{wildcards.task}/{wildcards.variant}")


def files_of_run(part):
    """Those of one part, one for each block of the run's replicates."""
    return lambda wildcards: run_files(PLAN.blocks(f"{wildcards.task}/{wildcards.variant}"))[part]


def record(job):
    """What a job leaves on the files that it makes."""
    return f"results/records/{job}.json"


def records_of_training(wildcards):
    """Those of what a training reads."""
    tried = [f"try_rates_{wildcards.task}_{wildcards.variant}"] if rates_of_variant(wildcards) else []
    return list(map(record, [f"prepare_{wildcards.task}", *tried]))


def records_beside(task, variant):
    """Those of a variant's run on a task, and of what it was made from."""
    return list(map(record, [f"prepare_{task}", *PLAN.trainings(f"{task}/{variant}")]))


def records_of_run(wildcards):
    """Those of a run, and of what it was made from."""
    return records_beside(wildcards.task, wildcards.variant)


def records_of_reference(wildcards):
    """Those of the run that the rules of a task are compared along."""
    return records_beside(wildcards.task, PLAN.reference[wildcards.task])


def with_sources(files):
    """Files of the user's own as inputs. A store does not have them: there they go with the sources, and the digest covers them."""
    return [] if STORE else files


def files_of_variant(wildcards):
    """The files of the user's own that a variant's rule is in."""
    return with_sources(PLAN.own_files(PLAN.variants[wildcards.variant].gradient))


def files_of_task(wildcards):
    """The files of the user's own that a task is in."""
    return with_sources(PLAN.own_tasks[wildcards.task])


def files_of_rule(wildcards):
    """The files of the user's own that a rule is in."""
    return with_sources(PLAN.own_files(PLAN.judged[wildcards.rule]))
