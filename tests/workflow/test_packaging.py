"""One set of versions, wherever they are installed from."""

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PEERS = (ROOT / "requirements-peers.lock").read_text(encoding="utf-8")


def locked(lock):
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", lock, flags=re.MULTILINE))


LOCKED = locked(LOCK)


@pytest.mark.parametrize("lock", [LOCK, PEERS])
def test_the_lock_pins_everything_by_hash_and_names_no_index(lock):
    assert "://" not in lock and "--index" not in lock and "--find-links" not in lock
    requirements = re.split(r"\n(?=\S)", lock.strip())
    assert len(requirements) == len(locked(lock)) > 50
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", requirement) for requirement in requirements)


def test_peers_come_beside_the_same_versions():
    assert LOCKED.items() <= locked(PEERS).items()
    assert {"jax", "torch"} == {"jax", "torch"} & locked(PEERS).keys() - LOCKED.keys()


def test_conda_users_get_the_same_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = (d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    lines = [re.sub(r" \\$", "", line) for line in LOCK.splitlines() if "==" in line and not line.startswith(" ")]
    assert pip == lines


def test_what_the_package_asks_for_is_locked():
    for requirement in metadata.requires("rnnbench"):
        name = re.match(r"[a-z0-9-]+", requirement)[0]
        assert name in (locked(PEERS) if 'extra == "peers"' in requirement else LOCKED), name


@pytest.mark.parametrize("package", ["numpy", "tensorflow", "keras", "snakemake", "pandas", "seaborn", "scipy", "matplotlib"])
def test_the_installed_version_is_the_locked_one(package):
    assert metadata.version(package) == LOCKED[package]


def test_the_pictures_of_the_readme_are_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(pictures) == 4 and all((ROOT / picture).is_file() for picture in pictures)


def test_make_and_the_package_agree_on_python():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11,<3.14"' in project
    assert "(3, 11) <= v <= (3, 13)" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (3, 11) <= sys.version_info[:2] <= (3, 13)
