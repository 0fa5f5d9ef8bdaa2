"""What is pinned before NumPy loads, on whatever machine the command was given and the job runs."""

import pytest

from rnnbench import environment


@pytest.mark.parametrize(
    ("flags", "before", "after"),
    [
        (environment.AVX512 | {"avx2"}, {}, "SKYLAKEX"),
        (environment.AVX512, {"OPENBLAS_CORETYPE": "HASWELL"}, "SKYLAKEX"),
        ({"avx2"}, {"OPENBLAS_CORETYPE": "SKYLAKEX"}, None),
        ({"avx2"}, {"OPENBLAS_CORETYPE": "HASWELL"}, "HASWELL"),
        ({"avx2"}, {}, None),
    ],
)
def test_a_node_gets_kernels_that_it_can_run(monkeypatch, flags, before, after):
    """A cluster hands on the environment of the node where the command was given."""
    monkeypatch.setattr(environment, "cpu_flags", lambda: flags)
    pinned = dict(before)
    environment.pin(pinned)
    assert pinned.get("OPENBLAS_CORETYPE") == after and environment.is_pinned(pinned)
