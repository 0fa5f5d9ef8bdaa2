"""Faults and mistakes, each planted in a finished study or beside the trial: what is said, and what is kept, as docs/faults.md.

    python tests/faults.py [WORD ...] > docs/faults.md

WORD: of the faults to plant, all unless some are named. Ends with status 1 where something else is said than is expected here.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
from workflows import CONFIG, alone, configure, hashes, small

RUNS = ["numpy-posted", "numpy-bptt"]
PYTHON = sys.executable
SNAKEMAKE = [PYTHON, "-m", "snakemake", "--cores", "2", *CONFIG]
TRIAL = [str(Path(PYTHON).parent / "rnnbench"), "trial"]
VARIANT = "workflow/variants/{}.smk"
AGAIN = "gives the bits of before"
"""Said of a study that has the hashes that it had before the fault."""


class Fault(NamedTuple):
    """What is done to a folder, the command after it, and what must be said, a regular expression.

    limit: called in the command's process before it begins. succeeds: whether the command must end with 0.
    """

    kind: str
    name: str
    plant: Callable[[Path], object]
    says: str
    command: list[str] = SNAKEMAKE
    limit: Callable[[], None] | None = None
    succeeds: bool = False


def edited(file: str, old: str, new: str) -> Callable[[Path], object]:
    """Change a file of the folder."""

    def plant(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, (file, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def written(file: str, text: str | bytes) -> Callable[[Path], object]:
    """Write a file in the folder."""
    return lambda folder: (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())


def configured(**changes: object) -> Callable[[Path], object]:
    """Change the config."""
    return lambda folder: configure(folder, **changes)


def forgotten(plant: Callable[[Path], object]) -> Callable[[Path], object]:
    """All that Snakemake knows is gone, and something else."""
    return lambda folder: (shutil.rmtree(folder / ".snakemake"), plant(folder))


def cut(file: str) -> Callable[[Path], object]:
    """A file is cut short, its time kept."""

    def plant(folder: Path) -> None:
        path = folder / file
        times = path.stat()
        path.write_bytes(path.read_bytes()[:60])
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    return plant


def unfinished(folder: Path) -> None:
    """Runs, and all that is made of them, are gone."""
    for name in ("runs", "tables", "figures"):
        shutil.rmtree(folder / "results" / name)
    for name in ("report.html", "answer.txt"):
        (folder / "results" / name).unlink()


def killed(folder: Path) -> None:
    """Snakemake is killed while it trains; its jobs end with it."""
    unfinished(folder)
    process = subprocess.Popen(SNAKEMAKE, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(6)
    process.kill()
    process.wait()
    for _ in range(20):
        left = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, text=True).stdout.split()
        if not left:
            break
        time.sleep(0.5)
    assert not left, left
    subprocess.run([*SNAKEMAKE[:3], "--cores", "1", "--unlock"], cwd=folder, check=True, capture_output=True)


def failed(plant: Callable[[Path], object], mend: Callable[[Path], object]) -> Callable[[Path], object]:
    """Something is planted, the study fails of it, and it is mended."""

    def planted(folder: Path) -> None:
        plant(folder)
        assert subprocess.run(SNAKEMAKE, cwd=folder, env=alone(), capture_output=True).returncode
        subprocess.run(PARTIAL, cwd=folder, env=alone(), capture_output=True)
        mend(folder)

    return planted


def from_tomorrow(folder: Path) -> None:
    """Some files have times that are yet to come, as where the clock was set back."""
    for name in ("tasks/xor/splits.npz", "runs/xor/numpy-bptt/curves.csv", "tables/final.csv"):
        os.utime(folder / "results" / name, times=(time.time() + 86400,) * 2)


def moved(to: Callable[[Path], Path]) -> Callable[[Path], object]:
    """The results lie elsewhere, behind a link."""

    def plant(folder: Path) -> None:
        unfinished(folder)
        place = to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        (folder / "results").rename(place)
        (folder / "results").symlink_to(place)

    return plant


def locked(folder: Path) -> "subprocess.Popen[bytes]":
    """Another Snakemake is at work in the folder."""
    unfinished(folder)
    process = subprocess.Popen(SNAKEMAKE, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(folder.glob(".snakemake/locks/*")):
        time.sleep(0.5)
    return process


def small_files() -> None:
    """No file may have more than 100 kB: writing ends as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


BOMB = f"a: &a [{'1, ' * 60}]\nb: &b [{'*a, ' * 60}]\nc: &c [{'*b, ' * 60}]\n"
MINE = """\
use rule train as train_mine with:
    params:
        gradient={},
        recipe="online",
    wildcard_constraints:
        variant="mine",
"""
RULE = """\
from rnnbench.gradients.bptt import Bptt
{}
class Mine(Bptt):
    def step(self, *a):
        {}
        return super().step(*a)
"""
DRY = [*SNAKEMAKE, "-n"]
CURVES, POSTED = "results/runs/xor/numpy-bptt/curves.csv", "src/rnnbench/gradients/posted.py"
STEP = "carry: LayerwiseCarry) -> Step:\n"
FAILS = f"{STEP}        raise ValueError('planted')\n"
MINE_TRIED = [*TRIAL, "mine.py", "--layers", "1"]
PARTIAL = [*SNAKEMAKE[:5], "partial_report", *CONFIG]

FAULTS = [
    Fault(
        "results",
        "`.snakemake` removed, another seed asked for",
        forgotten(configured(seed=7)),
        r"splits\.npz was made with seed 1990 where 7 is asked for",
    ),
    Fault("results", "the same, and a partial report", forgotten(configured(seed=7)), r"no run has finished yet", PARTIAL),
    Fault(
        "results",
        "a run edited by hand",
        edited(CURVES, "0.2", "0.1"),
        r"curves\.csv is not as its job wrote it",
    ),
    Fault(
        "results",
        "the same, a partial report, and the file removed as told",
        failed(edited(CURVES, "0.2", "0.1"), lambda folder: (folder / CURVES).unlink()),
        AGAIN,
        succeeds=True,
    ),
    Fault(
        "results",
        "a table cut short, its time kept",
        cut("results/trial/staleness/xor.csv"),
        r"staleness/xor\.csv is not as its job wrote it",
        [*SNAKEMAKE, "--forcerun", "aggregate"],
    ),
    Fault(
        "results",
        "splits cut short, its time kept",
        cut("results/tasks/xor/splits.npz"),
        r"splits\.npz is not as its job wrote it",
        [*SNAKEMAKE, "--forcerun", "train_numpy_bptt"],
    ),
    Fault(
        "results",
        "a variant that worked now fails",
        edited(POSTED, STEP, FAILS),
        r"train_xor_numpy-posted: ValueError: planted",
        [*SNAKEMAKE, "--keep-going"],
    ),
    Fault(
        "results",
        "the same, a partial report, and the code as it was",
        failed(edited(POSTED, STEP, FAILS), edited(POSTED, FAILS, STEP)),
        AGAIN,
        succeeds=True,
    ),
    Fault("results", "all tables removed", lambda folder: shutil.rmtree(folder / "results" / "tables"), AGAIN, succeeds=True),
    Fault("results", "files from tomorrow", from_tomorrow, AGAIN, succeeds=True),
    Fault("results", "results behind a link, runs gone", moved(lambda folder: folder.parent / "elsewhere"), AGAIN, succeeds=True),
    Fault(
        "results",
        "results in a path of 900 characters",
        moved(lambda folder: folder.parent.joinpath(*["x" * 100] * 9, "r")),
        AGAIN,
        succeeds=True,
    ),
    Fault(
        "interruptions",
        "`kill -9` of Snakemake as it trains, then the same command",
        killed,
        AGAIN,
        [*SNAKEMAKE, "--rerun-incomplete"],
        succeeds=True,
    ),
    Fault(
        "interruptions",
        "a second command in the same folder",
        locked,
        r"Directory cannot be locked\..*",
        # As `make` has it; without, what the other is writing may be told as incomplete before the lock is met.
        [*SNAKEMAKE, "--rerun-incomplete"],
    ),
    Fault(
        "interruptions",
        "no file can grow, as on a full disk",
        unfinished,
        r"File too large.*",
        limit=small_files,
    ),
    Fault(
        "config",
        "a key twice",
        edited("study.yaml", "", "seed: 1\nseed: 3\n"),
        r"'seed' stands in line \d+ already",
        DRY,
    ),
    Fault("config", "a key mistyped", configured(sede=3), r"unknown key 'sede'; did you mean 'seed'\?", DRY),
    Fault(
        "config", "NaN for a target", configured(targets={"xor": float("nan")}), r"targets\.xor: nan is not a finite number", DRY
    ),
    Fault("config", "a number in quotes", configured(seed="3"), r"seed: '3' is not of type 'integer'", DRY),
    Fault("config", "a bomb of aliases", written("study.yaml", BOMB), r"with its aliases written out it has .* values", DRY),
    Fault(
        "config",
        "an alias within itself",
        written("study.yaml", "seed: 1\ntargets: &a [*a]\n"),
        r"with its aliases written out it has inf values",
        DRY,
    ),
    Fault("config", "not UTF-8", written("study.yaml", b"seed: 1 # \xe9\n"), r"UnicodeDecodeError: .*", DRY),
    Fault(
        "config",
        "an empty file",
        written("study.yaml", ""),
        r"Config file must be given as JSON or YAML with keys at top level",
        DRY,
    ),
    Fault(
        "variants",
        "a file copied and not edited",
        lambda folder: shutil.copy(folder / VARIANT.format("numpy-bptt"), folder / VARIANT.format("mine")),
        r"mine\.smk must derive train_mine from train",
        DRY,
    ),
    Fault("variants", "a syntax error", written(VARIANT.format("mine"), MINE.format("=")), r"SyntaxError in .*mine\.smk.*", DRY),
    Fault(
        "variants",
        "a file called null.smk",
        written(VARIANT.format("null"), ""),
        r"'null' in a table is not read as a name; rename the file",
        DRY,
    ),
    Fault(
        "variants",
        "a file called my rule.smk",
        written(VARIANT.format("my rule"), ""),
        r"a variant's name has letters, digits, - and _ alone; rename the file",
        DRY,
    ),
    Fault(
        "variants",
        "gradient=3",
        written(VARIANT.format("mine"), MINE.format("3")),
        r"mine\.smk: gradient must be a name, not 3",
        DRY,
    ),
    Fault(
        "places",
        "a folder called a;b, before anything is installed",
        lambda folder: None,
        r"the path of this folder has characters that Snakemake does not quote.*",
        ["make", ".venv/ready", f"PYTHON={PYTHON}"],
    ),
    Fault(
        "trial",
        "a rule that calls os._exit(0) at import",
        written("mine.py", RULE.format("import os; os._exit(0)", "pass")),
        r"rnnbench trial: the code ended its process \(exit status 0\) before there was a verdict",
        MINE_TRIED,
    ),
    Fault(
        "trial",
        "a rule that calls sys.exit(0) in a step",
        written("mine.py", RULE.format("import sys", "sys.exit(0)")),
        r"rnnbench trial: the code called sys\.exit\(0\)",
        MINE_TRIED,
    ),
    Fault(
        "trial",
        "a rule that kills itself",
        written("mine.py", RULE.format("import os", "os.kill(os.getpid(), 9)")),
        r"rnnbench trial: the process of the code was ended by SIGKILL .*",
        MINE_TRIED,
    ),
    Fault(
        "trial",
        "numpy.py beside the rule",
        lambda folder: (written("mine.py", RULE.format("", "pass"))(folder), written("numpy.py", "x = 1")(folder)),
        r"exact.*",
        MINE_TRIED,
        succeeds=True,
    ),
    Fault(
        "trial",
        "standard output is closed",
        written("mine.py", RULE.format("", "pass")),
        r"rnnbench trial: .*standard output is closed",
        ["sh", "-c", " ".join([*MINE_TRIED, ">&-"])],
    ),
    Fault(
        "trial",
        "standard output is full",
        written("mine.py", RULE.format("", "pass")),
        r"rnnbench trial: .*No space left on device",
        ["sh", "-c", " ".join([*MINE_TRIED, ">/dev/full"])],
    ),
]


def tried(fault: Fault, study: Path, folder: Path, before: dict[str, str]) -> tuple[str, str, bool]:
    """What is said, what is kept of the runs, and whether both are as they should be."""
    place = folder / ("a;b" if fault.kind == "places" else "study")
    shutil.copytree(study, place, symlinks=True)
    if fault.kind == "places":
        for name in ("Makefile", "requirements.lock", "pyproject.toml"):
            shutil.copy(Path(__file__).parents[1] / name, place)
    beside = fault.plant(place)
    done = subprocess.run(
        fault.command,
        cwd=place,
        capture_output=True,
        text=True,
        env=alone(),
        stdin=subprocess.DEVNULL,
        timeout=300,
        preexec_fn=fault.limit,
    )
    if isinstance(beside, subprocess.Popen):
        beside.kill()
        beside.wait()
    output = done.stdout + done.stderr
    after = hashes(place) if (place / "results").exists() else {}
    if fault.says == AGAIN:
        # A partial report on the way leaves files beside.
        said = AGAIN if before.items() <= after.items() else f"other hashes: {output[-300:]}"
    else:
        found = re.search(fault.says, output)
        said = found[0] if found else output[-500:]
    runs = [name for name in RUNS if after.get(f"runs/xor/{name}/run.json") == before[f"runs/xor/{name}/run.json"]]
    kept = "all runs" if len(runs) == len(RUNS) else ", ".join(runs) or "nothing"
    as_it_should = (said == AGAIN if fault.says == AGAIN else bool(found)) and (done.returncode == 0) == fault.succeeds
    return said.replace(str(folder), "...").replace("|", "\\|"), kept, as_it_should


def table(words: list[str]) -> Iterator[str]:
    """The page, a line at a time."""
    yield "# Faults, and what is said of them\n"
    yield "Made by `python tests/faults.py`, which plants each in a finished study of two variants on temporal XOR, or beside the"
    yield "trial.\n"
    with tempfile.TemporaryDirectory() as home:
        study = small(Path(home) / "study", RUNS)
        subprocess.run(SNAKEMAKE, cwd=study, check=True, capture_output=True)
        before, kind = hashes(study), ""
        for fault in (f for f in FAULTS if not words or any(word in f.name for word in words)):
            if fault.kind != kind:
                kind = fault.kind
                yield f"\n## {kind.capitalize()}\n\n| what was done | what was said | kept |\n|---|---|---|"
            with tempfile.TemporaryDirectory() as folder:
                said, kept, right = tried(fault, study, Path(folder), before)
            yield f"| {fault.name} | {said} | {kept} |" + ("" if right else " **not as expected**")


def main() -> None:
    """Print the page as it comes."""
    wrong = 0
    for line in table(sys.argv[1:]):
        wrong += "not as expected" in line
        print(line, flush=True)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
