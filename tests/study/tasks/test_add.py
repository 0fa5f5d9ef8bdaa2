"""The Add task: what the targets are, and what predictors score that know none, one or both of the coins."""

import numpy as np
import pytest

from rnnbench.study.settings import SettingsError, TaskSettings
from rnnbench.study.tasks.add import Add, entropy

SIZES = {"lags": [3, 7], "steps": 30, "streams": 4, "train": 5, "validation": 2, "test": 500}


def task(**change):
    return Add({**SIZES, **change})


def test_the_target_is_the_probability_that_two_coins_give():
    found = task().prepare(1, 3, {})
    x, y = found["train_x"][..., 0], found["train_y"][..., 0]
    assert x.shape == (3, 30, 20) and y.shape == (3, 23, 20) and set(np.unique(x)) == {0, 1}
    for t in range(7, 30):
        np.testing.assert_array_equal(y[:, t - 7], 0.5 + 0.5 * x[:, t - 3] - 0.25 * x[:, t - 7])
    other = task().prepare(2, 3, {})
    assert (other["train_x"] != found["train_x"]).any() and (found["train_x"][0] != found["train_x"][1]).any()
    np.testing.assert_array_equal(task().prepare(1, 4, {})["test_y"][:3], found["test_y"])


def test_reference_lines_are_what_such_predictors_score():
    """Each predicts the mean of the targets that look alike to it, in a sample."""
    of, found = task(), task().prepare(0, 2, {})
    x, y = found["test_x"], found["test_y"]
    first, second = x[:, of.counted - 3], x[:, of.counted - 7]
    seen = {"none": 0 * first, "3 steps back": first, "7 steps back": second, "both": first + 2.0 * second}
    assert (
        set(of.references) == {f"knowing {name}" for name in seen} and of.chance == of.references["knowing none"]["cross_entropy"]
    )
    for name, coins in seen.items():
        told = np.zeros(y.shape)
        for value in np.unique(coins):
            told[coins == value] = y[coins == value].mean()
        scored = of.score(told, y)["cross_entropy"].mean()
        assert of.references[f"knowing {name}"]["cross_entropy"] == pytest.approx(scored, abs=2e-3), name


def test_they_are_the_figures_of_the_source():
    """S. Pitis's: .66 knowing none, .52 the first, .45 both."""
    scores = [scores["cross_entropy"] for scores in task(lags=[3, 8]).references.values()]
    assert [round(scores[k], 3) for k in (0, 2, 3)] == [0.662, 0.519, 0.454] and scores == sorted(scores, reverse=True)
    assert entropy(np.array([0, 1, 0.5])).tolist() == pytest.approx([0, 0, np.log(2)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lags": [3, 30]}, r"tasks\.mine\.sizes: a lag of 30 is not seen in sequences of 30 steps"),
        ({"lags": [3]}, r"tasks\.mine\.sizes\.lags: \[3\] is too short"),
        ({"lags": [3, 3]}, r"tasks\.mine\.sizes\.lags: \[3, 3\] has non-unique elements"),
        ({"lags": [-1, 3]}, r"tasks\.mine\.sizes\.lags\.0: -1 is less than the minimum of 0"),
    ],
)
def test_a_lag_that_cannot_be_is_named(change, message):
    with pytest.raises(SettingsError, match=message):
        TaskSettings.of("mine", {"data": "add", "sizes": {**SIZES, **change}}, 1)
