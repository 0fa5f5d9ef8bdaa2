"""MNIST read as a sequence, from the top left; the class is asked for after the last step.

A step is a row of 28 pixels (row MNIST), or any number of pixels that divides an image, down to one: 784 steps, the "pixel by
pixel MNIST" of Q. V. Le, N. Jaitly and G. E. Hinton, arXiv:1504.00941. Images may be averaged down to 14 x 14 or 7 x 7 first.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.seeds import stream
from rnnbench.study.tasks.base import SPLITS, Metric, Task
from rnnbench.study.tasks.mnist_files import CANONICAL, FILES, fetch, read_idx


def stratified(labels: Integers, count: int, rng: np.random.Generator) -> Integers:
    """`count` indices into `labels`, drawn so that each class keeps its share to within one."""
    by_class = np.lexsort((rng.random(len(labels)), labels))
    return by_class[np.arange(count) * len(labels) // count]


IMAGES = 60_000  # of which training and validation take theirs
SIDE = 28  # pixels of an image


def averaged(images: Integers, side: int) -> Integers:
    """Images (image, 28, 28) averaged down to `side` pixels a side, rounded."""
    step = SIDE // side
    if step == 1:
        return images
    blocks = images.reshape(len(images), side, step, side, step).mean((2, 4))
    return np.rint(blocks).astype(images.dtype)


class Mnist(Task):
    """One image is one sequence, the same images for every replicate; the class is asked for after its last step.

    sizes: "train", "validation" and "test", images of each; "side", pixels of a side; "pixels", those of a step.
    """

    unit = "images"
    sizes_schema: ClassVar = {
        "properties": {
            "train": {"type": "integer", "minimum": 1, "maximum": 60000, "description": "Training images."},
            "validation": {
                "type": "integer",
                "minimum": 1,
                "maximum": 60000,
                "description": "Images for the learning curves; with train at most 60000.",
            },
            "test": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "Images looked at once, at the end."},
            "side": {"enum": [28, 14, 7], "description": "Pixels of a side, to which images are averaged down. Default: 28."},
            "pixels": {
                "type": "integer",
                "minimum": 1,
                "description": "Pixels of a step, which must divide an image. Default: a row; 1 is pixel by pixel.",
            },
        },
        "required": ["train", "validation", "test"],
    }
    losses = ("softmax_crossentropy",)
    files: ClassVar = {FILES[name]: sha256 for name, sha256 in CANONICAL.items()}
    outputs = 10
    metrics = (
        Metric("accuracy", "accuracy", True, 0.0, 1.0),
        Metric("cross_entropy", "cross-entropy", False, float(-np.log(1e-7)), 0.0),
    )
    references: Mapping[str, Mapping[str, float]] = {"chance": {"accuracy": 0.1, "cross_entropy": float(np.log(10))}}

    def __init__(self, sizes: Mapping[str, int]) -> None:
        """Raises ValueError where pixels do not divide an image, or there are not as many images."""
        super().__init__(sizes)
        if (both := sizes["train"] + sizes["validation"]) > IMAGES:
            raise ValueError(f"train and validation are {both} images together, and there are {IMAGES}")
        self.side = sizes.get("side", SIDE)
        self.inputs = sizes.get("pixels", self.side)
        if self.side**2 % self.inputs:
            image = f"{self.side**2} pixels of an image of {self.side} by {self.side}"
            raise ValueError(f"pixels {self.inputs} does not divide the {image}")
        self.time = self.side**2 // self.inputs
        self.counted = np.array([self.time - 1])
        self.sequences = sizes["train"]

    def prepare(self, seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Array]:
        """Validation and training images from the 60 000 official training images, stratified; test images from the 10 000.

        Raises ValueError where there are not as many.
        """
        images, labels, test_images, test_labels = (read_idx(files[FILES[name]]) for name in CANONICAL)
        train, validation, test = (self.sizes[split] for split in SPLITS)
        if train + validation > len(labels) or test > len(test_labels):
            available = f"{len(labels)} images, test {test} in {len(test_labels)}"
            raise ValueError(f"mnist: train {train} + validation {validation} must fit in {available}")
        rng = stream(seed, "split")
        for_validation = stratified(labels, validation, rng)
        rest = np.setdiff1d(np.arange(len(labels)), for_validation)
        for_training = rest[stratified(labels[rest], train, rng)]
        for_test = stratified(test_labels, test, rng)
        arrays: dict[str, Array] = {"largest": np.array(255)}
        for split, pixels, classes, chosen in (
            ("train", images, labels, for_training),
            ("validation", images, labels, for_validation),
            ("test", test_images, test_labels, for_test),
        ):
            chosen = np.sort(chosen)
            steps = averaged(pixels[chosen], self.side).reshape(len(chosen), self.time, self.inputs)
            arrays[f"{split}_x"] = np.ascontiguousarray(steps.swapaxes(0, 1))[None]
            arrays[f"{split}_y"] = classes[chosen][None, None]
        return arrays

    def score(self, prediction: Array, y: Array) -> dict[str, Array]:
        """Accuracy and cross-entropy of class probabilities (replicate, 1, image, 10)."""
        probability = np.take_along_axis(prediction, np.asarray(y)[..., None].astype(np.intp), -1)[..., 0].astype(np.float64)
        return {
            "accuracy": (prediction.argmax(-1) == y).mean((1, 2)),
            "cross_entropy": -np.log(np.maximum(probability, 1e-7)).mean((1, 2)),
        }

    @classmethod
    def fetch(cls, out: Mapping[str, Path], local: str | None) -> None:
        """From `local`, a folder with the four files or mnist.npz, or from one of several places in the network."""
        fetch({name: out[file] for name, file in FILES.items()}, local)
