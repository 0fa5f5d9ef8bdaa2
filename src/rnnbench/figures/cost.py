"""What training took."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from rnnbench.figures.style import Look


def training_time(cost: pd.DataFrame, look: Look) -> Figure:
    """Microseconds an update and a replicate, on a log axis, a panel a task."""
    tasks = cost["task"].unique()
    figure = Figure(figsize=(5 * len(tasks), 3.4))
    for ax, task in zip(figure.subplots(1, len(tasks), squeeze=False)[0], tasks, strict=True):
        data = cost[cost["task"] == task].sort_values("microseconds_per_update")
        bars = {"hue": "variant", "palette": look.palette, "legend": False}
        sns.barplot(data, x="microseconds_per_update", y="variant", ax=ax, **bars)
        ax.set(xscale="log", title=task, xlabel="µs an update and replicate", ylabel="")
    figure.tight_layout()
    return figure
