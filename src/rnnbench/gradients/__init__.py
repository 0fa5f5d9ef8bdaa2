"""Gradient rules, one a file, all under the contract of `base`."""

from importlib.util import find_spec

from rnnbench.gradients.base import GradientRule, Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.diagonal import Diagonal
from rnnbench.gradients.dni import Dni
from rnnbench.gradients.elman import Elman
from rnnbench.gradients.eprop import Eprop, EpropRandom
from rnnbench.gradients.forward_gradient import ForwardGradient
from rnnbench.gradients.jax_bptt import JaxBptt
from rnnbench.gradients.kernl import Kernl
from rnnbench.gradients.kf_rtrl import KfRtrl
from rnnbench.gradients.mlp import Mlp
from rnnbench.gradients.ok_rtrl import OkRtrl
from rnnbench.gradients.posted import Posted
from rnnbench.gradients.rflo import Rflo
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.gradients.snap import Snap, Snap1
from rnnbench.gradients.tbptt import Tbptt
from rnnbench.gradients.torch_bptt import TorchBptt
from rnnbench.gradients.uoro import Uoro

RULES: dict[str, type[GradientRule]] = {
    "posted": Posted,
    "elman": Elman,
    "bptt": Bptt,
    "rtrl": Rtrl,
    "mlp": Mlp,
    "tbptt": Tbptt,
    "snap1": Snap1,
    "snap2": Snap,
    "rflo": Rflo,
    "eprop": Eprop,
    "eprop-random": EpropRandom,
    "diagonal": Diagonal,
    "uoro": Uoro,
    "kf-rtrl": KfRtrl,
    "ok-rtrl": OkRtrl,
    "forward-gradient": ForwardGradient,
    "dni": Dni,
    "kernl": Kernl,
}
PEERS: dict[str, type[GradientRule]] = {"jax": JaxBptt, "torch": TorchBptt}
"""The exact gradient by other libraries, by the package that each needs. They are trained and timed, not tried."""

TRAINABLE = {**RULES, **{package: rule for package, rule in PEERS.items() if find_spec(package)}}
"""What a variant may name here: the rules, and the peers that are installed."""

__all__ = ["PEERS", "RULES", "TRAINABLE", "GradientRule", "Step"]
