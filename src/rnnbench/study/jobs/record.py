"""What a job leaves on each file that it makes: its hash, what it was made from, the params, and where that was.

By it whoever reads a file can tell whether it is whole and of this study, whatever Snakemake knows: its own records are gone with
.snakemake, and results may be copied, restored or cut short.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rnnbench.environment import here

RESULTS = Path("results")
RECORDS, ASKED, DATA, UNFIT = (RESULTS / name for name in ("records", "asked", "data", "unfit.txt"))


class UnfitError(Exception):
    """Files are not what they should be; the message names some, with the reasons and the mend."""


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
    return own.is_relative_to(RESULTS) and not any(own.is_relative_to(other) for other in (ASKED, DATA)) and not own.is_dir()


def hashes(paths: Iterable[str]) -> dict[str, str]:
    """The hashes of those of the paths that are files."""
    return {path: sha256(path) for path in sorted(set(paths)) if Path(path).is_file()}


def leave(outputs: Iterable[str], made_from: Mapping[str, str], params: Mapping[str, Any]) -> None:
    """Write the record of every output. made_from: hashes of the inputs, as they were when the job began."""
    of_all = {"from": dict(made_from), "params": dict(params), "made_on": here()}
    for path, found in hashes(filter(recorded, outputs)).items():
        written(record_of(path), {"sha256": found, **of_all})


def made_on(path: str | Path) -> dict[str, str]:
    """The node that a file was made on, and its kind of CPU; empty where that is not known."""
    found: dict[str, str] = (_read(path) or {}).get("made_on", {})
    return found


def check(inputs: Mapping[str, str]) -> None:
    """Raise UnfitError where a file is not as its job wrote it. inputs: the hashes found, by path."""
    wrong = {path: why for path, found in inputs.items() if recorded(path) and (why := _changed(_read(path), found))}
    if wrong:
        raise UnfitError(in_words(wrong))


def written(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another process may write the same at the same time, on this node or another.
    part = path.with_name(f"{path.name}.{platform.node()}.{os.getpid()}")
    part.write_text(json.dumps(content, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8")
    part.replace(path)


def asked(files: Mapping[str, Any], last: str) -> str:
    """A file that holds what every file of a study is to be made with, under a name by its content.

    files: the params by path. last: a file that is made of it. If that was made of another one, or its record is gone, the file
    is as new as now, so that Snakemake makes `last` again even if it knows nothing of how it was made.
    """
    text = json.dumps(files, sort_keys=True, default=str)
    path = ASKED / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    made_of = (_read(last) or {"from": {}})["from"]
    if not path.exists() or str(path) not in made_of:
        written(path, files)
    return str(path)


class Asked:
    """What a study asks for now, and what of the files that are there fits it."""

    def __init__(self, params: Mapping[str, Mapping[str, Any]]) -> None:
        """params: those that files are to be made with, by path."""
        self.params = params
        self.unfit, self._sha256 = cache(self._unfit), cache(sha256)

    @classmethod
    def read(cls, path: str) -> "Asked":
        """From the file that `asked` wrote."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")))

    def check(self, files: Iterable[str]) -> None:
        """Raise UnfitError where a file does not fit, or what it was made from. All that do not are listed in `UNFIT`."""
        wrong: dict[str, str] = {}
        for file in files:
            self._collect(file, wrong)
        if wrong:
            UNFIT.write_text("".join(f"{file}\n" for file in wrong), encoding="utf-8")
            raise UnfitError(in_words(wrong))

    def _collect(self, file: str, wrong: dict[str, str]) -> None:
        """Put a file that does not fit among the wrong ones, and before it what it was made from that does not either."""
        if file in wrong or not (why := self.unfit(file)):
            return
        for source in (_read(file) or {"from": {}})["from"]:
            if recorded(source) and Path(source).exists():
                self._collect(source, wrong)
        wrong[file] = why

    def _unfit(self, file: str) -> str:
        """Why a file, or what it was made from, is not of this study; empty if it is."""
        if not Path(file).exists():
            return "is not there"
        record = _read(file)
        if record is None:
            return NO_RECORD
        if why := _changed(record, self._sha256(file)):
            return why
        if others := list(differences(record["params"], self.params.get(file, record["params"]), "")):
            return f"was made with {', '.join(others)}"
        for source, found in record["from"].items():
            if not Path(source).is_file():
                return f"was made from {source}, which is gone"
            if self._sha256(source) != found:
                return f"was made from another {source}"
            if recorded(source) and (why := self.unfit(source)):
                return f"was made from {source}, which {why}"
        return ""


def differences(then: Any, now: Any, key: str) -> Iterator[str]:
    """What was otherwise, a phrase each: keys with their values then and now."""
    if isinstance(then, dict) and isinstance(now, dict):
        for of in sorted({*then, *now}):
            yield from differences(then.get(of), now.get(of), f"{key}.{of}".removeprefix("."))
    elif then != now:
        yield "other code" if key == "code" else f"{key} {_short(then)} where {_short(now)} is asked for"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def in_words(wrong: Mapping[str, str]) -> str:
    """What is wrong with which files, and what to do."""
    told = "\n".join(f"{file} {why}" for file, why in list(wrong.items())[:MOST])
    if len(wrong) <= MOST:
        return f"{told}\nRemove what is named here, and run the same command again"
    return (
        f"{told}\nand so on: {len(wrong)} files do not fit, all of them listed in {UNFIT}. Remove them (xargs rm < {UNFIT}), or"
        " all results by `make clean`, and run the same command again"
    )


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
