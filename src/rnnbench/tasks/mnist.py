"""Row MNIST: an image is a sequence of 28 rows of 28 pixels, read from the top; the class is asked for after the last row."""

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


def prepare(settings: Mapping[str, int], seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Integers]:
    """Validation and training images from the 60 000 official training images, stratified; test images from the 10 000.

    settings: "train", "validation", "test", how many of each. Raises ValueError where there are not as many.
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
        arrays[f"{split}_x"] = np.ascontiguousarray(pixels[chosen].swapaxes(0, 1))[None]
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
    inputs=28,
    outputs=10,
    loss="softmax_crossentropy",
    counts_every_step=False,
    telling=lambda time: time,
    prepare=prepare,
    score=score,
    metrics=(
        Metric("accuracy", "accuracy", True, 0.0, 1.0),
        Metric("cross_entropy", "cross-entropy", False, float(-np.log(1e-7)), 0.0),
    ),
    references={"chance": {"accuracy": 0.1, "cross_entropy": float(np.log(10))}},
)
