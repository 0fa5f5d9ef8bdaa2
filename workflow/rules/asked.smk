# What every file of the study is to be made with, as a file. The aggregation holds what is there against it, whatever Snakemake knows.
from snakemake.iocontainers import Wildcards

MAKES = {name: getattr(rules, rule_name(name)) for name in PLAN.variants}
PREPARES, TRIES, DIAGNOSES = rules.prepare_task, rules.try_rates, rules.diagnose_run
BESIDE_KERAS, STALENESS, COMPARES = rules.run_lockstep, rules.measure_staleness, rules.compare_rules
JUDGES, CHECKS, MEASURES = rules.try_rule, rules.check_yardstick, rules.measure_cost


def made_by(step, /, **wildcards):
    """The files that a job of a rule makes, each with the params that the job is given."""
    values = Wildcards(fromdict=wildcards)
    params = {key: value(values) if callable(value) else value for key, value in step.params.items()}
    return {re.sub(r"\{(\w+)[^}]*\}", lambda named: wildcards[named[1]], str(path)): params for path in step.output}


@cache
def everything():
    """The file with the params of every other file that the tables are made of."""
    found = made_by(CHECKS) | made_by(MEASURES)
    for name in PLAN.judged:
        found |= made_by(JUDGES, rule=name)
    for task in PLAN.by_task:
        found |= made_by(PREPARES, task=task) | made_by(STALENESS, task=task)
        for step, tasks in ((BESIDE_KERAS, PLAN.beside_keras), (COMPARES, PLAN.reference)):
            found |= made_by(step, task=task) if task in tasks else {}
    for run in PLAN.runs:
        task, variant = run.split("/")
        for step in (MAKES[variant], DIAGNOSES, *([TRIES] if run in PLAN.tried else [])):
            found |= made_by(step, task=task, variant=variant)
    return asked(found, "results/tables/provenance.json")


def asked_for(wildcards):
    """The same as an input: found when a job asks for it, and once."""
    return everything()
