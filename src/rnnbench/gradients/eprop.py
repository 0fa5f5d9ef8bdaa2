"""E-prop: eligibility traces, and learning signals that come from the outputs."""

from rnnbench.gradients.snap1 import Snap1


class Eprop(Snap1):
    """With symmetric feedback: the trace is carried by the unit's own Jacobian, and the learning signal comes from the outputs,

        L_i^t[k] = sum_o dL/do^t[o] W_L[k, o]          (for lower layers through those above, at the present step)

    For rate units this is SnAp-1, found independently; it is here under its own name. Exact where the Jacobian is
    diagonal. Bias: every path through another unit is dropped. Deterministic. O(n m) time and memory.
    Reading: a rate unit's hidden state is its x, which its own weight R[k, k] leads back to, so that this weight is part of the
    trace; the paper's spiking units have none and carry the leak alone, which here is `Rflo`.

    Source: G. Bellec, F. Scherr, A. Subramoney, E. Hajek, D. Salaj, R. Legenstein and W. Maass, A solution to the learning
    dilemma for recurrent networks of spiking neurons, Nature Communications 11 (2020), equations 1, 13 and 14.
    """

    source = "Bellec et al. 2020"
