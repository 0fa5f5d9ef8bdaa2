import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import XOR, prepared

from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks import Split
from rnnbench.study.training.schedule import Schedule, pieces, presentation


@given(st.integers(1, 40), st.integers(1, 45), st.data())
def test_pieces_cover_every_step_and_every_target_once(time, window, data):
    counted = np.array(sorted(data.draw(st.sets(st.integers(0, time - 1), min_size=1))))
    found = pieces(time, counted, window)
    assert [t for p in found for t in range(p.steps.start, p.steps.stop)] == list(range(time))
    assert all(p.steps.stop - p.steps.start == min(window, time - p.steps.start) for p in found)
    steps = [p.steps.start + np.arange(p.steps.stop - p.steps.start)[p.counted] for p in found]
    np.testing.assert_array_equal(np.concatenate(steps), counted)
    assert [t for p in found for t in range(p.targets.start, p.targets.stop)] == list(range(len(counted)))


def schedule(recipe, change=None, **task):
    settings = TaskSettings.of("xor", {**XOR, **task}, 1)
    return Schedule(settings, settings.recipe(recipe, change or {}))


def test_counts():
    online, minibatch = schedule("online"), schedule("minibatch")
    assert (online.sequences, online.batches, online.updates, online.examples(online.updates)) == (1, 3, 180, 180)
    assert (minibatch.sequences, minibatch.batches, minibatch.updates) == (5, 15, 15)
    assert minibatch.examples(minibatch.updates) == 15 * 24
    assert schedule("minibatch", {"window": 5}).updates == 45
    assert schedule("minibatch", {"batch": 4}).batches == 7  # of 30 sequences; what does not fill a batch is left out


def test_points_begin_and_end_and_are_multiples():
    for recipe in ("online", "minibatch"):
        s = schedule(recipe)
        for multiple in (1, 4, 25):
            points = s.points(multiple)
            assert points[0] == 0 and points[-1] == s.updates and points == sorted(set(points))
            assert all(p % multiple == 0 for p in points[:-1])


def test_presentation_is_passes_of_permutations():
    order = presentation(TaskSettings.of("xor", XOR, 1))
    assert set(order) == {"1", "5"} and order["5"].shape == (3, 30)
    for row in order["5"]:
        for begin in range(0, 30, 5):
            assert sorted(row[begin : begin + 5].tolist()) == list(range(5))
    assert len({row.tobytes() for row in order["5"]}) == 3


def test_streams_are_presented_in_their_own_order():
    sizes = {"system": "henon", "steps": 4, "streams": 2, "train": 3, "validation": 1, "test": 1}
    recipes = {"online": {**XOR["recipes"]["online"], "batch": 2, "passes": 1.5}}
    task = TaskSettings.of("henon", {**XOR, "data": "series", "sizes": sizes, "recipes": recipes}, 1)
    (order,) = presentation(task).values()
    np.testing.assert_array_equal(order, [[0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]] * 3)


def test_a_pass_that_is_begun_is_drawn():
    recipes = {"begun": {**XOR["recipes"]["minibatch"], "passes": 1.4}}
    assert presentation(TaskSettings.of("xor", {**XOR, "recipes": recipes}, 1))["5"].shape == (3, 10)


def test_take_and_cut_keep_inputs_and_targets_together(tmp_path):
    ground = prepared(tmp_path)
    train = ground.splits["train"]
    cut = train.cut(12)
    assert cut.x.shape == (3, 12, 5, 1)
    np.testing.assert_array_equal(cut.x[1, :, 2, 0], train.x[1, 24:36, 0, 0])
    chosen = np.array([[4, 0], [1, 1], [2, 3]])
    batch = cut.take(chosen)
    for r in range(3):
        for b in range(2):
            np.testing.assert_array_equal(batch.x[r, :, b], cut.x[r, :, chosen[r, b]])
            np.testing.assert_array_equal(batch.y[r, :, b], cut.y[r, :, chosen[r, b]])
    shared = Split(np.arange(24.0).reshape(1, 2, 4, 3), np.arange(4).reshape(1, 1, 4))
    batch = shared.take(chosen[:, :1] % 4)
    assert batch.x.shape == (3, 2, 1, 3)
    np.testing.assert_array_equal(batch.x[2, :, 0], shared.x[0, :, 2])
    assert shared.take(chosen % 4).y[:, 0].tolist() == (chosen % 4).tolist()


def test_cut_takes_consecutive_steps_of_every_sequence():
    x = np.arange(2 * 6 * 3).reshape(2, 6, 3, 1)
    cut = Split(x, x).cut(2)
    for piece in range(3):
        for sequence in range(3):
            np.testing.assert_array_equal(cut.x[:, :, 3 * piece + sequence], x[:, 2 * piece : 2 * piece + 2, sequence])


@pytest.mark.parametrize("recipe", ["online", "minibatch"])
def test_windows_show_what_was_chosen_in_order(tmp_path, recipe):
    ground = prepared(tmp_path)
    s = Schedule(ground.task, ground.task.recipe(recipe, {"window": 5}))
    split = ground.splits["train"].cut(s.time)
    batch = split.take(next(s.chosen(ground.order(s.sequences))))
    windows = [window for window, _ in s.windows(batch)]
    np.testing.assert_array_equal(np.concatenate([w.x for w in windows], axis=1), batch.x)
    np.testing.assert_array_equal(np.concatenate([w.y for w in windows], axis=1), batch.y)
