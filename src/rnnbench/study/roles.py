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
    """Keras with the weights, order, optimizer and schedule of a training in NumPy, see `twin`."""
    KERAS_DEFAULTS = "keras-defaults"
    """Keras as people use it."""


def playing(role: Role, variants: pd.DataFrame, task: str) -> str | None:
    """The variant with a role on a task, by the table `variants`; None where none was run."""
    found = variants.loc[(variants["task"] == task) & (variants["role"] == role), "variant"]
    return str(found.iloc[0]) if len(found) else None


def twin(variants: pd.DataFrame, task: str) -> str | None:
    """The training in NumPy of which Keras's twin is the twin: the same gradient and recipe, unchanged in neither."""
    own = variants[variants["task"] == task]
    keras = own[own["role"] == Role.KERAS_TWIN]
    alike = own[own["library"] == "numpy"].merge(keras[["gradient", "recipe", "change"]])
    return str(alike["variant"].iloc[0]) if len(alike) else None
