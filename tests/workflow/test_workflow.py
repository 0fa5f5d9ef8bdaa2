"""The workflow as its users meet it: run end to end, run again, broken, killed, stopped, added to.

The quick study runs once on real MNIST, with two tasks of the user's own beside it, in a folder with spaces and accents. The rest
begins from what it left.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import yaml
from workflows import CONFIG, ROOT, configure, copy, hashes, snakemake

from rnnbench.gradients.registry import PEERS, installed
from rnnbench.study.jobs import pipeline
from rnnbench.study.jobs.log import TOOK

OWN = {
    "adding": {
        "data": "tasks/adding.py:Adding",
        "sizes": {"steps": 6, "train": 60, "validation": 20, "test": 20},
        "dtype": "float64",
    },
    "copying": {
        "data": "tasks/copying.py",
        "sizes": {"symbols": 4, "length": 3, "train": 60, "validation": 20, "test": 20},
        "rest": 0.5,
    },
}
"""Two tasks in files of the user's own: a regression scored at the last step, and classes scored at the last few.

The second starts from a state that Keras does not have, so that nothing is run beside Keras.
"""
FEW = ["numpy-posted", "numpy-bptt", "keras"]


def few(folder, *more):
    """The study on XOR alone, with a few of its variants and these."""
    return configure(folder, variants={"xor": [*FEW, *more], **{task: [] for task in ("elman", "mnist", *OWN)}})


def variant(folder, name, **params):
    """Add the file of a variant."""
    lines = "".join(f"        {key}={value!r},\n" for key, value in params.items())
    rule = f"use rule train as train_{name} with:\n    params:\n{lines}    wildcard_constraints:\n        variant={name!r},\n"
    (folder / "workflow" / "variants" / f"{name}.smk").write_text(rule.replace("'", '"'), encoding="utf-8")


@pytest.fixture(scope="session")
def mnist(tmp_path_factory):
    """The real files, fetched once by the workflow's own rule, although the config names a folder with others."""
    folder = copy(tmp_path_factory.mktemp("fetch"))
    (folder / "short").mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (folder / "short" / f"{name}-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\0")
    (folder / "mine.yaml").write_text("mnist_path: short\n", encoding="utf-8")
    snakemake(folder, "fetch_mnist", "--configfile", "mine.yaml")
    found = folder / "results" / "data" / "mnist"
    assert len(list(found.iterdir())) == 4, (folder / "results" / "logs" / "fetch_mnist.log").read_text(encoding="utf-8")
    return found


def studied(folder, mnist):
    """The workflow in a folder of its own, with a config: the quick study, and two tasks of one's own beside it."""
    copy(folder)
    shutil.copytree(ROOT / "tests" / "own_tasks", folder / "tasks", ignore=shutil.ignore_patterns("__pycache__"))
    # One of them needs a file, which lies beside it.
    (folder / "tasks" / "sums.txt").write_text("one and one", encoding="utf-8")
    adding = folder / "tasks" / "adding.py"
    needs = f'    files: ClassVar = {{"sums.txt": "{hashlib.sha256(b"one and one").hexdigest()}"}}\n    losses'
    adding.write_text(adding.read_text(encoding="utf-8").replace("    losses", needs), encoding="utf-8")
    config = yaml.safe_load((folder / "config" / "quick.yaml").read_text(encoding="utf-8"))
    recipe = {"batch": 4, "passes": 10, "optimizer": "adam", "learning_rate": 0.01}
    shared = {"replicates": 2, "hidden": [3], "points": 4, "recipes": {"minibatch": recipe}}
    config["mnist_path"] = str(mnist)
    config["tasks"] |= {name: {**task, **shared} for name, task in OWN.items()}
    config["targets"] = {"adding": 0.01, "copying": 0.9}
    config["variants"] |= {"adding": ["numpy-bptt", "keras"], "copying": ["numpy-bptt"]}
    config["trial"] |= {"lengths": [1, 2, 3, 5]}
    config["statistics"] |= {"margins": {"adding": 0.05, "copying": 0.05}}
    (folder / "study.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def quick(tmp_path_factory, mnist):
    """The study, finished, in a path with spaces and accents, and what was said on the way."""
    folder = studied(tmp_path_factory.mktemp("study") / "dossier d'été Ω", mnist)
    return folder, snakemake(folder, *CONFIG)


@pytest.fixture
def again(quick, tmp_path):
    """The finished study in another folder, to be changed."""
    return clone(quick[0], tmp_path / "study")


def clone(study, folder):
    """A finished study in another folder, with everything that Snakemake knows of it, but for the large files of MNIST."""
    shutil.copytree(study, folder, symlinks=True, ignore=lambda at, _: ["data"] if Path(at).name == "results" else [])
    if (study / "results" / "data").exists():
        (folder / "results" / "data").symlink_to(study / "results" / "data")
    return folder


def jobs(output):
    """How many jobs of each rule a dry run would do."""
    table = re.search(r"^job +count\n[- ]+\n(.*?)^total", output, flags=re.MULTILINE | re.DOTALL)
    return {} if table is None else {line.split()[0]: int(line.split()[1]) for line in table[1].splitlines()}


MADE_OF_RUNS = {"aggregate": 1, "plot_figures": 2, "write_report": 1, "all": 1}
"""What is made anew of any change in a run on XOR, where nothing else is run."""


def test_a_wrong_mnist_path_is_told_and_the_next_source_tried(mnist):
    log = (mnist.parents[1] / "logs" / "fetch_mnist.log").read_text(encoding="utf-8")
    assert "local path short: train-images-idx3-ubyte (8 bytes) has SHA-256" in log
    assert log.index("local path short") < log.index("ossci-datasets")
    assert "SHA-256 of all four files verified" in log


def test_quick_study_ends_with_a_report_of_every_variant(quick):
    folder, output = quick
    assert "Open results/report.html" in output
    html = (folder / "results" / "report.html").read_text(encoding="utf-8")
    chosen = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))["variants"]
    assert len(chosen["xor"]) >= 12 and all(variant in html for variants in chosen.values() for variant in variants)
    assert "<strong>Is the derivation right? In part.</strong>" in html and "<strong>Does it match Keras? Yes.</strong>" in html
    assert "Is my RNN gradient wrong? Yes, in one term: W and b need the recursion that you gave R.\n" in output


def test_tasks_in_files_are_trained_and_shown_with_their_own_unit_and_lines(quick):
    """Also in Keras, as tests/study/tasks/test_own.py has it for both."""
    folder, _ = quick
    results = folder / "results"
    config = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    assert (results / "data" / "tasks_adding.py_Adding" / "sums.txt").read_text(encoding="utf-8") == "one and one"
    for name in OWN:
        file = folder / "tasks" / f"{name}.py"
        for who in config["variants"][name]:
            provenance = json.loads((results / "runs" / name / who / "run.json").read_text(encoding="utf-8"))
            assert provenance["task_files"] == {f"tasks/{name}.py": hashlib.sha256(file.read_bytes()).hexdigest()}
    html = (results / "report.html").read_text(encoding="utf-8")
    for words in ("sums seen", "neither number", "one number", "Is adding learnt?"):
        assert words in html
    for words in ("symbols seen", "symbols copied", "no memory", "Is copying learnt?"):
        assert words in html
    drawn = {name: {file.stem for file in (results / "figures" / name).iterdir()} for name in OWN}
    assert {"endings", "alignment"} <= drawn["adding"] & drawn["copying"]
    # The weights move while sensitivities are carried where several steps count, and not where one does.
    assert ("staleness" in drawn["adding"], "staleness" in drawn["copying"]) == (False, True)


def test_an_edit_of_a_task_in_a_file_runs_what_is_made_of_it(again):
    assert "Nothing to be done" in snakemake(again, "-n", *CONFIG)
    copying = again / "tasks" / "copying.py"
    copying.write_text(copying.read_text(encoding="utf-8").replace("symbols copied", "share copied"), encoding="utf-8")
    due = jobs(snakemake(again, "-n", *CONFIG))
    assert (
        due["prepare_task"] == due["train_numpy_bptt"] == due["measure_staleness"] == 1
        and "run_lockstep" not in due
        and "fetch" not in " ".join(due)
    )


def test_the_figures_and_tables_are_there(quick):
    folder, _ = quick
    tables = {file.name for file in (folder / "results" / "tables").glob("*.csv")}
    assert tables >= {"curves.csv", "final.csv", "cost.csv", "verdicts.csv", "lockstep.csv", "gradient_statistics.csv"}
    drawn = folder / "results" / "figures"
    figures = {str(file.relative_to(drawn).with_suffix("")) for file in drawn.rglob("*.svg")}
    assert figures >= {"_study/hero", "_study/hero_narrow", "_study/lockstep", "xor/endings", "xor/by_position", "mnist/endings"}
    assert figures >= {"mnist/alignment", "xor/staleness", "xor/ladder_1", "xor/ladder_2", "elman/cycle"}


def test_the_cost_is_measured_alone_first_and_the_workflow_tells_what_it_took(quick):
    folder, _ = quick
    logs = sorted((folder / "results" / "logs").glob("*.log"))
    (session,) = {json.loads(log.read_text(encoding="utf-8").splitlines()[-1].partition(TOOK)[2])["session"] for log in logs}
    told = {job.job: job for job in pipeline.read(logs, session)}
    alone = told.pop("measure_cost")
    assert len(told) > 60 and all(job.began > alone.ended - 1 for job in told.values())
    path = [job.job for job in pipeline.critical_path(told.values())]
    assert path[-1] == "write_report" and "aggregate" in path
    html = (folder / "results" / "report.html").read_text(encoding="utf-8")
    assert "busy share of" in html and "How one gradient grows" in html


RUNS = ["xor/numpy-posted", "xor/keras", "xor/rules-uoro", "mnist/numpy-bptt", "adding/numpy-bptt"]
CUT = [f"{run}{block}" for run in RUNS for block in ([".0-2", ".3-3"] if run.startswith("xor/") else [""])]
"""The folders of these runs where a job trains at most three replicates."""
WANTED = [
    *(f"results/runs/{folder}/run.json" for folder in CUT),
    *(f"results/trial/diagnostics/{run}.csv" for run in RUNS),
    *(f"results/trial/{made}" for made in ("lockstep/adding.csv", "staleness/xor.csv", "rules/uoro.json")),
]
"""A run of every kind, and what is made of it."""


def test_killed_midway_on_more_cores_and_in_blocks_the_rerun_ends_with_the_same_bits(quick, mnist, tmp_path):
    """Same seed, same bits, at any number of cores, in any folder, after a kill, and whatever replicates a job trains."""
    other = studied(tmp_path / "ailleurs é", mnist)
    configure(other, block=3)
    command = [sys.executable, "-m", "snakemake", "--cores", "3", *WANTED, *CONFIG]
    process = subprocess.Popen(command, cwd=other, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while len(list(other.glob("results/runs/*/*/run.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in other.glob("results/runs/*/*/run.json")}
    assert len(done) >= 3 and not all((other / file).exists() for file in WANTED)
    unlock = re.search(r"`\.venv/bin/snakemake ([^`]*--unlock)`", (ROOT / "README.md").read_text(encoding="utf-8"))[1].split()
    subprocess.run([sys.executable, "-m", "snakemake", *unlock, *CONFIG], cwd=other, check=True, capture_output=True)
    snakemake(other, *WANTED, *CONFIG, "--rerun-incomplete", cores=3)
    first, second = hashes(quick[0]), hashes(other)
    assert len(second) > 30 and {f"runs/{folder}/snapshots.npz" for folder in CUT} <= second.keys()
    assert {file: found for file, found in second.items() if not file.startswith("runs/xor/")}.items() <= first.items()
    for run in ("xor/numpy-posted", "xor/keras", "xor/rules-uoro"):
        vectors = [np.load(other / f"results/runs/{run}{block}/snapshots.npz")["vector"] for block in (".0-2", ".3-3")]
        whole = np.load(quick[0] / f"results/runs/{run}/snapshots.npz")["vector"]
        np.testing.assert_array_equal(np.concatenate(vectors, axis=1), whole)
    kept = [path for path, stamp in done.items() if path.stat().st_mtime_ns == stamp]
    assert len(kept) >= len(done) - 3  # what was finished was not done again; at most the running jobs were


def test_what_is_gone_is_made_anew_although_the_page_is_there(again):
    """As after a refused file was removed, or after a job failed, whose files Snakemake removes."""
    shutil.rmtree(again / "results" / "runs" / "xor" / "keras")
    assert jobs(snakemake(again, "-n", *CONFIG)).items() >= {"train_keras": 1, "aggregate": 1, "write_report": 1}.items()


def test_tables_and_figures_made_again_have_the_same_bits(quick, again):
    for gone in ("tables", "figures/copying"):
        shutil.rmtree(again / "results" / gone)
    snakemake(again, "results/tables/provenance.json", "results/figures/copying", *CONFIG)
    first, second = hashes(quick[0]), hashes(again)
    assert first == second | {path: first[path] for path in first if path.startswith("data/")}
    assert "tables/final.csv" in second and "figures/copying/endings.svg" in second


SLOW = """
import time
from rnnbench.gradients.bptt import Bptt

class Slow(Bptt):
    waits = []

    def step(self, params, window, carry):
        if not self.waits:
            self.waits.append(time.sleep(4))
        return super().step(params, window, carry)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_hand_it_stops_and_no_job_is_said_to_have_failed(again, how):
    (again / "slow.py").write_text(SLOW, encoding="utf-8")
    variant(again, "slow", gradient="slow.py", recipe="minibatch", tasks=["xor"])
    arguments = few(again, "slow")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--keep-going", "results/runs/xor/slow/run.json", *arguments]
    # A shell's background jobs are started deaf to SIGINT, and so is all that they start.
    hearing = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=again, preexec_fn=hearing, **pipes)
    deadline = time.monotonic() + 120
    while not (again / "results" / "logs" / "train_xor_slow.log").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(how)
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0 and "The study was stopped before its end" in output
    assert "run the same command again" in output and "Done." not in output


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells a job that its parent has ended")
def test_a_job_ends_with_the_snakemake_that_started_it(again):
    """Else it would go on after a kill, and a rerun would write beside it."""
    (again / "slow.py").write_text(SLOW.replace("sleep(4)", "sleep(60)"), encoding="utf-8")
    variant(again, "slow", gradient="slow.py", recipe="minibatch", tasks=["xor"])
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "results/runs/xor/slow/run.json", *few(again, "slow")]
    # The pipe ends with the last process that holds it.
    process = subprocess.Popen(command, cwd=again, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 120
    while not (again / "results" / "logs" / "train_xor_slow.log").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=30)


def test_an_edit_of_a_module_is_run_again_by_those_that_run_it(again):
    """RTRL is also what staleness is measured with, and what every run's gradient is held beside."""

    def due(file, old, new):
        path = again / "src" / "rnnbench" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        planned = jobs(snakemake(again, "-n", *CONFIG))
        return {name for name in planned if name.startswith("train_")}, planned.keys()

    assert due("gradients/uoro.py", '"""', '"""Reworded. ') == (set(), set())
    trained, planned = due("gradients/uoro.py", "+ steps", "- steps")
    assert trained == {"train_rules_uoro"}
    assert planned >= {"try_rule", "diagnose_run", "compare_rules", "measure_cost"}
    more, planned = due("gradients/rtrl.py", "from typing import NamedTuple", "from typing import NamedTuple\n\nNEW = 1")
    assert more - trained == {"train_numpy_rtrl_online"} and "measure_staleness" in planned


def test_what_the_readme_adds_is_trained_tried_and_shown_also_after_it_failed(again):
    """The variant, word for word, and the rule, in a file: at first it fails, and a report on the rest says so; mended, the same
    command makes a whole one, and runs nothing else."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"`workflow/variants/([\w-]+)\.smk`.*?```python\n(.*?)```", readme, flags=re.DOTALL)
    (again / "workflow" / "variants" / f"{example[1]}.smk").write_text(example[2], encoding="utf-8")
    derivation = next(block for block in re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL) if "class MyRule" in block)
    own = again / "rules" / "mine.py"
    own.parent.mkdir()
    own.write_text(
        derivation.replace("        network = self", '        raise ValueError("planted <failure>")\n        network = self')
    )
    variant(again, "mine", gradient="rules/mine.py:MyRule", recipe="minibatch", tasks=["xor"])
    rule = f"train_{example[1].replace('-', '_')}"
    assert jobs(snakemake(again, "-n", *few(again, example[1]))) == {rule: 1, "diagnose_run": 1, **MADE_OF_RUNS}
    arguments = few(again, example[1], "mine")
    due = {"train_mine": 1, "try_rule": 1, "diagnose_run": 1}
    assert jobs(snakemake(again, "-n", *arguments)) == {rule: 1, **due, "diagnose_run": 2, **MADE_OF_RUNS}
    (again / "results" / "trial" / "lockstep" / "xor.csv").unlink()
    script = again / "workflow" / "scripts" / "run_lockstep.py"
    script.write_text(script.read_text(encoding="utf-8").replace("    task = ", '    raise ValueError("planted")\n    task = '))
    output = snakemake(again, *arguments, "--keep-going", check=False)
    assert "train_xor_mine: ValueError: planted <failure> (results/logs/train_xor_mine.log)" in output
    assert "snakemake --cores 1 partial_report" in output and "was stopped" not in output
    snakemake(again, "partial_report", *arguments)
    html = (again / "results" / "report.html").read_text(encoding="utf-8")
    assert "mine on xor is missing. <span>ValueError: planted &lt;failure&gt; (results/logs/train_xor_mine.log)" in html
    assert "NumPy beside Keras on xor is missing. <span>ValueError: planted (results/logs/lockstep_xor.log)" in html
    assert "Does it match Keras? Not compared." in (again / "results" / "report.html").read_text(encoding="utf-8")

    own.write_text(derivation, encoding="utf-8")
    shutil.copy(ROOT / "workflow" / "scripts" / script.name, script)
    # Five updates: seconds are saved, and what depends on the config runs again.
    config = yaml.safe_load((again / "study.yaml").read_text(encoding="utf-8"))
    configure(again, trial={**config["trial"], "updates": 5})
    assert jobs(snakemake(again, "-n", *arguments)) == {**due, "run_lockstep": 1, **MADE_OF_RUNS}
    snakemake(again, *arguments)
    html = (again / "results" / "report.html").read_text(encoding="utf-8")
    assert "is missing. <span>" not in html and "All that the config asks for is there" in html
    assert "Does it learn xor?" in html and "No variant was run on elman." in html and 'id="task-elman"' not in html
    provenance = json.loads((again / "results" / "runs" / "xor" / "mine" / "run.json").read_text(encoding="utf-8"))
    assert provenance["files"] == {"rules/mine.py": hashlib.sha256(own.read_bytes()).hexdigest()}
    assert example[1] in html and "rules/mine.py:MyRule" in html and provenance["files"]["rules/mine.py"] in html
    verdicts = (again / "results" / "tables" / "verdicts.csv").read_text(encoding="utf-8")
    assert "rules/mine.py:MyRule,1,R1,exact only when the window is one step long" in verdicts
    own.touch()
    assert "Nothing to be done" in snakemake(again, "-n", *arguments)
    own.write_text(derivation.replace("(replicate, time, batch, n_i)", "another comment"), encoding="utf-8")
    assert jobs(snakemake(again, "-n", *arguments)) == {**due, **MADE_OF_RUNS}


def test_without_a_finished_run_there_is_nothing_to_report(tmp_path):
    output = snakemake(copy(tmp_path / "study"), "partial_report", check=False)
    assert "NothingFinishedError: no run has finished yet" in output


CHANGED = "is not as its job wrote it: it was changed or cut short"


def test_a_file_that_was_changed_or_cut_short_is_named(again):
    results = again / "results"
    curves = results / "runs" / "xor" / "numpy-bptt" / "curves.csv"
    whole = curves.read_bytes()
    curves.write_bytes(whole.replace(b"0.2", b"0.1", 1))
    assert f"results/runs/xor/numpy-bptt/curves.csv {CHANGED}" in snakemake(again, *CONFIG, check=False)
    curves.write_bytes(whole)
    # With its time kept, Snakemake sees nothing.
    cut, stamp = results / "trial" / "lockstep" / "xor.csv", (results / "trial" / "lockstep" / "xor.csv").stat()
    cut.write_bytes(cut.read_bytes()[:60])
    os.utime(cut, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    output = snakemake(again, *CONFIG, check=False)
    assert f"results/trial/lockstep/xor.csv {CHANGED}" in output and "run the same command again" in output


def test_runs_of_another_config_are_not_used_whatever_snakemake_knows(again):
    shutil.rmtree(again / ".snakemake")
    output = snakemake(again, *configure(again, seed=7), check=False)
    assert "splits.npz was made with seed 1990 where 7 is asked for" in output
    assert "NothingFinishedError" in snakemake(again, "partial_report", *CONFIG, check=False)
    unfit = (again / "results" / "unfit.txt").read_text(encoding="utf-8").splitlines()
    assert {f"results/runs/{run}/run.json" for run in RUNS} <= {*unfit}
    for file in unfit:
        (again / file).unlink()
    planned = jobs(snakemake(again, "-n", *CONFIG))
    assert planned["prepare_task"] == sum(file.endswith("/splits.npz") for file in unfit)
    trained = sum(count for name, count in planned.items() if name.startswith("train_"))
    assert trained == sum(file.endswith("/run.json") for file in unfit) and planned["aggregate"] == 1


def test_a_mistake_is_told_before_anything_runs(tmp_path):
    """One of those in tests/study/test_workflow.py, as Snakemake shows it."""
    folder = copy(tmp_path / "study")
    (folder / "mine.yaml").write_text("sede: 1\n", encoding="utf-8")
    output = snakemake(folder, "--configfile", "mine.yaml", check=False)
    assert "unknown key 'sede'; did you mean 'seed'?" in output and "Traceback" not in output
    variant(folder, "mine", gradient="postd", recipe="online")
    output = snakemake(folder, "-n", check=False)
    assert "variant mine on task xor: there is no gradient rule 'postd'; did you mean 'posted'?" in output
    assert "Traceback" not in output and not (folder / "results").exists()


@pytest.mark.skipif(not PEERS.keys() - set(installed()), reason="every peer is installed")
def test_a_peer_that_is_not_installed_is_left_out_unless_it_is_asked_for(tmp_path):
    folder = copy(tmp_path / "study")
    absent = sorted(PEERS.keys() - set(installed()))[0]
    assert f"train_{absent}" not in jobs(snakemake(folder, "-n"))
    (folder / "mine.yaml").write_text(yaml.safe_dump({"variants": {"xor": [absent]}}), encoding="utf-8")
    output = snakemake(folder, "-n", "--configfile", "mine.yaml", check=False)
    assert f"variant {absent} on task xor: the gradient '{absent}' needs the package {absent}, see `make peers`" in output


def test_the_long_study_is_one_that_can_be_run(tmp_path):
    folder = copy(tmp_path / "study")
    said = snakemake(folder, "-n", "--configfile", "config/full.yaml")
    assert "Error" not in said  # of a rule that could make a file but for its name
    planned = jobs(said)
    assert planned["train_numpy_bptt"] == 3 and planned["measure_cost"] == 1 and planned["prepare_task"] == 4  # pixels too
    # As others take it: the workflow by its usual name.
    other = jobs(snakemake(folder, "-n", "--snakefile", "workflow/Snakefile", "--configfile", "config/full.yaml"))
    assert other == {"study": 1, **{name: count for name, count in planned.items() if name != "all"}}


def test_the_graph_in_the_documents_is_that_of_the_workflow():
    drawn = snakemake(ROOT, "--rulegraph", "mermaid-js")
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", drawn))
    drawn_edges = re.findall(r"(id\d+) --> (id\d+)", drawn)
    edges = {tuple(re.sub("^train_.*", "train", names[node]) for node in edge) for edge in drawn_edges}
    # The last rule asks for every file, so that what is gone is made anew; the page draws what makes the report.
    edges = {edge for edge in edges if edge[1] != "all" or edge[0] == "write_report"}
    page = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
    block = re.search(r"```mermaid\n(.*?)```", page, flags=re.DOTALL)[1]
    assert edges and set(re.findall(r"(\w+) --> (\w+)", block)) == edges


def test_every_job_that_runs_a_script_has_a_digest_of_its_code():
    for file in (ROOT / "workflow" / "rules").glob("*.smk"):
        for rule in re.split(r"^\s*rule ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name = rule.partition(":")[0]
            assert "script:" not in rule or "code=code" in rule or name.startswith("fetch"), f"{file.name}: {name}"
