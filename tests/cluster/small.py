"""A study that is small enough to be run again and again."""

import yaml
from workflows import configure, copy

RUNS = ["numpy-posted", "numpy-rtrl-online", "numpy-mlp", "keras", "rules-snap1", "rules-uoro"]


def study(folder):
    """Six variants on XOR, configured by study.yaml, in a folder of their own."""
    copy(folder)
    config = yaml.safe_load((folder / "config" / "quick.yaml").read_text(encoding="utf-8"))
    (folder / "study.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    configure(folder, variants={"xor": RUNS, "elman": [], "mnist": []}, claims=[], ladder={})
    return folder
