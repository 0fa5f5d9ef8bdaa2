"""One set of versions, wherever they are installed from; and a wheel whose core needs NumPy alone."""

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml

import rnnbench

ROOT = Path(__file__).parents[2]
LOCKS = {
    name: (ROOT / f"{name}.lock").read_text("utf-8")
    for name in ("requirements", "requirements-develop", "requirements-peers", "requirements-store")
}


def locked(lock):
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", LOCKS[lock], flags=re.MULTILINE))


STUDY, DEVELOP, PEERS, STORE = map(locked, LOCKS)
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_everything_by_hash_and_names_no_index(lock):
    text = LOCKS[lock]
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) == len(locked(lock)) > 50
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", requirement) for requirement in requirements)


def test_tests_peers_and_stores_come_beside_the_same_versions():
    assert all(STUDY.items() <= others.items() for others in (DEVELOP, PEERS, STORE))
    assert {"jax", "torch"} <= PEERS.keys() - STUDY.keys()
    assert {"moto", "snakemake-storage-plugin-s3"} <= STORE.keys() - STUDY.keys()


def test_what_only_tests_and_locking_need_is_not_installed_for_a_study():
    group = re.search(r"^develop = \[\n(.*?)^\]", PROJECT, flags=re.DOTALL | re.MULTILINE)[1]
    names = re.findall(r'"([a-z-]+)>=', group)
    assert {"pytest", "uv", "ruff"} <= set(names) <= DEVELOP.keys() and not STUDY.keys() & set(names)


@pytest.mark.parametrize("name", ["a b", "a;b", "a$b", "a'b", 'a"b', "a(b", "a&b", "a*b"])
def test_a_path_that_snakemake_does_not_quote_is_refused_before_anything_is_installed(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    for file in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / file, folder)
    done = subprocess.run(["make", "quick", f"PYTHON={sys.executable}"], cwd=folder, capture_output=True, text=True)
    assert done.returncode and "the path of this folder has characters that Snakemake does not quote" in done.stderr
    assert not (folder / ".venv").exists()


def test_a_study_that_fails_is_reported_on_unless_another_is_at_work_in_the_folder(tmp_path):
    for file in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / file, tmp_path)
    snakemake, calls = tmp_path / ".venv" / "bin" / "snakemake", tmp_path / "calls"
    snakemake.parent.mkdir(parents=True)
    snakemake.write_text('#!/bin/sh\necho "$@" >> calls\nexit 1\n', encoding="utf-8")
    snakemake.chmod(0o755)
    (tmp_path / ".venv" / "ready").touch()
    for others, reports in ((False, 1), (True, 0)):
        if others:
            (tmp_path / ".snakemake" / "locks").mkdir(parents=True)
        assert subprocess.run(["make", "quick"], cwd=tmp_path, capture_output=True).returncode
        assert calls.read_text(encoding="utf-8").count("partial_report") == reports
        calls.unlink()


def test_conda_users_get_the_same_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = (d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    lines = [re.sub(r" \\$", "", line) for line in LOCKS["requirements"].splitlines() if "==" in line and line[0] != " "]
    assert pip == lines


@pytest.mark.parametrize("package", ["numpy", "tensorflow", "keras", "snakemake", "pandas", "seaborn", "scipy", "matplotlib"])
def test_the_installed_version_is_the_locked_one(package):
    assert metadata.version(package) == STUDY[package]


def test_the_least_snakemake_is_the_locked_one():
    least = re.search(r'min_version\("([^"]+)"\)', (ROOT / "Snakefile").read_text(encoding="utf-8"))[1]
    assert least == STUDY["snakemake"] and f'"snakemake>={least}"' in PROJECT


def test_the_core_has_no_upper_bound_on_python_and_the_study_says_its_own():
    assert 'requires-python = ">=3.11"\n' in PROJECT
    assert "(3, 11) <= v <= (3, 13)" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == rnnbench.__version__
    assert f"## {rnnbench.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built without a network, by the setuptools that is installed."""
    folder, tree = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, tree]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True, capture_output=True)
    (found,) = folder.glob("rnnbench-*.whl")
    return found


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        about = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    sources = {str(file.relative_to(ROOT / "src")) for file in (ROOT / "src" / "rnnbench").rglob("*") if file.is_file()}
    sources = {name for name in sources if "__pycache__" not in name}
    assert sources == {name for name in names if ".dist-info/" not in name}
    needed = re.findall(r"^Requires-Dist: ([a-z0-9-]+)[^;\n]*(;.*)?$", about, flags=re.MULTILINE)
    assert {name for name, marker in needed if not marker} == {"numpy"}
    assert "<" not in re.search(r"^Requires-Python: (.*)$", about, flags=re.MULTILINE)[1]


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """A new environment with NumPy and the wheel, and nothing else; the Python that runs there."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    found = metadata.distribution("numpy")
    for top in {Path(file).parts[0] for file in found.files if ".." not in Path(file).parts}:
        (packages / top).symlink_to(found.locate_file(top))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    return folder / "bin" / "python"


def run(python, *arguments, cwd):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [python, "-c", "import sys; from rnnbench.cli import main; sys.exit(main())", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cwd, check=False)


def test_a_derivation_is_tried_with_numpy_alone(bare, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = next(block for block in re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL) if "class MyRule" in block)
    (tmp_path / "my_rule.py").write_text(example, encoding="utf-8")
    done = run(bare, "trial", "my_rule.py", "--layers", "1", cwd=tmp_path)
    assert done.returncode == 1 and "only lag 0 is right" in done.stdout, done.stdout + done.stderr
    done = run(bare, "rules", cwd=tmp_path)
    assert done.returncode == 0 and "ok-rtrl" in done.stdout
    missing = subprocess.run([bare, "-c", "import pandas"], capture_output=True, check=False)
    assert missing.returncode != 0
