"""What is learnt: a task a file, in this folder or of the user's own."""

from rnnbench.study.tasks.base import SPLITS, ByPosition, Cycle, Metric, Split, Task, load_splits

__all__ = ["SPLITS", "ByPosition", "Cycle", "Metric", "Split", "Task", "load_splits"]
