"""What a variant is in the question. Its own file says so; no variant's name stands in this package."""

from enum import StrEnum

import pandas as pd


class Role(StrEnum):
    """At most one variant of a task has each."""

    POSTED = "posted"
    """The derivation as posted, in the recipe of the question."""
    EXACT = "exact"
    """The exact gradient in the same recipe."""
    NO_MEMORY = "no-memory"
    """A network without recurrence in the same recipe."""
    KERAS_TWIN = "keras-twin"
    """Keras with the weights, order, optimizer and schedule of the NumPy twin."""
    NUMPY_TWIN = "numpy-twin"
    """The exact gradient in NumPy, of which Keras's twin is the twin."""
    KERAS_DEFAULTS = "keras-defaults"
    """Keras as people use it."""


def playing(role: Role, variants: pd.DataFrame, task: str) -> str | None:
    """The variant with a role on a task, by the table `variants`; None where none was run."""
    found = variants.loc[(variants["task"] == task) & (variants["role"] == role), "variant"]
    return str(found.iloc[0]) if len(found) else None
