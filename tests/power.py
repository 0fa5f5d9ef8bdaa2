"""The power of the tests: plant errors in the sources, one at a time, and count those that the tests see.

    python tests/power.py [--tree DIR] [--jobs N] [--only NAME] [--results FILE]

Each error of `plants.py` is planted in a copy of the tree, and the tests nearest to it run. Errors that these do not see are
planted again before all other tests but those of the workflow and the browser. Results are appended to a file, and what is in
it already is not run again, so an interrupted run goes on where it was. The exit status is 1 where an error was not seen.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import Queue
from typing import NamedTuple

from plants import PLANTS, Plant

ROOT = Path(__file__).parents[1]
SOURCES = ("src", "workflow")
LEFT_OUT = (".git", ".venv", ".snakemake", "results", "__pycache__", ".*_cache", "*.egg-info")
LEAVE = ("tests/workflow", "tests/study/report/test_browser.py", "tests/report/test_browser.py")
NEAREST, REST = 300, 3000
"""Seconds that the nearest tests and all others may take."""


RUNNING: set[int] = set()
"""Tests that are running, each the leader of a group of processes."""


class Result(NamedTuple):
    """by: the test that saw the error, "" for none. seconds: until then."""

    name: str
    seen: bool
    by: str
    seconds: float


def place(tree: Path, plant: Plant) -> tuple[Path, str]:
    """The file of a plant and its text with the error in it. Raises LookupError unless one file has the snippet, once."""
    for snippet, replacement in plant.ways:
        found = [
            (file, text)
            for folder in SOURCES
            for file in sorted((tree / folder).rglob("*"))
            if file.suffix in (".py", ".smk", ".js") and snippet in (text := file.read_text(encoding="utf-8"))
        ]
        if len(found) == 1 and found[0][1].count(snippet) == 1:
            file, text = found[0]
            return file, text.replace(snippet, replacement)
        if found:
            raise LookupError(f"{plant.name}: the snippet stands in {', '.join(str(f.relative_to(tree)) for f, _ in found)}")
    raise LookupError(f"{plant.name}: the snippet is nowhere")


def copied(tree: Path, folder: Path) -> Path:
    """A copy of all that the tests read."""
    return Path(shutil.copytree(tree, folder / "tree", symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT)))


def tests(tree: Path, arguments: list[str], seconds: float) -> tuple[bool, str]:
    """Whether the tests pass, and else the first that does not."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *arguments]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=tree, env=environment, text=True, start_new_session=True, **pipes)
    RUNNING.add(process.pid)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True, f"no end within {seconds} s"
    finally:
        RUNNING.discard(process.pid)
    if process.returncode < 0:
        raise RuntimeError(f"the tests were stopped by signal {-process.returncode}")
    if process.returncode in (0, 5):  # 5: none was asked for
        return True, ""
    failed = re.search(r"^(?:FAILED|ERROR) (?:tests/)?(\S+)", output, flags=re.MULTILINE)
    return False, failed[1] if failed else f"exit {process.returncode}: {output.strip()[-300:]}"


def tried(tree: Path, plant: Plant, number: int, nearest: bool) -> Result:
    """Plant, run the nearest tests or all others, and take the plant out again."""
    file, text = place(tree, plant)
    right, stamp, begun = file.read_text(encoding="utf-8"), file.stat().st_mtime, time.monotonic()
    near: dict[str, None] = {}
    words = []
    for name in plant.nearest.split():
        stem, _, word = name.partition(":")
        near |= dict.fromkeys(map(str, sorted((tree / "tests").rglob(f"{stem}.py"))))
        words.append(f"({stem} and {word})" if word else stem)
    others = [f"--ignore={tree / path}" for path in LEAVE]
    others += [f"--deselect={path}" for path in near] if not any(":" in name for name in plant.nearest.split()) else []
    file.write_text(text, encoding="utf-8")
    # Compiled files are told apart by the second that their source is of.
    os.utime(file, (stamp + 10 + number, stamp + 10 + number))
    try:
        passed, by = tests(tree, [*near, "-k", " or ".join(words)], NEAREST) if nearest else tests(tree, others, REST)
    finally:
        file.write_text(right, encoding="utf-8")
        os.utime(file, (stamp, stamp))
    return Result(plant.name, not passed, by, time.monotonic() - begun)


def stop(number: int, frame: object) -> None:
    """Leave no tests behind."""
    for group in RUNNING:
        os.killpg(group, signal.SIGKILL)
    os._exit(128 + number)


def main() -> int:
    """Try all plants that are not in the results yet; print them as they come, and the count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, default=ROOT, help="whose sources and tests (default: this one)")
    parser.add_argument("--jobs", type=int, default=1, help="copies of the tree that are tested side by side")
    parser.add_argument("--only", default="", help="plants whose name has this in it; they are run again")
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "power.jsonl", help="JSON, a line per plant")
    parser.add_argument("--nearest", action="store_true", help="run the nearest tests alone")
    parser.add_argument("--list", action="store_true", help="say where each plant goes, and run nothing")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    tree = options.tree.resolve()
    asked, absent = [], []
    for plant in PLANTS:
        if options.only in plant.name:
            try:
                file, _ = place(tree, plant)
            except LookupError as nowhere:
                absent.append(str(nowhere))
                continue
            asked.append(plant)
            if options.list:
                print(f"{plant.name}  ({file.relative_to(tree)})")
    for error in absent:
        print(f"absent     {error}", file=sys.stderr)
    if options.list:
        return 1 if absent else 0
    lines = options.results.read_text(encoding="utf-8").splitlines() if options.results.exists() else []
    results = {result.name: result for result in (Result(**json.loads(line)) for line in lines)}
    left = [plant for plant in asked if options.only or plant.name not in results]
    options.results.parent.mkdir(parents=True, exist_ok=True)
    trees: Queue[Path] = Queue()

    def run(numbered: tuple[int, Plant], nearest: bool) -> Result:
        folder = trees.get()
        try:
            return tried(folder, numbered[1], numbered[0], nearest)
        finally:
            trees.put(folder)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        for number in range(min(options.jobs, len(left))):
            trees.put(copied(tree, Path(folder, str(number))))
        for nearest in (True, False)[: 1 if options.nearest else 2]:
            for result in pool.map(partial(run, nearest=nearest), enumerate(left)):
                if nearest and not result.seen:
                    print(f"{'not yet':10} {result.seconds:6.0f} s  {result.name}  {result.by}", flush=True)
                    continue
                results[result.name] = result
                with options.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(result._asdict()) + "\n")
                print(
                    f"{'seen' if result.seen else 'NOT SEEN':10} {result.seconds:6.0f} s  {result.name}  {result.by}", flush=True
                )
            left = [plant for plant in left if plant.name not in results or not results[plant.name].seen]
    told = [results.get(plant.name, Result(plant.name, False, "", 0)) for plant in asked]
    missed = [result.name for result in told if not result.seen]
    print(f"{len(told) - len(missed)} of {len(told)} errors are seen" + (f"; not: {', '.join(missed)}" if missed else ""))
    return 1 if missed or absent else 0


if __name__ == "__main__":
    sys.exit(main())
