"""Measuring: candidates take turns, and memory is that of the call alone."""

import sys
import time

import numpy as np
import pytest

from rnnbench.cost import stopwatch


def test_candidates_take_turns_after_a_warm_up(monkeypatch):
    monkeypatch.setattr(stopwatch, "LEAST", 0.0)
    order = []
    found = stopwatch.interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
    assert "".join(order) == "aa" + "bb" + "ab" * 3
    assert {name: values.shape for name, values in found.items()} == {"a": (3,), "b": (3,)}


def test_a_short_call_is_repeated_and_its_time_is_that_of_one():
    found = stopwatch.interleaved({"short": lambda: time.sleep(2e-4), "long": lambda: time.sleep(4e-3)}, 3)
    assert (found["short"] >= 2e-4).all() and (found["long"] >= 4e-3).all()
    assert found["short"].min() < found["long"].min()


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
