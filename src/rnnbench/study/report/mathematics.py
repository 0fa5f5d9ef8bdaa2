"""The equations in question, as MathML: what was posted, what is exact, and the difference marked."""

from latex2mathml.converter import convert
from markupsafe import Markup

MISSING = "magenta"  # a colour to find the marked term by; the page gives it its own
NETWORK = r"x_i^t = f(z_i^t), \qquad z_i^t = x_{i-1}^t W_{i-1} + b_{i-1} + x_i^{t-1} R_i"
STEP = r"\frac{\partial x_i^t[n]}{\partial %s[j,k]} = f'(z_i^t[n]) "
PAST = r"\sum_m \frac{\partial x_i^{t-1}[m]}{\partial %s[j,k]} R_i[m,n]"
NOW = r"\delta_{nk}\, %s"
MARKED = r"{\color{%s} \underset{\text{%s}}{%s}}"
ABOVE = (
    r"\frac{\partial x_l^t[n]}{\partial R_i[j,k]} = f'(z_l^t[n]) \left( \sum_m \frac{\partial x_{l-1}^t[m]}{\partial R_i[j,k]}"
    r" W_{l-1}[m,n] + %s \right), \qquad l > i"
)
ABOVE_PAST = r"\sum_m \frac{\partial x_l^{t-1}[m]}{\partial R_i[j,k]} R_l[m,n]"


def formulas() -> list[tuple[str, Markup]]:
    """In words and as MathML: the network, the posted recursions, the exact ones, and what two layers ask for."""
    w = "W_{i-1}"
    recursion = STEP % "R_i" + r"\left(" + PAST % "R_i" + "+" + NOW % "x_i^{t-1}[j]" + r"\right)"
    posted = STEP % w + NOW % "x_{i-1}^t[j]"
    missing = MARKED % (MISSING, "not in the posted derivation", PAST % w)
    exact = STEP % w + r"\left(" + missing + "+" + NOW % "x_{i-1}^t[j]" + r"\right)"
    above = ABOVE % (MARKED % (MISSING, "not in the posted derivation", ABOVE_PAST))
    return [
        ("The network: layer i at time t.", mathml(NETWORK)),
        ("Posted for the recurrence; so has real-time recurrent learning (Williams & Zipser 1989).", mathml(recursion)),
        ("Posted for the weights from below, as in a network without memory.", mathml(posted)),
        ("Exact for them: the same recursion, for the state of a step before depends on them too.", mathml(exact)),
        ("Exact for a lower layer's parameters, in the layers above: their past depends on them too.", mathml(above)),
    ]


def short(missing: bool) -> Markup:
    """How the state depends on W, in a line; what is missing is marked, if it is."""
    past = r"\frac{\partial x^{t-1}}{\partial W} R"
    if missing:
        past = rf"{{\color{{{MISSING}}} {past}}}"
    return mathml(r"\frac{\partial x^t}{\partial W} = f'(z^t) \left( \text{input} + " + past + r" \right)")


def mathml(latex: str) -> Markup:
    """LaTeX as a MathML block; what is in the colour MISSING has the class `missing`."""
    return Markup(convert(latex, display="block").replace(f'mathcolor="{MISSING}"', 'class="missing"'))
