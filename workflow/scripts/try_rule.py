import json
from pathlib import Path

from rnnbench.gradients import registry
from rnnbench.study.jobs.log import job
from rnnbench.study.probes.verdicts import record
from rnnbench.study.workflow import UNTRIED
from rnnbench.trial.verdict import trial

params = snakemake.params
with job(snakemake, __file__):
    rule = registry.rule(params.rule)
    untried = params.rule == UNTRIED or params.rule in registry.PEERS
    verdict = None if untried else trial(params.rule, rule, params.seed, lengths=params.lengths, compared=False)
    Path(snakemake.output[0]).write_text(json.dumps(record(params.rule, rule, verdict)) + "\n", encoding="utf-8")
