"""MNIST read as a sequence, from the top left; the class is asked for after the last step.

A step is a row of 28 pixels (row MNIST), or any number of pixels that divides an image, down to one: 784 steps, the "pixel by
pixel MNIST" of Q. V. Le, N. Jaitly and G. E. Hinton, arXiv:1504.00941. Images may be averaged down to 14 x 14 or 7 x 7 first.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.seeds import stream
from rnnbench.tasks.base import Metric, TaskKind
from rnnbench.tasks.mnist_files import read_idx


def stratified(labels: Integers, count: int, rng: np.random.Generator) -> Integers:
    """`count` indices into `labels`, drawn so that each class keeps its share to within one."""
    by_class = np.lexsort((rng.random(len(labels)), labels))
    return by_class[np.arange(count) * len(labels) // count]


SIDE = 28  # pixels of an image


def shape(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Steps of a sequence, and pixels of a step. Raises ValueError where pixels do not divide an image."""
    side = sizes.get("side", SIDE)
    pixels = sizes.get("pixels", side)
    if side**2 % pixels:
        raise ValueError(f"pixels {pixels} does not divide the {side**2} pixels of an image of {side} by {side}")
    return side**2 // pixels, pixels


def averaged(images: Integers, side: int) -> Integers:
    """Images (image, 28, 28) averaged down to `side` pixels a side, rounded."""
    step = SIDE // side
    if step == 1:
        return images
    blocks = images.reshape(len(images), side, step, side, step).mean((2, 4))
    return np.rint(blocks).astype(images.dtype)


def prepare(settings: Mapping[str, int], seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Integers]:
    """Validation and training images from the 60 000 official training images, stratified; test images from the 10 000.

    settings: "train", "validation", "test", how many of each; "side" and "pixels", see `shape`.
    Raises ValueError where there are not as many.
    """
    images, labels = read_idx(files["train-images"]), read_idx(files["train-labels"])
    test_images, test_labels = read_idx(files["t10k-images"]), read_idx(files["t10k-labels"])
    train, validation, test = settings["train"], settings["validation"], settings["test"]
    if train + validation > len(labels) or test > len(test_labels):
        raise ValueError(
            f"mnist: train {train} + validation {validation} must fit in {len(labels)} images, test {test} in {len(test_labels)}"
        )
    rng = stream(seed, "split")
    for_validation = stratified(labels, validation, rng)
    rest = np.setdiff1d(np.arange(len(labels)), for_validation)
    for_training = rest[stratified(labels[rest], train, rng)]
    for_test = stratified(test_labels, test, rng)
    arrays: dict[str, Integers] = {"largest": np.array(255)}
    for split, pixels, classes, chosen in (
        ("train", images, labels, for_training),
        ("validation", images, labels, for_validation),
        ("test", test_images, test_labels, for_test),
    ):
        chosen = np.sort(chosen)
        steps = averaged(pixels[chosen], settings.get("side", SIDE)).reshape(len(chosen), *shape(settings))
        arrays[f"{split}_x"] = np.ascontiguousarray(steps.swapaxes(0, 1))[None]
        arrays[f"{split}_y"] = classes[chosen][None, None]
    return arrays


def score(prediction: Array, y: Array) -> dict[str, Array]:
    """Accuracy and cross-entropy of class probabilities (replicate, 1, image, 10)."""
    probability = np.take_along_axis(prediction, np.asarray(y)[..., None].astype(np.intp), -1)[..., 0].astype(np.float64)
    return {
        "accuracy": (prediction.argmax(-1) == y).mean((1, 2)),
        "cross_entropy": -np.log(np.maximum(probability, 1e-7)).mean((1, 2)),
    }


MNIST = TaskKind(
    shape=shape,
    outputs=10,
    loss="softmax_crossentropy",
    counts_every_step=False,
    telling=lambda time: time,
    prepare=prepare,
    score=score,
    profile=None,
    metrics=(
        Metric("accuracy", "accuracy", True, 0.0, 1.0),
        Metric("cross_entropy", "cross-entropy", False, float(-np.log(1e-7)), 0.0),
    ),
    references={"chance": {"accuracy": 0.1, "cross_entropy": float(np.log(10))}},
)
