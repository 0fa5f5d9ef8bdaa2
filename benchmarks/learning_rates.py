"""The learning rate of a recipe: a grid of them, on validation data of a seed that the study does not use.

    python benchmarks/learning_rates.py xor ladder-adam bptt 0.003 0.01 0.03

Trains the recipe of config/config.yaml once for each rate and prints the interquartile mean of the task's first metric on
validation data, and how many replicates meet the target: so the rates of the ladder were chosen. The files that a task needs
are read from results/data.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
from rnnbench import environment

environment.pin()

import yaml

from rnnbench.gradients.registry import RULES
from rnnbench.study.analysis.statistics import complete, interquartile_mean
from rnnbench.study.jobs.log import Progress
from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks import registry
from rnnbench.study.training.numpy_trainer import train
from rnnbench.study.training.prepared import PARTS, Prepared, prepare
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import evaluate


def main() -> None:
    """Parse the arguments and print a row a rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task")
    parser.add_argument("recipe")
    parser.add_argument("gradient", choices=RULES)
    parser.add_argument("rates", type=float, nargs="+")
    parser.add_argument("--seed", type=int, default=77)
    options = parser.parse_args()
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    task = TaskSettings.of(options.task, {"loss": None, "rest": 0.0, "leak": 0.0, **config["tasks"][options.task]}, options.seed)
    metric, target = task.kind.metrics[0], config["targets"][options.task]
    files = {name: ROOT / path for name, path in registry.paths(task.data).items()}
    with tempfile.TemporaryDirectory() as folder:
        paths = {part: Path(folder) / f"{part}.npz" for part in PARTS}
        prepare(task, files, paths)
        prepared = Prepared(task, paths)
        print(f"| learning rate | {metric.label} | meet {target:g} |\n|---|---|---|")
        for rate in options.rates:
            schedule = Schedule(task, task.recipe(options.recipe, {"learning_rate": rate}))
            progress = Progress(f"{rate:g}", schedule.updates, "updates")
            trajectory = train(prepared, schedule, RULES[options.gradient](task.network), progress)
            values = complete(
                evaluate(task.network, trajectory.vector[-1], prepared.splits["validation"], task.kind)[metric.name], metric.worst
            )
            met = int(metric.meets(values, target).sum())
            print(f"| {rate:g} | {float(interquartile_mean(values)):.4f} | {met} of {len(values)} |", flush=True)


if __name__ == "__main__":
    main()
