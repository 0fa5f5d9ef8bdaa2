# What every job of the study is to be given, as a file. The aggregation holds what is there against it, whatever Snakemake knows.
from snakemake.iocontainers import Wildcards

MAKES = {name: getattr(rules, rule_name(name)) for name in PLAN.variants}
PREPARES, TRIES, DIAGNOSES = rules.prepare_task, rules.try_rates, rules.diagnose_run
BESIDE_KERAS, STALENESS, COMPARES = rules.run_lockstep, rules.measure_staleness, rules.compare_rules
JUDGES, CHECKS, MEASURES = rules.try_rule, rules.check_yardstick, rules.measure_cost


def given(step, /, **wildcards):
    """A job of a rule, by the name that its log and its record have, and its params."""
    values = Wildcards(fromdict=wildcards)
    params = {key: value(values) if callable(value) else value for key, value in step.params.items()}
    return {re.sub(r"\{(\w+)[^}]*\}", lambda named: wildcards[named[1]], Path(step.log[0]).stem): params}


@cache
def everything():
    """The jobs that make what the tables are made of, by name, and the params of each."""
    found = given(CHECKS) | given(MEASURES)
    for name in PLAN.judged:
        found |= given(JUDGES, rule=name)
    for task in PLAN.by_task:
        found |= given(PREPARES, task=task) | given(STALENESS, task=task)
        for step, tasks in ((BESIDE_KERAS, PLAN.beside_keras), (COMPARES, PLAN.reference)):
            found |= given(step, task=task) if task in tasks else {}
    for run in PLAN.runs:
        task, variant = run.split("/")
        for block in PLAN.blocks(run):
            found |= given(MAKES[variant], task=task, variant=variant, block=block.removeprefix(run))
        for step in (DIAGNOSES, *([TRIES] if run in PLAN.tried else [])):
            found |= given(step, task=task, variant=variant)
    return found


def asked_for(wildcards):
    """The params of all jobs, as a file: found when a job asks for it."""
    return local(asked(everything(), record("aggregate"), decides=not workflow.remote_exec))


def records_of_study(wildcards):
    """What all jobs have left on their files."""
    return list(map(record, everything()))
