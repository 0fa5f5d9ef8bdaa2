"""Where a result is from: the record on the page is whole, and no longer than it must be."""

import json

from reports import CITATION, ENVIRONMENT, TASKS, provenance, tables

from rnnbench.study.report import origin


def test_the_record_tells_once_what_runs_share():
    record = provenance(tables(), TASKS)
    record["runs"][1] = {**record["runs"][1], "environment": {**ENVIRONMENT, "cpu": "another"}}
    told = json.loads(origin.provenance(record))
    assert told["config"] == record["config"] and told["environment"] == ENVIRONMENT
    assert [run.get("environment", {}).get("cpu") for run in told["runs"]] == [None, "another", None]
    assert told["runs"][0]["timing"] == {"training_seconds": 1.0} and told["runs"][0]["hashes"] == record["runs"][0]["hashes"]


def test_an_entry_for_a_bibliography():
    citation = {**CITATION, "authors": [{"given-names": "Ada", "family-names": "Lovelace"}, {"name": "The developers"}]}
    entry = origin.bibtex(citation, "abc+")
    assert "author  = {{Ada Lovelace} and {The developers}}" in entry and "commit abc}" in entry
    assert r"title   = {50 \% of R\_1 \textbackslash{}}," in origin.bibtex({**citation, "title": "50 % of R_1 \\"}, "abc")
