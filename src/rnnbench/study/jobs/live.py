"""One live line in the terminal under the workflow's own: how far the long jobs are, read from the last lines of their logs."""

import logging
import os
import threading
import time
from pathlib import Path
from typing import TextIO

from rnnbench.study.jobs.log import PROGRESS_NAME

STALE = 30.0
"""Seconds after which a job that has said nothing is no longer shown."""
ERASE = "\r\033[K"


class LiveLine(logging.Handler):
    """Between start() and stop(), the line is there, and every record of the logger erases it before it is written itself.

    It belongs to a terminal; elsewhere, jobs write their progress as lines of their own.
    """

    def __init__(self, folder: Path, stream: TextIO, logger: logging.Logger, every: float = 1.0) -> None:
        super().__init__()
        self.folder, self.stream, self.logger, self.every = folder, stream, logger, every
        self.began = time.time()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self) -> None:
        """Where there is a terminal."""
        if self.stream.isatty():
            self.logger.handlers.insert(0, self)
            self.thread.start()

    def stop(self) -> None:
        """Leave no line behind."""
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()
        self.logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Make room for what the other handlers write next."""
        self.write(ERASE)

    def run(self) -> None:
        """Write the line again and again."""
        while not self.over.wait(self.every):
            self.write(ERASE + self.line(self.width() - 1))
        self.write(ERASE)

    def write(self, text: str) -> None:
        """Without a line feed, so that it can be erased."""
        self.acquire()
        try:
            self.stream.write(text)
            self.stream.flush()
        finally:
            self.release()

    def width(self) -> int:
        """Of the terminal."""
        try:
            return os.get_terminal_size(self.stream.fileno()).columns
        except OSError:
            return 80

    def line(self, width: int) -> str:
        """What the jobs that are running said last."""
        now = time.time()
        told = []
        for log in sorted(self.folder.glob("*.log")):
            try:
                if log.stat().st_mtime < max(self.began, now - STALE):
                    continue
                last = log.read_text(encoding="utf-8", errors="replace").rstrip().rpartition("\n")[2]
            except OSError:  # it was there a moment ago
                continue
            if f" {PROGRESS_NAME} " in last:
                told.append(last.partition(f" {PROGRESS_NAME} ")[2])
        return " | ".join(told)[:width]
