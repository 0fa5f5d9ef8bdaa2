"""The page with its pictures, drawn once for all tests of it."""

import pytest
from reports import VARIANTS, report, tables


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    return report(tmp_path_factory.mktemp("pictures"), tables(variants=VARIANTS, points=(0, 1, 3, 9, 27)))
