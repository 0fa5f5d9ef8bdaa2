"""Verdicts as records for JSON, and the tables that are made of them."""

import json

from reports import judged, tried

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.probes import verdicts
from rnnbench.trial.exactness import gradient_of


def test_records_give_the_tables_of_verdicts_paths_and_rules():
    records = json.loads(json.dumps(judged(posted=Posted, bptt=Bptt)))
    findings, paths, rules = verdicts.findings(records), verdicts.paths(records), verdicts.rules(records)
    for name, table in (("verdicts", findings), ("paths", paths), ("rules", rules)):
        assert list(table) == columns(name)
    assert set(findings["rule"]) == {"posted", "bptt"} and set(paths["rule"]) == {"posted"}
    assert len(findings) == sum(len(verdict.findings) for verdict in (tried("posted", Posted), tried("bptt", Bptt)))
    known = rules.set_index("rule")
    assert known.loc["rtrl", ["claim", "time", "memory"]].tolist() == ["exact", 4, 3]
    assert known.loc["bptt", "headline"] == "bptt is exact" and known.loc["mlp", ["headline", "file"]].isna().all()


def test_the_record_of_a_rule_in_a_file_has_its_hash(tmp_path):
    file = tmp_path / "my_rule.py"
    file.write_text("x = 1\n", encoding="utf-8")
    found = verdicts.record(f"{file}:Mine", Bptt, None)
    assert found["file"] == str(file) and len(found["sha256"]) == 64


def test_the_yardstick_is_held_against_an_oracle():
    right = verdicts.yardstick(0, lambda network, *problem: gradient_of(Bptt(network), *problem), lengths=(3,))
    assert list(right) == columns("yardstick") and right["relative_error"].max() < 1e-12
