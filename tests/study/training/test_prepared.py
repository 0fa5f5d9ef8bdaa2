"""What every variant of a task shares is made of what was fetched, or not at all."""

import pytest
from studies import XOR

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
