"""What a job leaves on each file that it makes: its hash, what it was made from, and the params.

By it whoever reads a file can tell whether it is whole and of this study, whatever Snakemake knows: its own records are gone with
.snakemake, and results may be copied, restored or cut short.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

RESULTS = Path("results")
RECORDS, ASKED, DATA = RESULTS / "records", RESULTS / "asked.json", RESULTS / "data"


class UnfitError(Exception):
    """Files are not what they should be; the message names each, with the reason and the mend."""


def sha256(path: str | Path) -> str:
    """Of a file's content."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_of(path: str | Path) -> Path:
    """Where the record of a file below results/ lies."""
    return RECORDS / f"{Path(path).relative_to(RESULTS)}.json"


def recorded(path: str | Path) -> bool:
    """Whether a path is that of a file that jobs leave a record of; data that is fetched is known by its own hashes."""
    own = Path(path)
    return own.is_relative_to(RESULTS) and own != ASKED and not own.is_relative_to(DATA) and not own.is_dir()


def hashes(paths: Iterable[str]) -> dict[str, str]:
    """The hashes of those of the paths that are files."""
    return {path: sha256(path) for path in sorted(set(paths)) if Path(path).is_file()}


def leave(outputs: Iterable[str], made_from: Mapping[str, str], params: Mapping[str, Any], wildcards: Mapping[str, str]) -> None:
    """Write the record of every output. made_from: hashes of the inputs, as they were when the job began."""
    told = {"from": dict(made_from), "wildcards": dict(wildcards), "params": dict(params)}
    for path, found in hashes(filter(recorded, outputs)).items():
        to = record_of(path)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(json.dumps({"sha256": found, **told}, indent=1, default=str) + "\n", encoding="utf-8")


def check(inputs: Mapping[str, str]) -> None:
    """Raise UnfitError where a file is not as its job wrote it. inputs: the hashes found, by path."""
    wrong = {path: why for path, found in inputs.items() if recorded(path) and (why := _changed(_read(path), found))}
    if wrong:
        raise UnfitError(in_words(wrong))


SAYS = ("library", "gradient", "recipe", "change", "role")
"""Params in which a variant's file says what it is."""


def rewritten(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file, unless that is what it holds."""
    text = json.dumps(content, indent=1, sort_keys=True, default=str) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Asked:
    """What a study asks for now, and what of the files that are there fits it."""

    def __init__(self, config: Mapping[str, Any], said: Mapping[str, Mapping[str, Any]], codes: Mapping[str, str]) -> None:
        """said: params of the variants' rules. codes: the digest of the code of some files, by path."""
        self.config, self.said, self.codes = config, said, codes
        self.unfit, self._sha256 = cache(self._unfit), cache(sha256)

    @classmethod
    def read(cls, path: Path) -> "Asked":
        """From the file that the workflow writes."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def check(self, files: Iterable[str]) -> None:
        """Raise UnfitError where a file does not fit."""
        if wrong := {file: why for file in files if (why := self.unfit(file))}:
            raise UnfitError(in_words(wrong))

    def _unfit(self, file: str) -> str:
        """Why a file, or what it was made from, is not of this study; empty if it is."""
        if not Path(file).exists():
            return "is not there"
        record = _read(file)
        if record is None:
            return NO_RECORD
        if why := _changed(record, self._sha256(file)):
            return why
        if others := list(self._differences(file, record)):
            return f"was made with {', '.join(others)}"
        for source, found in record["from"].items():
            if not Path(source).is_file():
                return f"was made from {source}, which is gone"
            if self._sha256(source) != found:
                return f"was made from another {source}"
            if recorded(source) and (why := self.unfit(source)):
                return f"was made from {source}, which {why}"
        return ""

    def _differences(self, file: str, record: Mapping[str, Any]) -> Iterator[str]:
        params, wildcards = record["params"], record["wildcards"]
        now: dict[str, Any] = {"seed": self.config["seed"], "settings": self.config["tasks"].get(wildcards.get("task"))}
        now |= {"updates": self.config["trial"]["updates"], "config": self.config["cost"]}
        if "rule" in params:
            now["lengths"] = self.config["trial"]["lengths"]
        if "library" in params:
            variant = self.said.get(wildcards["variant"], {})
            now |= {key: variant.get(key) for key in SAYS}
        for key, value in now.items():
            if key in params:
                yield from differences(params[key], json.loads(json.dumps(value, default=str)), key)
        if file in self.codes and params["code"] != self.codes[file]:
            yield "other code"


def differences(then: Any, now: Any, key: str) -> Iterator[str]:
    """What was otherwise, a phrase each: keys with their values then and now."""
    if isinstance(then, dict) and isinstance(now, dict):
        for of in sorted({*then, *now}):
            yield from differences(then.get(of), now.get(of), f"{key}.{of}".removeprefix("settings."))
    elif then != now:
        yield f"{key} {_short(then)} where {_short(now)} is asked for"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def in_words(wrong: Mapping[str, str]) -> str:
    """What is wrong with which files, and what to do."""
    told = "\n".join(f"{file} {why}" for file, why in list(wrong.items())[:MOST])
    if len(wrong) > MOST:
        told += f"\nand so on, {len(wrong)} files in all"
    return f"{told}\nRemove them, or all results by `make clean`, and run the same command again"


MOST, LONGEST = 5, 60
"""Files that a message names, and characters of a value."""
NO_RECORD = "has no record of how it was made"


def _read(path: str | Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(record_of(path).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return None


def _changed(record: Mapping[str, Any] | None, found: str) -> str:
    if record is None:
        return NO_RECORD
    return "" if record["sha256"] == found else "is not as its job wrote it: it was changed or cut short"
