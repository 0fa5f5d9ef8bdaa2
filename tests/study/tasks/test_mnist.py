import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.study.tasks import load_splits
from rnnbench.study.tasks.mnist import Mnist, averaged, stratified
from rnnbench.study.tasks.mnist_files import FILES, as_idx


@pytest.fixture
def files(tmp_path):
    """A small data set in the format of the real one: 120 and 40 images, the class in every pixel."""
    rng = np.random.default_rng(0)
    labels = [rng.integers(0, 10, n).astype(np.uint8) for n in (120, 40)]
    images = [np.broadcast_to(20 * y[:, None, None], (len(y), 28, 28)).astype(np.uint8) for y in labels]
    images[0][np.arange(120), 0, 0] = np.arange(120)  # to tell images apart
    content = as_idx(images[0], labels[0], images[1], labels[1])
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    return {FILES[name]: tmp_path / name for name in content}


SIZES = {"train": 80, "validation": 30, "test": 40}


def test_splits_are_disjoint_and_labels_stay_with_their_images(files, tmp_path):
    np.savez(tmp_path / "splits.npz", **Mnist(SIZES).prepare(3, 1, files))
    splits = load_splits(tmp_path / "splits.npz", Mnist(SIZES), "float32")
    assert {name: split.sequences for name, split in splits.items()} == SIZES
    for split in splits.values():
        assert split.x.shape[:2] == (1, 28) and split.x.dtype == np.float32 and 0 <= split.x.min() <= split.x.max() <= 1
        np.testing.assert_array_equal(np.rint(split.x[0, 14, :, 14] * 255) / 20, split.y[0, 0])
    marks = [np.rint(splits[s].x[0, 0, :, 0] * 255).astype(int).tolist() for s in ("train", "validation")]
    assert len({*marks[0], *marks[1]}) == 110
    # The test file's images bear no mark there, but their class.
    np.testing.assert_array_equal(np.rint(splits["test"].x[0, 0, :, 0] * 255) / 20, splits["test"].y[0, 0])


def test_prepare_depends_on_the_seed_alone(files):
    first, again, other = (Mnist(SIZES).prepare(seed, 1, files) for seed in (3, 3, 4))
    assert all((first[k] == again[k]).all() for k in first)
    assert not (first["validation_x"] == other["validation_x"]).all()


def test_more_images_than_there_are(files):
    with pytest.raises(ValueError, match=r"train 100 \+ validation 30 must fit in 120 images"):
        Mnist({**SIZES, "train": 100}).prepare(3, 1, files)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=80), st.data())
def test_stratified_keeps_shares(labels, data):
    labels = np.array(labels)
    count = data.draw(st.integers(0, len(labels)))
    chosen = stratified(labels, count, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == count
    shares = np.bincount(labels, minlength=5) * count / len(labels)
    assert (abs(np.bincount(labels[chosen], minlength=5) - shares) < 1 + 1e-9).all()


def test_stratified_keeps_shares_of_many():
    labels = np.random.default_rng(0).choice(4, 1000, p=[0.7, 0.1, 0.1, 0.1])
    chosen = stratified(labels, 200, np.random.default_rng(1))
    assert (abs(np.bincount(labels[chosen], minlength=4) - np.bincount(labels) / 5) < 1).all()


def test_what_was_thought_impossible_has_a_bounded_cross_entropy():
    found = Mnist(SIZES).score(np.array([[[[1.0, 0.0]]]]), np.array([[[1]]]))
    assert found["cross_entropy"][0] == pytest.approx(-np.log(1e-7))


def test_score():
    prediction = np.array([[[[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]]]])
    found = Mnist(SIZES).score(prediction, np.array([[[0, 1]]]))
    assert found["accuracy"].tolist() == [0.5]
    assert found["cross_entropy"][0] == pytest.approx(-(np.log(0.7) + np.log(0.1)) / 2)


@pytest.mark.parametrize(
    ("sizes", "steps", "pixels"),
    [
        ({}, 28, 28),
        ({"pixels": 1}, 784, 1),
        ({"pixels": 56}, 14, 56),
        ({"side": 14}, 14, 14),
        ({"side": 14, "pixels": 1}, 196, 1),
    ],
)
def test_an_image_is_read_from_the_top_left(files, sizes, steps, pixels):
    rows = Mnist(SIZES).prepare(3, 1, files)["train_x"]
    task = Mnist({**SIZES, **sizes})
    assert (task.time, task.inputs, task.counted.tolist()) == (steps, pixels, [steps - 1])
    read = task.prepare(3, 1, files)["train_x"]
    assert read.shape == (1, steps, SIZES["train"], pixels)
    if "side" not in sizes:
        np.testing.assert_array_equal(read[0].swapaxes(0, 1).ravel(), rows[0].swapaxes(0, 1).ravel())


def test_images_are_averaged_down():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, :2, 2:4] = [[10, 20], [30, 43]]
    small = averaged(image, 14)
    assert small.shape == (1, 14, 14) and small[0, 0, 1] == 26 and small.sum() == 26 and small.dtype == np.uint8
    assert averaged(image, 28) is image


def test_pixels_that_do_not_divide_an_image_are_refused():
    with pytest.raises(ValueError, match="pixels 5 does not divide the 784 pixels"):
        Mnist({**SIZES, "pixels": 5})
