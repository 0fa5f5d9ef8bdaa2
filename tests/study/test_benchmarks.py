"""The benchmark runs: every table of it in small, without Keras, whose ways of running take a minute to compile."""

import importlib.util
from pathlib import Path

import pytest

from rnnbench.study.cost import updates

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def speed(monkeypatch):
    spec = importlib.util.spec_from_file_location("speed", BENCHMARKS / "speed.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(updates, "FIT", {})
    monkeypatch.setattr(module, "IMAGES", 640)
    return module


@pytest.mark.parametrize(
    ("table", "sizes", "row"),
    [
        ("bptt_on_mnist", (4,), "| (its products alone, in NumPy) |"),
        ("bptt_on_xor", (), "| rnnbench, one replicate |"),
        ("rtrl_on_mnist", (4,), "| (R^T P alone, in NumPy) |"),
        ("online_rtrl_on_xor", (), "| (R^T P alone, in NumPy) |"),
        ("rules_of_online_learning", (), "| uoro |"),
    ],
)
def test_a_table_of_the_benchmark(speed, capsys, table, sizes, row):
    getattr(speed, table)(*sizes, 1)
    printed = capsys.readouterr().out
    assert row in printed and "nan" not in printed
