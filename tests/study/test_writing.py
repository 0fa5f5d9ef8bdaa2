from pathlib import Path

import pytest

from rnnbench.study.writing import write_whole


def test_a_file_is_there_whole_or_as_it_was_and_nothing_is_left_beside(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "file"
    write_whole(path, b"first")
    assert path.read_bytes() == b"first"
    write = Path.write_bytes

    def full(self, content):
        write(self, content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first" and list(path.parent.iterdir()) == [path]
