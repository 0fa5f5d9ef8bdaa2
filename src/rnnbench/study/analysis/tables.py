"""The tables of a study together, and as CSV files under results/tables."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from rnnbench.study.analysis.specifications import SPECIFICATIONS

FIRST = 5
"""Updates by which NumPy and Keras are said to agree per update."""


class Tables(Mapping[str, pd.DataFrame]):
    """Every table of `specifications` by its name, also as an attribute; one that is not given is empty."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Raises KeyError for a table that has no specification."""
        if unknown := [name for name in tables if name not in SPECIFICATIONS]:
            raise KeyError(f"there is no table {unknown[0]!r}")
        self._tables = {name: tables[name] if name in tables else of.empty() for name, of in SPECIFICATIONS.items()}

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name not in SPECIFICATIONS:
            raise AttributeError(f"there is no table {name!r}")
        return self._tables[name]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def replaced(self, **tables: pd.DataFrame) -> "Tables":
        """The same with other ones of these names."""
        return Tables({**self._tables, **tables})

    def each(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> "Tables":
        """Every table changed in the same way."""
        return Tables({name: change(table) for name, table in self.items()})

    def of_task(self, task: str) -> "Tables":
        """Of tables with a column `task`, the rows of one."""
        return self.each(lambda table: table[table["task"] == task] if "task" in table else table)

    @property
    def oracle_error(self) -> float:
        """The largest relative error of the trial's exact gradient against automatic differentiation; NaN where any is."""
        return float(self.yardstick["relative_error"].max(skipna=False))

    @property
    def double_lockstep(self) -> pd.DataFrame:
        """The rows of NumPy beside Keras in float64, where all that differs is rounding."""
        return self.lockstep[self.lockstep["dtype"] == "float64"]

    @property
    def first_lockstep(self) -> pd.DataFrame:
        """Those of the first `FIRST` updates, before a difference of rounding can grow where training is chaotic."""
        return self.double_lockstep[self.double_lockstep["update"] <= FIRST]

    def write(self, folder: Path) -> None:
        """One CSV a table, under its name."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.items():
            table.to_csv(folder / f"{name}.csv", index=False)

    @classmethod
    def read(cls, folder: Path) -> "Tables":
        """Read what `write` wrote, each column as its specification has it."""
        return cls({name: of.read(folder / f"{name}.csv") for name, of in SPECIFICATIONS.items()})
