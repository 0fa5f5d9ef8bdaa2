"""Measuring: candidates take turns, and memory is that of the call alone."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from rnnbench.study.cost import stopwatch


def test_candidates_take_turns_after_a_warm_up(monkeypatch):
    monkeypatch.setattr(stopwatch, "LEAST", 0.0)
    order = []
    found = stopwatch.interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
    assert "".join(order) == "aa" + "bb" + "ab" * 3
    assert {name: values.shape for name, values in found.items()} == {"a": (3,), "b": (3,)}


def test_a_short_call_is_repeated_and_its_time_is_that_of_one(monkeypatch):
    """On a clock that only the calls move."""
    now, calls = [0.0], []
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def call(name, seconds):
        calls.append(name)
        now[0] += seconds

    found = stopwatch.interleaved({"short": lambda: call("short", 2e-4), "long": lambda: call("long", 4e-3)}, 3)
    np.testing.assert_allclose(found["short"], [2e-4] * 3)
    np.testing.assert_allclose(found["long"], [4e-3] * 3)
    assert calls.count("short") == 2 + 3 * 10 and calls.count("long") == 2 + 3


def test_allocated_is_the_most_at_once():
    def call():
        np.ones(1_000_000, np.uint8)
        np.ones(3_000_000, np.uint8)

    kept = np.ones(10_000_000, np.uint8)
    assert 3_000_000 <= stopwatch.allocated(call) < 3_100_000
    assert kept.size


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells the peak of resident memory")
def test_resident_sees_what_a_call_takes_and_gives_back():
    size = 64_000_000
    stopwatch.resident(lambda: np.ones(size, np.uint8))
    assert 0.98 * size <= stopwatch.resident(lambda: np.ones(size, np.uint8)) < 1.1 * size
    assert stopwatch.resident(lambda: None) < 0.1 * size
