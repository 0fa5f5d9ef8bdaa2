"""Files that others may read, or write too, at the same time."""

import os
import platform
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, all of it or nothing, in a folder that is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another process may write the same at the same time, on this node or another.
    part = path.with_name(f"{path.name}.{platform.node()}.{os.getpid()}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
