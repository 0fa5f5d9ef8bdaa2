"""What a job leaves on the files that it makes: their hashes, what they were made from, the params, and where that was.

By it whoever reads a file can tell whether it is whole and of this study, whatever Snakemake knows: its own records are gone with
.snakemake, and results may be copied, restored or cut short. A record is an output of its job, and an input of every job that
reads one of its files, so that it goes where the files go.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rnnbench.environment import here
from rnnbench.study.writing import write_whole

RESULTS = Path("results")
RECORDS, ASKED, DATA, UNFIT = (RESULTS / name for name in ("records", "asked", "data", "unfit.txt"))


class UnfitError(Exception):
    """Files are not what they should be; the message names some, with the reasons and the mend."""


def sha256(path: str | Path) -> str:
    """Of a file's content."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def recorded(path: str | Path) -> bool:
    """Whether a path is that of a file that jobs record; data that is fetched is known by its own hashes."""
    own = Path(path)
    return own.is_relative_to(RESULTS) and not any(own.is_relative_to(other) for other in (RECORDS, ASKED, DATA))


def hashes(paths: Iterable[str], root: str | Path = ".") -> dict[str, str]:
    """The hashes of those of the paths that are files, by where they lie below a root. root: where a store has its copies."""
    found = sorted({*map(Path, paths)})
    return {str(path.relative_to(root) if path.is_relative_to(root) else path): sha256(path) for path in found if path.is_file()}


def leave(path: str | Path, outputs: Mapping[str, str], made_from: Mapping[str, str], params: Mapping[str, Any]) -> None:
    """Write the record of a job. outputs, made_from: hashes; of the inputs, as they were when the job began."""
    files = {file: found for file, found in outputs.items() if recorded(file)}
    written(Path(path), {"files": files, "from": dict(made_from), "params": dict(params), "made_on": here()})


def written(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file, all of it or nothing."""
    write_whole(path, (json.dumps(content, indent=1, sort_keys=True, default=str) + "\n").encode())


class Records(dict[str, dict[str, Any]]):
    """By file, the record that has it."""

    @classmethod
    def read(cls, paths: Iterable[str | Path]) -> "Records":
        """From the files of records. One that is damaged is as good as none."""
        found = filter(None, map(_read, paths))
        return cls({file: record for record in found for file in record["files"]})

    def changed(self, file: str, found: str) -> str:
        """Why a file, whose hash is given, is not as its job wrote it; empty if it is."""
        if file not in self:
            return NO_RECORD
        return "" if self[file]["files"][file] == found else "is not as its job wrote it: it was changed or cut short"

    def check(self, inputs: Mapping[str, str]) -> None:
        """Raise UnfitError where a file is not as its job wrote it. inputs: the hashes found, by path."""
        wrong = {file: why for file, found in inputs.items() if recorded(file) and (why := self.changed(file, found))}
        if wrong:
            raise UnfitError(in_words(wrong))


def asked(jobs: Mapping[str, Any], last: str, decides: bool = True) -> str:
    """A file that holds what every job of a study is to be given, under a name by its content.

    jobs: the params by the name of the job. last: the record of the job that reads it. If that read another one, or its record is
    gone, the file is as new as now, so that Snakemake runs the job again even if it knows nothing of how it ran. decides: whether
    this process decides what runs; one that runs a job on another machine has no file there, and makes an old one. With a store
    the record is never here; that a file of the same content is new is no reason for Snakemake, which compares small files.
    """
    text = json.dumps(jobs, sort_keys=True, default=str)
    path = ASKED / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    made_of = (_read(last) or {"from": {}})["from"]
    if not path.exists() or (decides and str(path) not in made_of):
        written(path, jobs)
        if not decides:
            os.utime(path, (1, 1))
    return str(path)


class Asked:
    """What a study asks for now, and what of the files that are there fits it."""

    def __init__(self, jobs: Mapping[str, Mapping[str, Any]], records: Records, root: str | Path = ".") -> None:
        """jobs: the params that they are to be given, by name. records: theirs. root: where a store has its copies."""
        self.jobs, self.records, self.root = jobs, records, root
        self.unfit, self._sha256 = cache(self._unfit), cache(sha256)

    @classmethod
    def read(cls, path: str, root: str | Path = ".") -> "Asked":
        """From the file that `asked` wrote, and the records of the jobs in it."""
        jobs = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(jobs, Records.read(Path(root, RECORDS, f"{job}.json") for job in jobs), root)

    def check(self, files: Iterable[str]) -> None:
        """Raise UnfitError where a file does not fit, or what it was made from. All that do not are listed in `UNFIT`."""
        wrong: dict[str, str] = {}
        for file in files:
            self._collect(file, wrong)
        if wrong:
            UNFIT.parent.mkdir(exist_ok=True)
            UNFIT.write_text("".join(f"{file}\n" for file in wrong), encoding="utf-8")
            raise UnfitError(in_words(wrong))

    def _collect(self, file: str, wrong: dict[str, str]) -> None:
        """Put a file that does not fit among the wrong ones, and before it what it was made from that does not either."""
        if file in wrong or not (why := self.unfit(file)):
            return
        for source in self.records.get(file, {"from": {}})["from"]:
            if recorded(source) and self._hash(source):
                self._collect(source, wrong)
        wrong[file] = why

    def _hash(self, file: str) -> str | None:
        """Of a file that is at hand."""
        path = Path(self.root, file) if recorded(file) else Path(file)
        return self._sha256(path) if path.is_file() else None

    def _unfit(self, file: str) -> str:
        """Why a file, or what it was made from, is not of this study; empty if it is. What it was made from may be elsewhere."""
        found = self._hash(file)
        return self._unlike(file, found) if found else "is not there"

    def _unlike(self, file: str, found: str) -> str:
        """Why a file with this hash, or what it was made from, is not of this study; empty if it is."""
        if why := self.records.changed(file, found):
            return why
        record = self.records[file]
        now = self.jobs.get(record["job"], record["params"])
        if others := list(differences(record["params"], now, "")):
            return f"was made with {', '.join(others)}"
        for source, then in record["from"].items():
            if not recorded(source):
                if self._hash(source) not in (then, None):
                    return f"was made from another {source}"
            elif source in self.records and self.records[source]["files"][source] != then:
                return f"was made from another {source}"
            elif why := self._unlike(source, self._hash(source) or then):
                return f"was made from {source}, which {why}"
        return ""


def differences(then: Any, now: Any, key: str) -> Iterator[str]:
    """What was otherwise, a phrase each: keys with their values then and now."""
    if isinstance(then, dict) and isinstance(now, dict):
        for of in sorted({*then, *now}):
            yield from differences(then.get(of), now.get(of), f"{key}.{of}".removeprefix("."))
    elif then != now:
        yield (
            "other code, or by another version of Python"
            if key == "code"
            else f"{key} {_short(then)} where {_short(now)} is asked for"
        )


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
    """A record, with the name of its job; None where it is not there, or no record."""
    try:
        found: dict[str, Any] = {"job": Path(path).stem, **json.loads(Path(path).read_text(encoding="utf-8"))}
    except (OSError, ValueError, TypeError):
        return None
    whole = all(isinstance(found.get(key), dict) for key in ("files", "from", "params", "made_on"))
    return found if whole else None
