"""The workflow in folders of its own: copied, configured, run, and what it left as hashes."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
CONFIG = ("--configfile", "study.yaml")
# Everything that a run may leave differently: how long it took, and what is written from that.
TIMED = {
    "cost.csv",
    "to_target.csv",
    "gradient_cost.csv",
    "update_cost.csv",
    "gradients.csv",
    "updates.csv",
    "times.csv",
}
TIMED |= {"training_time.svg", "scaling.svg", "updates.svg", "report.html", "answer.txt", "online.csv", "rules_pareto.svg"}


def copy(folder):
    """The workflow in a folder of its own, without results."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("Snakefile", "environment.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    for name in ("workflow", "src", "config", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return folder


def alone(environment=os.environ):
    """An environment in which the package is found beside the workflow alone."""
    return {name: value for name, value in environment.items() if name != "PYTHONPATH"}


def snakemake(folder, *arguments, cores=2, check=True):
    """Run Snakemake there."""
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=alone(), stdin=subprocess.DEVNULL)
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def configure(folder, **changes):
    """Write a config, that of the study with changes, and return the arguments that use it."""
    config = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    (folder / "study.yaml").write_text(yaml.safe_dump({**config, **changes}), encoding="utf-8")
    return CONFIG


def small(folder, variants):
    """A study of these variants on XOR, as short as the quick one, in a folder of its own, configured by study.yaml."""
    copy(folder)
    shutil.copy(folder / "config" / "quick.yaml", folder / "study.yaml")
    configure(folder, variants={"xor": variants, "elman": [], "mnist": []}, claims=[], ladder={})
    return folder


def without_timing(path):
    """The content of a result with its timing taken out."""
    if path.name == "learning_rates.csv" or path.parent.parent.name == "rates":
        return pd.read_csv(path, dtype=str).drop(columns="seconds").to_csv().encode()
    if path.name not in ("run.json", "provenance.json"):
        return path.read_bytes()
    content = json.loads(path.read_text(encoding="utf-8"))
    for run in content.get("runs", [content]):
        del run["timing"]
    return json.dumps(content).encode()


def hashes(folder):
    """SHA-256 of every result but timing and logs, by its path."""
    results = folder / "results"
    return {
        str(path.relative_to(results)): hashlib.sha256(without_timing(path)).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.name not in TIMED and not {"logs", "records"} & {*path.parts} and not path.name.startswith(".")
    }
