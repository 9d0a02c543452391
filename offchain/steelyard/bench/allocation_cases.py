# SPDX-License-Identifier: MIT
"""Problems that the optimisers are compared on: the same arrays for all of them.

Returns are simple, per day; each data set has a seed of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from steelyard.optimize.problem import Floats

DAYS = 1000
LEVEL = 0.95  # of CVaR
FREEDOM = 5  # degrees of Student's t
MOST_FACTORS = 15
MOST_GROUPS = 20
BROAD = 4  # groups of groups
SIZES = (10, 50, 200, 500)
# milliseconds by size
BARS = {
    "minimum-variance": (0.1, 0.4, 1.0, 2.0),
    "maximum-sharpe": (0.3, 0.8, 2.0, 4.0),
    "risk-parity": (0.2, 0.4, 3.0, 25.0),
    "cvar": (5.0, 9.0, 14.0, 28.0),
}
BARS_DENSE = {200: 10.0, 500: 35.0}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A task, and how its data are drawn."""

    task: str
    kind: str
    assets: int
    highest: float  # of each weight; the least is 0
    days: int = DAYS
    grouped: bool = True  # caps of groups too
    noise: bool = False  # independent returns instead of factors
    bar: float | None = None  # milliseconds

    @property
    def name(self) -> str:
        return f"{self.task}, {self.kind}, {self.assets} assets"


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSet:
    """What a solver is given of the market."""

    returns: Floats  # (t, n)
    mean: Floats  # (n,)
    covariance: Floats  # (n, n)


def cases() -> tuple[Case, ...]:
    """All of them: those with a bar, then those that are hard on active sets."""
    barred = [
        _usual(task, assets, bar)
        for task, bars in BARS.items()
        for assets, bar in zip(SIZES, bars, strict=True)
    ]
    return (*barred, *_hard(200), *_hard(500))


def _usual(task: str, assets: int, bar: float) -> Case:
    """Risk parity with caps is another problem: it is compared without."""
    capped = task != "risk-parity"
    return Case(
        task=task,
        kind="few held" if capped else "no caps",
        assets=assets,
        highest=(0.3 if assets <= 10 else 0.1) if capped else 1.0,
        grouped=capped,
        bar=bar,
    )


def _hard(n: int) -> tuple[Case, ...]:
    task = "minimum-variance"
    return (
        Case(task=task, kind="dense", assets=n, highest=2 / n, bar=BARS_DENSE[n]),
        Case(task=task, kind="2 % box", assets=n, highest=0.02),
        Case(task=task, kind="noise", assets=n, highest=0.1, noise=True),
        Case(task=task, kind="half as many days", assets=n, highest=0.1, days=n // 2),
    )


def group_caps(assets: int) -> tuple[Floats, Floats]:
    """(m, n) and (m,): caps of groups, and of broad groups that hold whole groups.

    The same for all data sets of a size; groups of one asset have no cap.
    """
    count = max(BROAD, min(MOST_GROUPS, assets // 4))
    group = np.sort(np.random.default_rng(assets).integers(0, count, assets))
    broad = group * BROAD // count
    matrix = np.vstack(
        [group == np.arange(count)[:, None], broad == np.arange(BROAD)[:, None]]
    ).astype(np.float64)
    few = assets <= 10
    caps = [0.35] * count + [0.45] * BROAD if few else [0.22] * count + [0.34] * BROAD
    kept = matrix.sum(axis=1) > 1
    return matrix[kept], np.array(caps)[kept]


def limits_of(case: Case) -> tuple[Floats, Floats]:
    """Matrix and bounds of the case's rows, (0, n) and (0,) without caps."""
    matrix, bounds = group_caps(case.assets)
    return (matrix, bounds) if case.grouped else (matrix[:0], bounds[:0])


def data_set(case: Case, seed: int) -> DataSet:
    """Returns with their sample mean and covariance."""
    generator = np.random.default_rng([seed, case.assets, case.days])
    if case.noise:
        returns = generator.normal(5e-4, 0.03, (case.days, case.assets))
    else:
        returns = _factor_returns(generator, case.days, case.assets)
    return DataSet(
        returns=returns,
        mean=returns.mean(axis=0),
        covariance=np.cov(returns, rowvar=False),
    )


def _factor_returns(generator: np.random.Generator, days: int, assets: int) -> Floats:
    """A market, some more factors, and what is each asset's own; all with fat tails."""
    factors = max(2, min(MOST_FACTORS, assets // 5))
    loadings = generator.normal(0.0, 0.5, (assets, factors))
    loadings[:, 0] = generator.uniform(0.6, 1.4, assets)
    sizes = generator.uniform(0.005, 0.015, factors)
    sizes[0] = 0.03
    own = generator.uniform(0.01, 0.05, assets)
    means = 4e-4 + 6e-4 * loadings[:, 0] + generator.normal(0.0, 4e-4, assets)
    moved = _fat_tails(generator, days, sizes) @ loadings.T
    return np.asarray(means + moved + _fat_tails(generator, days, own), np.float64)


def _fat_tails(generator: np.random.Generator, days: int, sizes: Floats) -> Floats:
    """(t, k) draws of Student's t with these standard deviations."""
    unit = np.sqrt((FREEDOM - 2) / FREEDOM)
    drawn = generator.standard_t(FREEDOM, (days, len(sizes)))
    return np.asarray(unit * drawn * sizes, np.float64)


def write_data(case: Case, path: Path, sets: int) -> None:
    """The file that every party reads."""
    matrix, bounds = limits_of(case)
    arrays = {"matrix": matrix, "bounds": bounds}
    for i in range(sets):
        data = data_set(case, seed=i)
        arrays[f"returns_{i}"] = data.returns
        arrays[f"mean_{i}"] = data.mean
        arrays[f"covariance_{i}"] = data.covariance
    np.savez(path, allow_pickle=False, **arrays)
