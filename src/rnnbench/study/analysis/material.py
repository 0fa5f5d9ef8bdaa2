"""What the tables of a study are made of: what its jobs have left, read and checked, and the config."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from rnnbench.study.analysis import claims, comparisons, online, prequential, summaries
from rnnbench.study.analysis.specifications import SPECIFICATIONS, columns
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.probes import beside_exact, diagnostics, staleness, verdicts
from rnnbench.study.settings import TaskSettings, tasks_of
from rnnbench.study.training import rates, whole
from rnnbench.study.training.run import Run, RunError

Files = Mapping[str, Sequence[str | Path]]
"""What the jobs have left, by kind: see `Material.read`. A kind that is not there has none."""


@dataclass(frozen=True)
class Material:
    """The fields are what the jobs have left; every table of `specifications` is a property, or a field, of its name.

    runs: as `run.read` gives them. tried: as `rates.ended` does, of all of them. judged: the trial's records, a dict for each
    rule. diagnostics, stale, beside: by replicate, of all runs and tasks together. The others are tables as they are. All but the
    runs may be empty.
    """

    runs: Sequence[Run]
    tried: pd.DataFrame
    judged: Sequence[Mapping[str, Any]]
    diagnostics: pd.DataFrame
    yardstick: pd.DataFrame
    lockstep: pd.DataFrame
    stale: pd.DataFrame
    beside: pd.DataFrame
    gradient_cost: pd.DataFrame
    update_cost: pd.DataFrame
    config: Mapping[str, Any]

    @classmethod
    def read(cls, files: Files, config: Mapping[str, Any]) -> "Material":
        """Read the files: curves and provenance (one of each for every run, or block of one, in the same order), rules, and the
        tables' names.

        Raises RunError, naming the file, where a run breaks its contract, or runs of a task were not made on the same ground.
        """
        runs = whole.read({part: files[part] for part in ("curves", "provenance")})
        tasks = tasks_of(config)
        for of in runs:
            task, variant = of.provenance["task"], of.provenance["variant"]
            for metric in tasks[task].kind.metrics:
                if metric.name not in set(of.curves["metric"]):
                    raise RunError(f"run {task}/{variant}: curves.csv has no metric {metric.name!r}")
        return cls(
            runs=runs,
            tried=_joined(files.get("rates", ()), rates.COLUMNS),
            judged=[json.loads(Path(file).read_text(encoding="utf-8")) for file in files.get("rules", ())],
            diagnostics=_joined(files.get("diagnostics", ()), diagnostics.COLUMNS),
            yardstick=_joined(files.get("yardstick", ()), columns("yardstick")),
            lockstep=_joined(files.get("lockstep", ()), columns("lockstep")),
            stale=_joined(files.get("staleness", ()), staleness.COLUMNS),
            beside=_joined(files.get("beside_exact", ()), beside_exact.COLUMNS),
            gradient_cost=_joined(files.get("gradient_cost", ()), columns("gradient_cost")),
            update_cost=_joined(files.get("update_cost", ()), columns("update_cost")),
            config=config,
        )

    @property
    def seed(self) -> int:
        """Of the study."""
        return int(self.config["seed"])

    @cached_property
    def tasks(self) -> dict[str, TaskSettings]:
        """By name."""
        return tasks_of(self.config)

    @property
    def statistics(self) -> dict[str, Any]:
        """Confidence and resamples."""
        return {key: self.config["statistics"][key] for key in ("confidence", "resamples")}

    @property
    def confidence(self) -> float:
        """The level of the intervals."""
        return float(self.config["statistics"]["confidence"])

    @cached_property
    def ends(self) -> comparisons.Endings:
        """What every replicate ends with."""
        return comparisons.endings(self.runs, self.tasks)

    @cached_property
    def variants(self) -> pd.DataFrame:
        """What every run is of."""
        return summaries.variants(self.runs)

    @cached_property
    def rules(self) -> pd.DataFrame:
        """The gradient rules."""
        return verdicts.rules(self.judged)

    @property
    def verdicts(self) -> pd.DataFrame:
        """What the trial found of them."""
        return verdicts.findings(self.judged)

    @property
    def paths(self) -> pd.DataFrame:
        """What they multiply the parts of the exact gradient by."""
        return verdicts.paths(self.judged)

    @property
    def curves(self) -> pd.DataFrame:
        """Learning curves."""
        return summaries.curves(self.runs, self.tasks, self.statistics, self.seed)

    @cached_property
    def final(self) -> pd.DataFrame:
        """The end of training."""
        return summaries.final(self.runs, self.tasks, self.config["targets"], self.statistics, self.seed)

    @property
    def replicates(self) -> pd.DataFrame:
        """The same of every replicate."""
        return summaries.replicates(self.runs)

    @cached_property
    def learning_rates(self) -> pd.DataFrame:
        """The learning rates that were tried."""
        return summaries.learning_rates(self.tried, self.runs, self.tasks, self.statistics, self.seed)

    @cached_property
    def cost(self) -> pd.DataFrame:
        """What runs took."""
        return summaries.cost(self.runs)

    @property
    def times(self) -> pd.DataFrame:
        """When runs were looked at."""
        return summaries.times(self.runs)

    @property
    def gradient_statistics(self) -> pd.DataFrame:
        """Gradients and dynamics along runs."""
        return summaries.quartiles(self.diagnostics, ["task", "variant", "updates", "examples", "quantity", "of", "lag"])

    @property
    def staleness(self) -> pd.DataFrame:
        """How stale RTRL gets."""
        return summaries.quartiles(self.stale, ["task", "learning_rate", "quantity"])

    @property
    def beside_exact(self) -> pd.DataFrame:
        """Rules beside the exact gradient."""
        return summaries.quartiles(self.beside, ["task", "rule", "updates", "examples", "quantity"])

    @cached_property
    def to_target(self) -> pd.DataFrame:
        """When runs meet the target."""
        return comparisons.to_target(self.runs, self.tasks, self.config["targets"])

    @property
    def comparisons(self) -> pd.DataFrame:
        """Variants against the posted one, and ladders from end to end."""
        ladders = self.config["ladder"]
        return comparisons.comparisons(self.ends, self.variants, self.tasks, ladders, self.statistics, self.seed)

    @property
    def equivalence(self) -> pd.DataFrame:
        """Keras's twin against the same in NumPy."""
        margins = self.config["statistics"]["margins"]
        return comparisons.equivalences(self.ends, self.variants, self.rules, self.tasks, margins, self.confidence)

    @property
    def claims(self) -> pd.DataFrame:
        """What others found, tried here."""
        asked, margins = self.config["claims"], self.config["statistics"]["margins"]
        return claims.claims(self.ends, self.tasks, asked, margins, self.statistics, self.seed)

    @cached_property
    def losses(self) -> prequential.Losses:
        """What runs that keep it lost while they learnt."""
        return prequential.losses(self.runs, self.config["prequential"]["stretches"])

    @property
    def prequential(self) -> pd.DataFrame:
        """The same of all replicates."""
        return prequential.summary(self.losses)

    @property
    def contrasts(self) -> pd.DataFrame:
        """Pairs of variants in it."""
        return prequential.contrasts(self.losses, self.config["prequential"]["contrasts"], self.confidence)

    @property
    def published(self) -> pd.DataFrame:
        """What others have published, with the same here."""
        return prequential.published(self.losses, self.config["prequential"]["published"])

    @property
    def scores(self) -> pd.DataFrame:
        """Variants over all tasks."""
        return comparisons.scores(self.ends, self.variants, self.tasks, self.statistics, self.seed)

    @property
    def ladder(self) -> pd.DataFrame:
        """Ladders rung by rung."""
        measured = self.final, self.cost, self.to_target, self.ends, comparisons.courses(self.runs, self.tasks)
        return comparisons.ladder(*measured, self.tasks, self.config["ladder"], self.confidence)

    @cached_property
    def online(self) -> pd.DataFrame:
        """The rules of online learning compared."""
        margins = self.config["statistics"]["margins"]
        measured = self.gradient_cost, self.beside, self.ends
        return online.summary(self.final, self.cost, self.rules, *measured, self.tasks, margins, self.confidence)

    @property
    def correlation(self) -> pd.DataFrame:
        """Whether alignment goes with the end of training."""
        return online.correlation(self.online, self.tasks, self.statistics, self.seed)


def aggregate(material: Material) -> Tables:
    """All tables of a study."""
    return Tables({name: getattr(material, name) for name in SPECIFICATIONS})


def _joined(files: Iterable[str | Path], columns: Sequence[str]) -> pd.DataFrame:
    """All tables one below the other, of which there may be none."""
    found = [pd.read_csv(file) for file in files]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(columns))
