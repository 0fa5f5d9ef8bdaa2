"""A study that is small enough to be run again and again."""

from workflows import small

RUNS = ["numpy-posted", "numpy-rtrl-online", "numpy-mlp", "keras", "rules-snap1", "rules-uoro"]


def study(folder):
    """Six variants, in a folder of their own."""
    return small(folder, RUNS)
