"""Where a result is from, how to have it again, and how to cite it."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any


def provenance(record: Mapping[str, Any]) -> str:
    """The record as JSON, a line for each run. What all runs share is there once; when each was looked at is in its run.json."""
    environment = record["environment"]
    runs = []
    for run in record["runs"]:
        told = {key: value for key, value in run.items() if key != "environment" or value != environment}
        timing = {key: value for key, value in run["timing"].items() if not isinstance(value, list)}
        runs.append(json.dumps({**told, "timing": timing}, ensure_ascii=False))
    rest = json.dumps({key: value for key, value in record.items() if key != "runs"}, indent=1, ensure_ascii=False)
    return rest.removesuffix("\n}") + ',\n "runs": [\n  ' + ",\n  ".join(runs) + "\n ]\n}"


def commands(commit: str, configfiles: Sequence[str]) -> str:
    """The commands for a result, and what they cannot bring back."""
    run = shlex.join(["snakemake", "--cores", "4", *(["--configfile", *configfiles] if configfiles else [])])
    if commit == "unknown":
        return f"# the code was not in a git checkout\n{run}"
    changed = "# and what had been changed or added since, which the commit does not have\n" if commit.endswith("+") else ""
    return f"git checkout {commit.rstrip('+')}\n{changed}{run}"


def bibtex(citation: Mapping[str, Any], commit: str) -> str:
    """An entry for a bibliography, from CITATION.cff and the commit."""
    names = [author.get("name") or f"{author['given-names']} {author['family-names']}" for author in citation["authors"]]
    lines = [
        "@software{rnnbench,",
        f"  title   = {{{_tex(citation['title'])}}},",
        f"  author  = {{{' and '.join(f'{{{_tex(name)}}}' for name in names)}}},",
        f"  version = {{{_tex(str(citation['version']))}}},",
        f"  note    = {{commit {commit.rstrip('+')}}}",
        "}",
    ]
    return "\n".join(lines)


def _tex(text: str) -> str:
    """A text in which nothing is a command of TeX."""
    commands: dict[str, str | int | None] = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    commands |= {sign: f"\\{sign}" for sign in "&%$#_{}"}
    return text.translate(str.maketrans(commands))
