"""The workflow as its users meet it: run end to end, run again, broken, killed, added to.

The quick study runs on real MNIST in a folder with spaces and accents; a study of seconds ("tiny") serves the rest.
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

import pytest
import yaml

from rnnbench.cost import pipeline
from rnnbench.gradients import PEERS, TRAINABLE
from rnnbench.joblog import TOOK

ROOT = Path(__file__).parents[2]
TINY = {
    "tasks": {
        "xor": {
            "sizes": {"bits": 60},
            "replicates": 2,
            "hidden": [3],
            "points": 4,
            "recipes": {
                "online": {"passes": 2},
                "minibatch": {"passes": 60},
                "ladder-step": {"passes": 20},
                "rules": {"passes": 20},
            },
        },
        "elman": {"sizes": {"bits": 60}, "replicates": 2, "points": 4, "recipes": {"online": {"passes": 2}}},
        "mnist": {
            "sizes": {"train": 320, "validation": 50, "test": 50},
            "replicates": 2,
            "hidden": [4],
            "points": 4,
            "recipes": {"minibatch": {"batch": 16}},
        },
    },
    "variants": {"elman": ["numpy-elman"], "mnist": ["numpy-posted", "numpy-rtrl", "numpy-bptt", "keras", "ladder-adam"]},
    "statistics": {"resamples": 100},
    "cost": {"gradients": {"hidden": [2], "steps": [], "depth": [], "batch": []}, "recipes": {"xor": None, "mnist": None}},
}
COMPARED = ("rules-bptt", "rules-elman", "rules-snap1", "rules-uoro", "rules-dni")
UP = {"title": "up", "rungs": [{"variant": "numpy-postd", "change": "a"}, {"variant": "keras", "change": "b"}]}
# Everything that a run may leave differently: how long it took, and what is written from that.
TIMED = {"cost.csv", "to_target.csv", "gradient_cost.csv", "update_cost.csv", "gradients.csv", "updates.csv"}
TIMED |= {
    "training_time.svg",
    "scaling.svg",
    "updates.svg",
    "report.html",
    "answer.txt",
    "times.csv",
    "rules.csv",
    "rules_pareto.svg",
}


def copy(folder):
    """The workflow in a folder of its own, without results."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("Snakefile", "environment.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    for name in ("workflow", "src", "config"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return folder


def snakemake(folder, *arguments, cores=2, check=True):
    """Run Snakemake there, the package found beside the workflow alone."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def configure(folder, **changes):
    """Write a tiny config (merged over the default one) and return the arguments that use it; few rules are compared."""
    for file in (folder / "workflow" / "variants").glob("rules-*.smk"):
        if file.stem not in COMPARED:
            file.unlink()
    (folder / "tiny.yaml").write_text(yaml.safe_dump({**TINY, **changes}), encoding="utf-8")
    return "--configfile", "tiny.yaml"


def without_timing(path):
    """The content of a result with its timing taken out."""
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
        if path.is_file() and path.name not in TIMED and "logs" not in path.parts and not path.name.startswith(".")
    }


@pytest.fixture(scope="session")
def mnist(tmp_path_factory):
    """The real files, fetched once by the workflow's own rule."""
    folder = copy(tmp_path_factory.mktemp("fetch"))
    snakemake(folder, "fetch_mnist")
    found = folder / "results" / "data" / "mnist"
    assert len(list(found.iterdir())) == 4, (folder / "results" / "logs" / "fetch_mnist.log").read_text(encoding="utf-8")
    return found


@pytest.fixture(scope="session")
def quick(tmp_path_factory, mnist):
    """The quick study, finished, in a path with spaces and accents."""
    folder = copy(tmp_path_factory.mktemp("study") / "dossier d'été Ω")
    quick = yaml.safe_load((folder / "config" / "quick.yaml").read_text(encoding="utf-8"))
    (folder / "quick.yaml").write_text(yaml.safe_dump({**quick, "mnist_path": str(mnist)}), encoding="utf-8")
    return folder, snakemake(folder, "--configfile", "quick.yaml", cores=4)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory, mnist):
    """The tiny study, finished, on one core."""
    folder = copy(tmp_path_factory.mktemp("tiny"))
    arguments = configure(folder, mnist_path=str(mnist))
    snakemake(folder, *arguments, cores=1)
    return folder, arguments


def clone(study, folder):
    """A finished study in another folder, with everything that Snakemake knows of it."""
    shutil.copytree(study, folder, symlinks=True)
    return folder


def jobs(output):
    """How many jobs of each rule a dry run would do."""
    table = re.search(r"^job +count\n[- ]+\n(.*?)^total", output, flags=re.MULTILINE | re.DOTALL)
    return {} if table is None else {line.split()[0]: int(line.split()[1]) for line in table[1].splitlines()}


def test_quick_study_ends_with_a_report_of_every_variant(quick):
    folder, output = quick
    assert "Open results/report.html" in output
    html = (folder / "results" / "report.html").read_text(encoding="utf-8")
    chosen = yaml.safe_load((folder / "quick.yaml").read_text(encoding="utf-8"))["variants"]
    assert len(chosen["xor"]) >= 20 and all(variant in html for variants in chosen.values() for variant in variants)
    assert 'Is the derivation right? <a href="#gradient"><strong>In part</strong></a>' in html
    assert "Is the derivation right? In part.\n" in output and "Does it match Keras? Yes.\n" in output


def test_quick_study_verified_the_real_files(quick):
    folder, _ = quick
    log = (folder / "results" / "logs" / "fetch_mnist.log").read_text(encoding="utf-8")
    assert "SHA-256 of all four files verified" in log


def test_nothing_is_left_to_do(quick):
    folder, _ = quick
    assert "Nothing to be done" in snakemake(folder, "-n", "--configfile", "quick.yaml")


def test_the_figures_and_tables_are_there(quick):
    folder, _ = quick
    tables = {file.name for file in (folder / "results" / "tables").glob("*.csv")}
    assert tables >= {"curves.csv", "final.csv", "cost.csv", "verdicts.csv", "lockstep.csv", "gradient_statistics.csv"}
    drawn = folder / "results" / "figures"
    figures = {str(file.relative_to(drawn).with_suffix("")) for file in drawn.rglob("*.svg")}
    assert figures >= {"_study/errors", "_study/paths", "_study/lockstep", "xor/curve", "xor/by_position", "mnist/curve"}
    assert figures >= {"mnist/lags", "xor/cosine", "xor/staleness", "xor/ladder_1", "xor/ladder_2", "elman/cycle"}


def test_same_bits_on_any_number_of_cores_and_on_any_rerun(tiny, tmp_path):
    folder, arguments = tiny
    again = copy(tmp_path / "ailleurs é")
    configure(again, **yaml.safe_load((folder / "tiny.yaml").read_text(encoding="utf-8")))
    snakemake(again, *arguments, cores=4)
    first, second = hashes(folder), hashes(again)
    assert len(first) > 100 and "runs/xor/keras/snapshots.npz" in first and "figures/xor/curve.svg" in first
    assert first == second


def test_killed_midway_the_rerun_ends_with_the_same_bits(tiny, tmp_path):
    folder, arguments = tiny
    again = copy(tmp_path / "killed")
    configure(again, **yaml.safe_load((folder / "tiny.yaml").read_text(encoding="utf-8")))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    process = subprocess.Popen(command, cwd=again, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while len(list(again.glob("results/runs/*/*/run.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in again.glob("results/runs/*/*/run.json")}
    assert len(done) >= 3 and not (again / "results" / "report.html").exists()
    snakemake(again, *arguments, "--unlock")
    snakemake(again, *arguments, "--rerun-incomplete")
    assert hashes(again) == hashes(folder)
    kept = [path for path, stamp in done.items() if path.stat().st_mtime_ns == stamp]
    assert len(kept) >= len(done) - 2  # what was finished was not done again; at most the two running jobs were


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_hand_it_stops(tmp_path, how):
    folder = copy(tmp_path / "study")
    arguments = configure(folder, variants={"xor": ["numpy-posted", "keras", "keras-default"], "mnist": [], "elman": []})
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--keep-going", *arguments]
    # A shell's background jobs are started deaf to SIGINT, and so is all that they start.
    hearing = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=folder, preexec_fn=hearing, **pipes)
    deadline = time.monotonic() + 120
    while not list(folder.glob("results/trial/diagnostics/*/*.csv")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(how)
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0 and "add --config partial=True" in output
    assert not (folder / "results" / "tables").exists() and "Done." not in output


def test_a_new_variant_runs_only_its_own_jobs_and_the_aggregation(tiny, tmp_path):
    """The one in the README, word for word."""
    folder = clone(tiny[0], tmp_path / "study")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"`workflow/variants/([\w-]+)\.smk`.*?```python\n(.*?)```", readme, flags=re.DOTALL)
    (folder / "workflow" / "variants" / f"{example[1]}.smk").write_text(example[2], encoding="utf-8")
    planned = jobs(snakemake(folder, "-n", *tiny[1]))
    rule = f"train_{example[1].replace('-', '_')}"
    assert planned == {rule: 1, "diagnose_run": 1, "aggregate": 1, "plot_figures": 4, "write_report": 1, "all": 1}
    snakemake(folder, *tiny[1])
    assert example[1] in (folder / "results" / "report.html").read_text(encoding="utf-8")


def test_an_edit_of_the_sources_runs_what_depends_on_them(tiny, tmp_path):
    folder = clone(tiny[0], tmp_path / "study")
    for file, first in (("figures/cost.py", "plot_figures"), ("gradients/rtrl.py", "prepare_task")):
        source = folder / "src" / "rnnbench" / file
        source.write_text(source.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
        planned = jobs(snakemake(folder, "-n", *tiny[1]))
        assert first in planned and "write_report" in planned
        assert ("aggregate" in planned) == (file != "figures/cost.py")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sede": 1}, "unknown key 'sede'; did you mean 'seed'?"),
        ({"tasks": {"xor": {"repliactes": 1}}}, "tasks.xor: unknown key 'repliactes'; did you mean 'replicates'?"),
        ({"variants": {"xor": ["numpy-postd"]}}, "there is no variant 'numpy-postd'; did you mean 'numpy-posted'?"),
        ({"targets": {"xro": 1}}, "there is no task 'xro'; did you mean 'xor'?"),
        ({"statistics": {"margins": {"xro": 1}}}, "config, statistics.margins: there is no task 'xro'; did you mean 'xor'?"),
        ({"ladder": {"xro": []}}, "config, ladder: there is no task 'xro'; did you mean 'xor'?"),
        ({"ladder": {"xor": [UP]}}, "no variant 'numpy-postd' is for this task; did you mean 'numpy-posted'?"),
        ({"cost": {"recipes": {"xro": "minibatch"}}}, "config, cost.recipes: there is no task 'xro'; did you mean 'xor'?"),
        ({"cost": {"recipes": {"xor": "minibtach"}}}, "config, cost.recipes.xor: there is no recipe 'minibtach'; did you mean"),
        (
            {"cost": {"recipes": {"xor": "online"}}},
            "config, cost.recipes.xor: Keras updates once a sequence; window 1 is not for it",
        ),
        ({"cost": {"gradients": {"hidden": [0]}}}, "cost.gradients.hidden.0: 0 is less than the minimum of 1"),
        ({"tasks": {"xor": {"recipes": {"minibatch": {"window": 40}}}}}, "window 40 is longer than the sequence of 30"),
        ({"tasks": {"mnist": {"sizes": {"train": 100}}}}, "passes show 30 sequences, which do not fill one batch of 64"),
        ({"variants": {"xor": [], "mnist": [], "elman": []}}, "no task has a variant to run"),
    ],
)
def test_a_mistake_in_the_config_is_told_before_anything_runs(tmp_path, changes, message):
    folder = copy(tmp_path / "study")
    (folder / "mine.yaml").write_text(yaml.safe_dump(changes), encoding="utf-8")
    output = snakemake(folder, "--configfile", "mine.yaml", check=False)
    assert message in output and "Traceback" not in output
    assert not (folder / "results").exists()


@pytest.mark.parametrize(
    ("params", "name", "message"),
    [
        (
            'gradient="postd", recipe="online"',
            "mine",
            "variant mine on task xor: there is no gradient rule 'postd'; did you mean 'posted'?",
        ),
        ('gradient="rtrl"', "mine", "variant mine says no recipe"),
        ('gradient="rtrl"', "other", "workflow/variants/mine.smk must derive train_mine from train"),
        ('gradiant="rtrl"', "mine", "mine.smk: a variant has no param 'gradiant'; did you mean 'gradient'?"),
        ('tasks=["xro"]', "mine", "mine.smk: there is no task 'xro'; did you mean 'xor'?"),
    ],
)
def test_a_variant_that_cannot_be_is_named_when_the_workflow_is_read(tmp_path, params, name, message):
    folder = copy(tmp_path / "study")
    rule = f'use rule train as train_mine with:\n    params:\n        {params},\n    pathvars:\n        variant="{name}",\n'
    (folder / "workflow" / "variants" / "mine.smk").write_text(rule, encoding="utf-8")
    output = snakemake(folder, "-n", check=False)
    assert message in output and "Traceback" not in output


def test_one_task_and_two_variants_still_make_a_report(tmp_path):
    folder = copy(tmp_path / "study")
    cost = {**TINY["cost"], "recipes": {"xor": "minibatch"}, "updates": 2, "rounds": 1}
    arguments = configure(folder, variants={"xor": ["numpy-posted", "numpy-mlp"], "mnist": [], "elman": []}, cost=cost)
    snakemake(folder, *arguments)
    html = (folder / "results" / "report.html").read_text(encoding="utf-8")
    assert "in Keras at its fastest" in html and "One update, in NumPy and in six ways of running Keras" in html
    assert "Does it learn xor?" in html and "No variant was run on mnist." in html and 'id="task-mnist"' not in html
    assert not (folder / "results" / "data").exists()


def test_a_run_that_fails_is_missed_in_a_report_on_the_rest(tmp_path):
    folder = copy(tmp_path / "study")
    rule = (ROOT / "workflow" / "variants" / "numpy-mlp.smk").read_text(encoding="utf-8")
    broken = rule.replace("numpy_mlp", "broken").replace("numpy-mlp", "broken").replace('"mlp"', '"rtrl"')
    (folder / "workflow" / "variants" / "broken.smk").write_text(broken, encoding="utf-8")
    planted = '    if variant.name == "broken":\n        raise ValueError("planted <failure>")\n    what, a_pass'
    places = {
        Path("src", "rnnbench", "training", "job.py"): ("    what, a_pass", planted),
        Path("workflow", "scripts", "run_lockstep.py"): ("    task = ", '    raise ValueError("beside")\n    task = '),
        Path("workflow", "scripts", "measure_cost.py"): ("    tasks = ", '    raise ValueError("cost")\n    tasks = '),
    }
    for place, (words, failing) in places.items():
        text = (folder / place).read_text(encoding="utf-8")
        assert words in text
        (folder / place).write_text(text.replace(words, failing), encoding="utf-8")
    arguments = configure(folder, variants={"xor": ["numpy-posted", "numpy-mlp", "broken"], "mnist": [], "elman": []})
    stopped = snakemake(folder, *arguments, check=False)
    assert "add --config partial=True --allowed-rules aggregate" in stopped and not (folder / "results" / "report.html").exists()
    output = snakemake(folder, *arguments, "--keep-going", check=False)
    assert "At least one job did not complete" in output and "Does it learn xor? In " in output
    html = (folder / "results" / "report.html").read_text(encoding="utf-8")
    assert "broken on xor is missing. <span>ValueError: planted &lt;failure&gt; (results/logs/train_xor_broken.log)" in html
    assert "NumPy beside Keras on xor is missing. <span>ValueError: beside" in html
    assert "The cost study is missing. <span>ValueError: cost" in html and "Does it match Keras? Not compared." in output
    # Mended, the same command makes the whole report.
    for place in places:
        shutil.copy(ROOT / place, folder / place)
    snakemake(folder, *arguments)
    html = (folder / "results" / "report.html").read_text(encoding="utf-8")
    assert "broken on xor is missing" not in html and "All that the config asks for is there" in html


def test_a_corrupted_run_is_named(tiny, tmp_path):
    folder = clone(tiny[0], tmp_path / "study")
    curves = folder / "results" / "runs" / "xor" / "numpy-bptt" / "curves.csv"
    lines = curves.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ",oops"
    curves.write_text("\n".join(lines) + "\n", encoding="utf-8")
    output = snakemake(folder, *tiny[1], check=False)
    assert "numpy-bptt/curves.csv: column 'value', row 3: 'oops' is not a float" in output


def test_runs_on_other_ground_are_refused(tiny, tmp_path):
    folder = clone(tiny[0], tmp_path / "study")
    run = folder / "results" / "runs" / "xor" / "numpy-bptt" / "run.json"
    run.write_text(re.sub(r'("initial": ")\w{8}', r"\g<1>00000000", run.read_text(encoding="utf-8")), encoding="utf-8")
    output = snakemake(folder, *tiny[1], check=False)
    assert "was run on other initial than" in output


def test_a_wrong_mnist_path_is_told_and_the_next_source_tried(tmp_path):
    """In the log: which source, what was wrong with it."""
    folder = copy(tmp_path / "study")
    (folder / "short").mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (folder / "short" / f"{name}-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\0")
    (folder / "mine.yaml").write_text("mnist_path: short\n", encoding="utf-8")
    snakemake(folder, "fetch_mnist", "--configfile", "mine.yaml")
    log = (folder / "results" / "logs" / "fetch_mnist.log").read_text(encoding="utf-8")
    assert "local path short: train-images-idx3-ubyte (8 bytes) has SHA-256" in log
    assert log.index("local path short") < log.index("ossci-datasets")


def test_the_cost_is_measured_alone_first_and_the_workflow_tells_what_it_took(quick):
    folder, _ = quick
    logs = sorted((folder / "results" / "logs").glob("*.log"))
    (session,) = {json.loads(log.read_text(encoding="utf-8").splitlines()[-1].partition(TOOK)[2])["session"] for log in logs}
    told = {job.job: job for job in pipeline.read(logs, session)}
    alone = told.pop("measure_cost")
    assert len(told) > 80 and all(job.began > alone.ended - 1 for job in told.values())
    path = [job.job for job in pipeline.critical_path(told.values())]
    assert path[-1] == "write_report" and "aggregate" in path
    html = (folder / "results" / "report.html").read_text(encoding="utf-8")
    assert "busy share of" in html and "How one gradient grows" in html


@pytest.mark.skipif(not PEERS.keys() - TRAINABLE.keys(), reason="every peer is installed")
def test_a_peer_that_is_not_installed_is_left_out_unless_it_is_asked_for(tmp_path):
    folder = copy(tmp_path / "study")
    absent = sorted(PEERS.keys() - TRAINABLE.keys())[0]
    assert f"train_{absent}" not in jobs(snakemake(folder, "-n"))
    (folder / "mine.yaml").write_text(yaml.safe_dump({"variants": {"xor": [absent]}}), encoding="utf-8")
    output = snakemake(folder, "-n", "--configfile", "mine.yaml", check=False)
    assert f"variant {absent} on task xor: the gradient '{absent}' needs the package {absent}, see `make peers`" in output


def test_the_long_study_is_one_that_can_be_run(tmp_path):
    planned = jobs(snakemake(copy(tmp_path / "study"), "-n", "--configfile", "config/full.yaml"))
    assert (
        planned["train_numpy_bptt"] == 4 and planned["measure_cost"] == 1 and planned["prepare_task"] == 5
    )  # pixel by pixel too


def test_the_graph_in_the_readme_is_that_of_the_workflow():
    drawn = snakemake(ROOT, "--rulegraph", "mermaid-js")
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", drawn))
    edges = {
        tuple(re.sub("^train_.*", "train", names[node]) for node in edge) for edge in re.findall(r"(id\d+) --> (id\d+)", drawn)
    }
    block = re.search(r"```mermaid\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)[1]
    assert edges and set(re.findall(r"(\w+) --> (\w+)", block)) == edges
