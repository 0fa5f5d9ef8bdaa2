"""Gradient rules, one a file, all under the contract of `base`."""

from importlib.util import find_spec

from rnnbench.gradients.base import GradientRule, Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.elman import Elman
from rnnbench.gradients.jax_bptt import JaxBptt
from rnnbench.gradients.mlp import Mlp
from rnnbench.gradients.posted import Posted
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.gradients.torch_bptt import TorchBptt

RULES: dict[str, type[GradientRule]] = {
    "posted": Posted,
    "elman": Elman,
    "bptt": Bptt,
    "rtrl": Rtrl,
    "mlp": Mlp,
}
PEERS: dict[str, type[GradientRule]] = {"jax": JaxBptt, "torch": TorchBptt}
"""The exact gradient by other libraries, by the package that each needs. They are trained and timed, not tried."""

TRAINABLE = {**RULES, **{package: rule for package, rule in PEERS.items() if find_spec(package)}}
"""What a variant may name here: the rules, and the peers that are installed."""

__all__ = ["PEERS", "RULES", "TRAINABLE", "GradientRule", "Step"]
