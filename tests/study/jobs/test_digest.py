"""A job's digest changes with the code that it runs, with nothing else, and covers all that it loads."""

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rnnbench.study.jobs import digest
from rnnbench.study.jobs.digest import UncoveredError, check_covered, covered

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "workflow" / "scripts"
UORO, RTRL = ("rnnbench.study.training.numpy_trainer", "rnnbench.gradients.uoro"), ("rnnbench.gradients.rtrl",)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package for digests to read, and a function that edits a file of it."""
    shutil.copytree(ROOT / "src" / "rnnbench", tmp_path / "rnnbench", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(digest, "SOURCE", tmp_path)

    def forget():
        for cached in (digest.fingerprint, digest.imports, digest.path_of, digest.data):
            cached.cache_clear()

    def edit(file, old, new):
        path = tmp_path / "rnnbench" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        forget()

    forget()
    yield edit
    forget()


def of_training(*entries):
    return digest.digest(SCRIPTS / "train.py", *entries)


@pytest.mark.parametrize(
    ("file", "old", "new", "uoro", "rtrl", "data", "page"),
    [
        ("gradients/uoro.py", "+ steps", "- steps", True, False, False, False),
        ("gradients/parts/noise.py", "BLOCK = 16", "BLOCK = 8", True, False, False, False),
        ("gradients/parts/sensitivity.py", "= 2**20", "= 2**19", False, True, False, False),
        ("gradients/base.py", "total /=", "total *=", True, True, False, True),
        ("network.py", "u[..., -1] = 1", "u[..., -1] = 2", True, True, True, True),
        ("study/training/keras_trainer.py", "= 25", "= 50", False, False, False, False),
        ("study/report/style.css", "{", "{ ", False, False, False, True),
        ("study/jobs/log.py", "PROGRESS = 25", "PROGRESS = 26", False, False, False, False),
        ("study/jobs/record.py", "= 5, 60", "= 5, 61", False, False, False, False),
    ],
)
def test_an_edit_changes_the_digests_of_those_that_run_it(package, file, old, new, uoro, rtrl, data, page):
    def digests():
        scripts = (SCRIPTS / name for name in ("prepare_task.py", "write_report.py"))
        return [of_training(*UORO), of_training(UORO[0], *RTRL), *map(digest.digest, scripts)]

    before = digests()
    package(file, old, new)
    assert [a != b for a, b in zip(before, digests(), strict=True)] == [uoro, rtrl, data, page]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""', '"""Reworded. '),
        ("\nclass ", "\n# a comment\n\nclass "),
        ("    def step(self, params: Parameters, window", "    def step(\n        self, params: Parameters, window"),
    ],
)
def test_an_edit_of_words_or_layout_changes_nothing(package, old, new):
    before = of_training(*UORO)
    package("gradients/uoro.py", old, new)
    assert of_training(*UORO) == before


def test_a_new_rule_changes_no_digest_of_another(package, tmp_path):
    before = of_training(*UORO)
    (tmp_path / "rnnbench" / "gradients" / "zzz.py").write_text("x = 1\n", encoding="utf-8")
    assert of_training(*UORO) == before


def test_a_file_of_ones_own_counts_by_its_content_and_by_that_of_what_it_imports(tmp_path):
    own, helper = tmp_path / "my_rule.py", tmp_path / "helper.py"
    own.write_text("import helper\nfrom rnnbench.gradients.rtrl import Rtrl\n", encoding="utf-8")
    helper.write_text("factor = 1\n", encoding="utf-8")
    before = of_training(str(own))
    own.touch()
    assert of_training(str(own)) == before
    assert "rnnbench.gradients.rtrl" in covered(SCRIPTS / "train.py", [str(own)])
    helper.write_text("factor = 2\n", encoding="utf-8")
    changed = of_training(f"{own}:Mine")
    assert changed.split(";")[0] != before.split(";")[0]


def test_the_packages_that_a_module_lies_in_are_run_too(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import rnnbench.gradients.peers.torch\n", encoding="utf-8")
    assert {"rnnbench", "rnnbench.gradients", "rnnbench.gradients.peers"} < set(covered(script, []))


def test_a_loaded_module_that_is_not_covered_is_an_error(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("rnnbench")]:
        monkeypatch.delitem(sys.modules, name)
    told = of_training(*UORO)
    for name in covered(SCRIPTS / "train.py", UORO):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    check_covered(SCRIPTS / "train.py", told)
    monkeypatch.setitem(sys.modules, "rnnbench.gradients.rtrl", ModuleType("rtrl"))
    with pytest.raises(UncoveredError, match=r"train\.py has loaded rnnbench\.gradients\.rtrl, which its digest does not cover"):
        check_covered(SCRIPTS / "train.py", told)


def test_what_only_a_type_checker_reads_is_not_run(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rnnbench.gradients import rtrl\nelse:\n"
        "    def f():\n        from rnnbench.gradients import uoro\n",
        encoding="utf-8",
    )
    assert digest.imports(file) == ("rnnbench.gradients", "rnnbench.gradients.uoro")
