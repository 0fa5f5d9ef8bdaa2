"""What is learnt. A task of the config names its kind; the kinds are these."""

from rnnbench.tasks.base import SPLITS, Metric, Split, TaskKind, load_splits
from rnnbench.tasks.mnist import MNIST
from rnnbench.tasks.temporal_xor import TEMPORAL_XOR

KINDS: dict[str, TaskKind] = {"temporal_xor": TEMPORAL_XOR, "mnist": MNIST}

__all__ = ["KINDS", "SPLITS", "Metric", "Split", "TaskKind", "load_splits"]
