"""The page with its pictures, drawn once for all tests of it."""

import pytest
from reports import VARIANTS, report, several, tables

from rnnbench.gradients.posted import Posted


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    return report(tmp_path_factory.mktemp("pictures"), tables(variants=VARIANTS, points=(0, 1, 3, 9, 27)))


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    """A report of real shape: 32 variants of three recipes on three tasks, of which one is drawn, as they look alike."""
    named = ["numpy-posted", "numpy-rtrl-online", "numpy-mlp", "keras", "keras-default"]
    names = [*named, *(f"variant-{number:02d}" for number in range(27))]
    made = tables(variants=names, replicates=64, points=range(40), posted=Posted, rungs=[*named[:4], *names[5:8]])
    recipes = {name: f"recipe {number % 3}" for number, name in enumerate(names)}
    made = made.replaced(final=made.final.assign(recipe=made.final["variant"].map(recipes)))
    tasks = ("xor", "elman", "mnist")
    return report(tmp_path_factory.mktemp("large"), several(made, tasks), tasks, drawn=("_study", "xor"))
