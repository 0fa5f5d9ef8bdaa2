"""The study of these tests as it is without a cluster."""

import pytest
from cluster.small import study
from workflows import CONFIG, hashes, snakemake


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """Hashes of what it leaves."""
    folder = study(tmp_path_factory.mktemp("local") / "study")
    snakemake(folder, *CONFIG)
    return hashes(folder)
