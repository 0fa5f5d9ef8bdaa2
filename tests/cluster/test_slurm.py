"""The workflow on a real Slurm of one host, whole and through faults, as `make test-slurm` runs it."""

import re
import subprocess
import sys
import time

import pytest
from cluster.one_host import Cluster, missing
from cluster.small import RUNS, study
from workflows import CONFIG, alone, hashes, snakemake

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not there: {', '.join(missing())}")
# A profile is not edited: what this cluster is otherwise is said on the command line. It has no accounting.
PROFILE = ("--profile", "profiles/slurm", "--slurm-status-command", "squeue", "--slurm-no-account")
GROUPS = ("--group-components", "runs=2", "trial=1000")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Slurm, running."""
    made = Cluster(tmp_path_factory.mktemp("slurm"))
    made.start()
    yield made
    made.stop()


def begun(cluster, folder):
    """The same command as in docs/cluster.md, started. Its output goes to a file."""
    with (folder / "said.txt").open("ab") as said:
        command = [sys.executable, "-m", "snakemake", *PROFILE, *GROUPS, "--cores", "2", *CONFIG]
        environment = alone(cluster.environment)
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL)


def said(folder):
    return (folder / "said.txt").read_text(encoding="utf-8")


def until(holds, process, seconds=600):
    """Wait until something holds while a study runs."""
    end = time.monotonic() + seconds
    while not holds():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.3)


def trainings(folder):
    return len(list(folder.glob("results/runs/xor/*/run.json")))


def test_its_bits_are_those_of_a_local_run_in_few_allocations(cluster, local, tmp_path):
    folder = study(tmp_path / "study")
    assert begun(cluster, folder).wait(900) == 0, said(folder)[-3000:]
    assert hashes(folder) == local and len(local) > 30
    # Three groups of two variants, the trial of rules, the cost study, the report.
    assert len(re.findall(r"submitted with SLURM jobid", said(folder))) == 6, said(folder)[-3000:]
    node = re.search(r"on node (\S+), (.+)", (folder / "results" / "logs" / "measure_cost.log").read_text(encoding="utf-8"))
    assert node[1] == cluster.host and node[2]
    assert f"Node {cluster.host}, " in (folder / "results" / "report.html").read_text(encoding="utf-8")


def test_one_that_fails_takes_nothing_along(cluster, tmp_path):
    """What others have finished is kept and reported; mended, the same command runs what is missing alone."""
    folder = study(tmp_path / "study")
    rule = folder / "src" / "rnnbench" / "gradients" / "snap1.py"
    whole = rule.read_text(encoding="utf-8")
    head = re.search(r"    def kept\(.*?\) -> Array:\n", whole)[0]
    rule.write_text(whole.replace(head, f"{head}        raise ValueError('planted')\n"), encoding="utf-8")
    assert begun(cluster, folder).wait(900) != 0
    assert "train_xor_rules-snap1: ValueError: planted (results/logs/train_xor_rules-snap1.log)" in said(folder)[-3000:]
    done = {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("results/runs/xor/*/run.json")}
    assert done.keys() == {*RUNS} - {"rules-snap1"}
    snakemake(folder, "partial_report", *CONFIG)
    assert "rules-snap1 on xor is missing" in (folder / "results" / "report.html").read_text(encoding="utf-8")
    rule.write_text(whole, encoding="utf-8")
    assert begun(cluster, folder).wait(900) == 0, said(folder)[-3000:]
    again = {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("results/runs/xor/*/run.json")}
    assert {name: again[name] for name in done} == done and again.keys() == {*RUNS}


def test_what_measures_time_has_the_node_to_itself(cluster, tmp_path):
    folder = study(tmp_path / "study")
    process = begun(cluster, folder)
    log = folder / "results" / "logs" / "measure_cost.log"
    until(log.exists, process)
    running = cluster.run("squeue", "--noheader", "--states=running", "--format=%i %h").split()
    assert len(running) == 2 and running[1] == "NO", running
    process.kill()
    process.wait()
    cluster.cancel()


def test_through_faults_it_ends_with_the_same_bits(cluster, local, tmp_path):
    """A job cancelled midway, both daemons killed and started, a node drained, Snakemake killed: the study ends, or the same
    command takes it up again."""
    folder = study(tmp_path / "study")
    process = begun(cluster, folder)
    until(lambda: list(folder.glob("results/logs/train_xor_*.log")), process)
    cancelled = cluster.run("squeue", "--noheader", "--states=running", "--format=%i").split()[0]
    cluster.run("scancel", cancelled)
    until(lambda: trainings(folder) >= 1, process)
    cluster.kill("slurmctld")
    time.sleep(5)
    cluster.start("slurmctld")
    cluster.kill("slurmd")
    time.sleep(5)
    cluster.start("slurmd")
    until(lambda: trainings(folder) >= 2, process)
    cluster.run("scontrol", "update", f"nodename={cluster.host}", "state=drain", "reason=test")
    time.sleep(10)
    cluster.run("scontrol", "update", f"nodename={cluster.host}", "state=resume")
    process.kill()
    process.wait()
    cluster.cancel()
    snakemake(folder, *CONFIG, "--unlock")
    for _ in range(2):
        if begun(cluster, folder).wait(900) == 0:
            break
    assert (folder / "results" / "report.html").exists(), said(folder)[-3000:]
    assert hashes(folder) == local
