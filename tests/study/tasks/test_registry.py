"""Tasks found by their file, and the files that they need."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from studies import ADDING, OWN, XOR

from rnnbench.study.settings import SettingsError, TaskSettings
from rnnbench.study.tasks import Task, registry

SOURCE = Path(registry.__file__).parents[2]
MINE = """
import numpy as np
from rnnbench.study.tasks import Metric, Task

class Mine(Task):
    unit = "words"
    sizes_schema = {"properties": {}}
    losses = ("mse",)
    files = {"words.txt": "%s"}
    time, inputs, outputs = 4, 1, 1
    metrics = (Metric("error", "error", False, 1.0, 0.0),)
    references = {"chance": {"error": 1.0}}

    def prepare(self, seed, replicates, files):
        return {}

    def score(self, prediction, y):
        return {}
"""


def mine(folder, sha256="0" * 64, **changes):
    text = MINE % sha256
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "mine.py").write_text(text, encoding="utf-8")
    return str(folder / "mine.py")


def test_the_tasks_of_the_package_are_found_by_their_files():
    assert registry.names() == ("add", "mnist", "series", "temporal_xor")
    for name in registry.names():
        found = registry.task(name)
        assert issubclass(found, Task) and found.__module__ == registry.module_of(name)
    assert registry.module_of(ADDING["data"]) is None and registry.content("mnist") == {}
    assert list(registry.content(ADDING["data"])) == [str(OWN / "adding.py")]


def test_the_settings_import_no_task_that_is_not_asked_for():
    lines = "import sys; from rnnbench.study import settings; print(*[m for m in sys.modules if 'study.tasks' in m])"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, env={"PYTHONPATH": str(SOURCE.parent)})
    base = "rnnbench.study.tasks"
    assert set(done.stdout.split()) == {base, f"{base}.base", f"{base}.registry"}, done.stderr


def test_no_task_and_none_of_its_metrics_is_named_elsewhere_in_the_package():
    named = re.compile(r"\bmnist|temporal_xor|mse_xor|mse_position|position_\d")
    for file in (SOURCE / "study").rglob("*.*"):
        if file.suffix in (".py", ".j2", ".js") and file.parent.name != "tasks":
            assert not named.search(file.read_text(encoding="utf-8")), file
    assert named.search((SOURCE / "study" / "tasks" / "mnist.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class Mine(Task)": "class Mine"}, "has no task: a class that derives from rnnbench.study.tasks.Task"),
        ({"score": "scroe"}, "has no task (Mine lacks score)"),
        ({'    unit = "words"\n': "", '    losses = ("mse",)\n': ""}, "Mine does not say unit, losses"),
        ({"import numpy": "import nmupy"}, "could not be imported: ModuleNotFoundError"),
        ({"    time, inputs, outputs = 4, 1, 1\n": "    time = inputs = 1\n"}, "Mine does not say outputs"),
        ({"time, inputs, outputs = 4": "time, inputs, outputs = 0"}, "time is 0, not at least 1"),
        ({"references = {": "references = {} and {"}, "the first of the references must score the first of the metrics (error)"),
        ({'("mse",)': '("mes",)'}, "the loss 'mes' is not one of mse"),
        ({"    files": "    counted = np.array([2, 5])\n    files"}, "counted has steps 2 to 5, and a sequence steps 0 to 3"),
        ({"    files": "    counted = np.array([3, 1])\n    files"}, "counted must be increasing indices of steps"),
        ({"    def prepare": "    def telling(self, time):\n        return 9\n\n    def prepare"}, "telling(4) ends with step 8"),
        (
            {"    def prepare": "    def __init__(self, sizes):\n        self.sizes = sizes['a']\n\n    def prepare"},
            "tasks.own.sizes: KeyError in",
        ),
    ],
)
def test_a_mistake_in_a_file_of_ones_own_is_named(tmp_path, changes, message):
    what = mine(tmp_path, **changes)
    with pytest.raises(SettingsError) as failure:
        TaskSettings.of("own", {**XOR, "data": what, "sizes": {}}, 1)
    assert str(failure.value).startswith("tasks.own.") and message in str(failure.value)


def test_a_task_that_keeps_the_contract_is_taken(tmp_path):
    task = TaskSettings.of("own", {**XOR, "data": mine(tmp_path), "sizes": {}}, 1)
    assert task.kind.counted.tolist() == [0, 1, 2, 3] and task.kind.every_step and task.network.loss == "mse"


def test_any_steps_may_count(tmp_path):
    what = mine(tmp_path, **{"    files": "    counted = np.array([0, 2])\n    files"})
    kind = TaskSettings.of("own", {**XOR, "data": what, "sizes": {}}, 1).kind
    assert not kind.every_step and kind.telling(4) == 3 and np.array_equal(kind.counted_of(4), [0, 2])


def test_files_are_taken_from_beside_the_task_and_held_to_their_hash(tmp_path):
    (tmp_path / "task").mkdir()
    content = b"one two"
    what = mine(tmp_path / "task", hashlib.sha256(content).hexdigest())
    out = {"words.txt": tmp_path / "data" / "words.txt"}
    with pytest.raises(registry.TaskError, match=r"task.words\.txt cannot be had: No such file"):
        registry.fetch(what, out)
    (tmp_path / "task" / "words.txt").write_bytes(content)
    registry.fetch(what, out)
    assert out["words.txt"].read_bytes() == content
    (tmp_path / "task" / "words.txt").write_bytes(b"one tow")
    with pytest.raises(registry.TaskError, match=r"words\.txt \(7 bytes\) has SHA-256 [0-9a-f]{64}, not "):
        registry.fetch(what, out)
    assert not out["words.txt"].exists()


def test_where_the_files_of_a_task_are_kept(tmp_path):
    kept = registry.paths("mnist")
    assert kept["t10k-labels-idx1-ubyte"] == Path("results/data/mnist/t10k-labels-idx1-ubyte") and len(kept) == 4
    assert registry.fetch_job("mnist") == "fetch_mnist" and registry.paths("temporal_xor") == {}
    own = mine(tmp_path)
    assert registry.paths(own)["words.txt"].parent.parent == Path("results/data")
    assert registry.fetch_job(own).isidentifier()
    config = {"mnist_path": "here"}
    assert registry.local(config, "mnist") == "here" and registry.local(config, "temporal_xor") is None
