"""What every variant of a task shares is read as it was made, or not at all."""

import pytest
from studies import XOR, prepared

from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks.temporal_xor import TemporalXor
from rnnbench.study.training.prepared import PARTS, prepare


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "spoil", [lambda data: data[: len(data) // 2], lambda data: b"other", lambda data: b""], ids=["cut", "other", "empty"]
)
def test_a_damaged_part_is_named_with_its_mend(tmp_path, part, spoil):
    found = prepared(tmp_path)
    found.paths[part].write_bytes(spoil(found.paths[part].read_bytes()))
    with pytest.raises(ValueError, match=rf"{part}\.npz is damaged \(.*\); remove it, and run the same command again"):
        {"splits": lambda: found.splits, "initial": found.initial, "order": lambda: found.order(4)}[part]()


def test_a_file_that_has_changed_since_it_was_fetched_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "bits").write_bytes(b"other")
    monkeypatch.setattr(TemporalXor, "files", {"bits": "0" * 64})
    task, out = TaskSettings.of("xor", XOR, 1), {part: tmp_path / f"{part}.npz" for part in PARTS}
    with pytest.raises(ValueError, match=r"bits \(5 bytes\) has SHA-256 .*: it has changed since it was fetched; remove it"):
        prepare(task, {"bits": tmp_path / "bits"}, out)
    assert not any(path.exists() for path in out.values())
