"""What every variant of a task shares is made of what was fetched, or not at all."""

import pytest
from studies import XOR, prepared

from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks.temporal_xor import TemporalXor
from rnnbench.study.training.prepared import PARTS, prepare


def test_a_file_that_has_changed_since_it_was_fetched_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "bits").write_bytes(b"other")
    monkeypatch.setattr(TemporalXor, "files", {"bits": "0" * 64})
    task, out = TaskSettings.of("xor", XOR, 1), {part: tmp_path / f"{part}.npz" for part in PARTS}
    with pytest.raises(ValueError, match=r"bits \(5 bytes\) has SHA-256 .*: it has changed since it was fetched; remove it"):
        prepare(task, {"bits": tmp_path / "bits"}, out)
    assert not any(path.exists() for path in out.values())


def test_the_order_in_which_a_config_names_recipes_changes_no_byte(tmp_path):
    """A config may reach the workflow by several ways, which merge it in different orders."""
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, recipes in ((one, XOR["recipes"]), (other, dict(reversed(XOR["recipes"].items())))):
        folder.mkdir()
        prepared(folder, recipes=recipes)
    for part in PARTS:
        assert (one / f"{part}.npz").read_bytes() == (other / f"{part}.npz").read_bytes()
