"""The series are those of their equations, scaled, and cut into sequences one after the other."""

import numpy as np
import pytest

from rnnbench.study.settings import SettingsError, TaskSettings
from rnnbench.study.tasks.series import SYSTEMS, Series, by_the_last, streams_of

SIZES = {"steps": 5, "streams": 3, "train": 4, "validation": 2, "test": 1}


def task(system):
    return Series({"system": system, **SIZES})


@pytest.mark.parametrize("system", SYSTEMS)
def test_streams_have_unit_variance_and_do_not_settle(system):
    found = streams_of(system, np.random.default_rng(1), 4, 3000)
    np.testing.assert_allclose([found.mean(0), found.var(0)], [[0] * 4, [1] * 4], atol=1e-9)
    assert found[-500:].std(0).min() > 0.3 and np.abs(found).max() < 6
    assert np.abs(np.corrcoef(found.T) - np.eye(4)).max() < 0.9  # no stream is another one


def test_henon_obeys_its_equation():
    """x'' = 1 - 1.4 x'^2 + .3 x, whatever the scale: the quadratic fits without a rest."""
    x = streams_of("henon", np.random.default_rng(0), 1, 500)[:, 0]
    terms = np.stack([np.ones(498), x[1:-1], x[1:-1] ** 2, x[:-2]], axis=1)
    assert np.linalg.lstsq(terms, x[2:], rcond=None)[1] < 1e-18


def test_mackey_glass_is_told_by_two_numbers_of_its_past():
    """x' - .9 x is a function of the number 16 steps before alone."""
    x = streams_of("mackey-glass", np.random.default_rng(0), 1, 4000)[:, 0]
    before, pull = x[:-17], x[17:] - 0.9 * x[16:-1]
    order = np.argsort(before)
    smooth = np.abs(np.diff(pull[order])).mean()
    other = np.abs(np.diff(pull[np.argsort(x[1:-16])])).mean()
    assert smooth < 0.01 * pull.std() < other


def test_lorenz_visits_both_wings():
    x = streams_of("lorenz", np.random.default_rng(0), 2, 5000)
    assert (x.min(0) < -1.5).all() and (x.max(0) > 1.5).all() and by_the_last("lorenz") < 0.05


@pytest.mark.parametrize("system", SYSTEMS)
def test_sequences_follow_one_another_and_the_target_is_the_next_number(system):
    found = task(system).prepare(3, 2, {})
    assert found["train_x"].shape == (2, 5, 12, 1) and found["test_y"].shape == (2, 5, 3, 1)
    np.testing.assert_array_equal(found["train_x"][:, 1:], found["train_y"][:, :-1])
    # Of the three streams, the next sequence of each stands three places on.
    np.testing.assert_array_equal(found["train_y"][:, -1, :-3], found["train_x"][:, 0, 3:])
    again, other = task(system).prepare(3, 2, {}), task(system).prepare(4, 2, {})
    assert all(np.array_equal(found[key], again[key]) and not np.array_equal(found[key], other[key]) for key in found)
    np.testing.assert_array_equal(task(system).prepare(3, 3, {})["train_x"][:2], found["train_x"])


@pytest.mark.parametrize("system", SYSTEMS)
def test_reference_lines_are_what_such_predictors_score(system):
    of = Series({**SIZES, "system": system, "steps": 200, "train": 1, "streams": 8, "validation": 1, "test": 10})
    arrays = of.prepare(0, 4, {})
    last = of.score(arrays["test_x"], arrays["test_y"])["nmse"].mean()
    assert of.references["the last number"]["nmse"] == pytest.approx(last, rel=0.2)
    assert of.score(0 * arrays["test_y"], arrays["test_y"])["nmse"].mean() == pytest.approx(1, rel=0.05) and of.chance == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"system": "henno"}, r"tasks\.mine\.sizes\.system: 'henno' is not one of \['henon', 'mackey-glass', 'lorenz'\]"),
        ({"steps": 1}, r"tasks\.mine\.sizes\.steps: 1 is less than the minimum of 2"),
        ({"streams": 0}, r"tasks\.mine\.sizes\.streams: 0 is less than the minimum of 1"),
        ({"test": None}, r"tasks\.mine\.sizes\.test: None is not of type 'integer'"),
    ],
)
def test_what_cannot_be_is_named_with_what_can_be(change, message):
    with pytest.raises(SettingsError, match=message):
        TaskSettings.of("mine", {"data": "series", "sizes": {"system": "henon", **SIZES, **change}}, 1)
