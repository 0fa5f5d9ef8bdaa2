"""Gradient rules, one a file, all under the contract of `base`."""

from rnnbench.gradients.base import GradientRule, Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.elman import Elman
from rnnbench.gradients.mlp import Mlp
from rnnbench.gradients.posted import Posted
from rnnbench.gradients.rtrl import Rtrl

RULES: dict[str, type[GradientRule]] = {
    "posted": Posted,
    "elman": Elman,
    "bptt": Bptt,
    "rtrl": Rtrl,
    "mlp": Mlp,
}

__all__ = ["RULES", "GradientRule", "Step"]
