"""How far NumPy and Keras drift apart, and an axis of examples."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import SymmetricalLogLocator

from rnnbench.study.figures.style import INK


def lockstep(table: pd.DataFrame) -> Figure:
    """Largest difference between NumPy's and Keras's weights, update by update."""
    data = table[table["update"] > 0].assign(difference=lambda t: t["difference"].clip(lower=1e-18))
    figure = Figure(figsize=(8, 3.4))
    ax = figure.subplots()
    sns.lineplot(
        data, x="update", y="difference", hue="dtype", style="optimizer", size="task", sizes=(1, 2), ax=ax, errorbar=None
    )
    ax.axhline(1e-10, color=INK, linewidth=0.8, linestyle=":")
    ax.set(yscale="log", xlabel="updates", ylabel="largest difference of a weight")
    sns.move_legend(ax, "center left", bbox_to_anchor=(1, 0.5))
    return figure


def from_zero_in_decades(ax: Axes, data: pd.DataFrame, ticks: int = 15) -> None:
    """A log axis of examples that begins at none, with so many ticks at most."""
    first = max(1.0, float(data.loc[data["examples"] > 0, "examples"].min()))
    ax.set_xscale("symlog", linthresh=first)
    locator = SymmetricalLogLocator(base=10, linthresh=first)
    locator.set_params(numticks=ticks)
    ax.xaxis.set_major_locator(locator)
    ax.set_xlim(0, 1.3 * float(data["examples"].max()))
