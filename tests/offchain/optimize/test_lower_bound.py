# SPDX-License-Identifier: MIT
"""The certificate is never above the true least, and equal to it at the best prices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult, linprog

from steelyard.optimize.lower_bound import Kink, Tangent, linear_bound, lowest_value
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats


def _polytope(
    lowest: list[float],
    highest: list[float],
    matrix: list[list[float]] | None = None,
    bounds: list[float] | None = None,
    total: float = 1.0,
) -> Polytope:
    n, m = len(lowest), len(bounds or [])
    return Polytope(
        assets=tuple(f"asset {i}" for i in range(n)),
        lowest=np.array(lowest),
        highest=np.array(highest),
        names=tuple(f"row {i}" for i in range(m)),
        matrix=np.array(matrix if m else np.zeros((0, n))),
        bounds=np.array(bounds or []),
        total=total,
    )


def _random(seed: int, kinks: int) -> tuple[Polytope, Floats, list[Kink]]:
    """Boxes, crossing rows and kinks around weights that are allowed."""
    random = np.random.default_rng(seed)
    n, m = int(random.integers(1, 9)), int(random.integers(0, 5))
    inside = random.normal(size=n)
    matrix = random.normal(size=(m, n))
    polytope = Polytope(
        assets=tuple(map(str, range(n))),
        lowest=inside - random.uniform(0, 1, n) * random.integers(0, 2, n),
        highest=inside + random.uniform(0, 1, n) * random.integers(0, 2, n),
        names=tuple(map(str, range(m))),
        matrix=matrix,
        bounds=matrix @ inside + random.uniform(0, 0.3, m),
        total=float(inside.sum()),
    )
    found = [
        Kink(centres=inside + random.normal(size=n), slopes=random.uniform(0, 1, n))
        for _ in range(kinks)
    ]
    return polytope, random.normal(size=n), found


def _least(polytope: Polytope, gradient: Floats, kinks: list[Kink]) -> OptimizeResult:
    """The linear program itself, one variable more for each absolute value."""
    p, n, k = polytope, len(polytope.assets), len(kinks)
    eye = np.eye(n)
    rows, sides = [np.hstack([p.matrix, np.zeros((len(p.names), k * n))])], [p.bounds]
    for i, kink in enumerate(kinks):
        for sign in (1.0, -1.0):
            block = np.zeros((n, k * n))
            block[:, i * n : (i + 1) * n] = -eye
            rows.append(np.hstack([sign * eye, block]))
            sides.append(sign * kink.centres)
    box = list(zip(p.lowest, p.highest, strict=True))
    return linprog(
        np.concatenate([gradient, *(kink.slopes for kink in kinks)]),
        A_ub=np.vstack(rows),
        b_ub=np.concatenate(sides),
        A_eq=np.concatenate([np.ones(n), np.zeros(k * n)])[None],
        b_eq=[p.total],
        bounds=box + [(0, None)] * (k * n),
        method="highs",
    )


def test_linear_bound__no_rows__cheapest_first() -> None:
    polytope = _polytope([0.0, 0.1, 0.0], [0.5, 1.0, 0.3])

    bound = linear_bound(polytope, np.array([3.0, 2.0, 1.0]), np.zeros(0))

    # 0.3 of the last at 1, the remaining 0.7 at 2
    assert bound == pytest.approx(0.3 * 1 + 0.7 * 2, abs=1e-15)


def test_linear_bound__row_at_its_price__tight() -> None:
    polytope = _polytope([0.0, 0.0], [1.0, 1.0], [[1.0, 0.0]], [0.25])

    bound = linear_bound(polytope, np.array([1.0, 3.0]), np.array([2.0]))

    # a quarter at 1, the rest at 3; one more of the row's bound saves 3 - 1
    assert bound == pytest.approx(0.25 * 1 + 0.75 * 3, abs=1e-15)


def test_linear_bound__price_negative__counts_as_zero() -> None:
    polytope = _polytope([0.0, 0.0], [1.0, 1.0], [[1.0, 0.0]], [0.25])
    gradient = np.array([1.0, 3.0])

    bound = linear_bound(polytope, gradient, np.array([-5.0]))

    assert bound == linear_bound(polytope, gradient, np.zeros(1))


def test_linear_bound__trading_costs_more_than_it_gains__stays() -> None:
    polytope = _polytope([0.0, 0.0], [1.0, 1.0])
    held = np.array([0.4, 0.6])
    cost = Kink(centres=held, slopes=np.array([0.6, 0.6]))

    bound = linear_bound(polytope, np.array([0.0, 1.0]), np.zeros(0), [cost])

    # moving x saves x and costs 2 x 0.6 x
    assert bound == pytest.approx(0.6, abs=1e-15)


def test_linear_bound__trading_costs_less_than_it_gains__moves_all() -> None:
    polytope = _polytope([0.0, 0.0], [1.0, 1.0])
    held = np.array([0.4, 0.6])
    cost = Kink(centres=held, slopes=np.array([0.2, 0.2]))

    bound = linear_bound(polytope, np.array([0.0, 1.0]), np.zeros(0), [cost])

    # all of it at 0, for 0.2 on both sides of 0.6
    assert bound == pytest.approx(2 * 0.2 * 0.6, abs=1e-15)


def test_linear_bound__one_asset__its_only_value() -> None:
    polytope = _polytope([0.0], [2.0], total=1.5)

    bound = linear_bound(polytope, np.array([4.0]), np.zeros(0))

    assert bound == 6.0


@given(seed=st.integers(0, 10**6), kinks=st.integers(0, 2))
@settings(max_examples=150, deadline=None)
def test_linear_bound__any_prices__never_above_the_least(seed: int, kinks: int) -> None:
    polytope, gradient, found = _random(seed, kinks)
    least = _least(polytope, gradient, found)
    prices = np.random.default_rng(seed).exponential(size=len(polytope.names))

    bound = linear_bound(polytope, gradient, prices, found)

    assert least.status == 0
    assert bound <= least.fun + 1e-9


@given(seed=st.integers(0, 10**6), kinks=st.integers(0, 2))
@settings(max_examples=150, deadline=None)
def test_linear_bound__best_prices__the_least(seed: int, kinks: int) -> None:
    polytope, gradient, found = _random(seed, kinks)
    least = _least(polytope, gradient, found)
    prices = -least.ineqlin.marginals[: len(polytope.names)]

    bound = linear_bound(polytope, gradient, prices, found)

    assert bound == pytest.approx(least.fun, abs=1e-9)


def test_lowest_value__tangents_of_a_square__below_its_least() -> None:
    polytope = _polytope([0.0, 0.0], [1.0, 1.0])
    at = np.array([0.75, 0.25])
    square = Tangent(constant=-float(at @ at), gradient=2 * at)

    bound = lowest_value(polytope, square, np.zeros(0))
    best = lowest_value(
        polytope,
        Tangent(constant=-0.5, gradient=np.array([1.0, 1.0])),
        np.zeros(0),
    )

    # the least of v . v is 1/2, at a half each; from 3/4 and 1/4: -0.625 + 0.5
    assert bound == pytest.approx(-0.125, abs=1e-15)
    assert best == pytest.approx(0.5, abs=1e-15)


def test_tangent__sum_and_multiple__those_of_the_functions() -> None:
    kink = Kink(centres=np.zeros(2), slopes=np.array([1.0, 2.0]))
    one = Tangent(constant=1.0, gradient=np.array([1.0, 0.0]), kinks=(kink,))
    two = Tangent(constant=2.0, gradient=np.array([0.0, 3.0]))

    both = one.times(2.0) + two

    assert both.constant == 4.0
    assert both.gradient.tolist() == [2.0, 3.0]
    assert both.kinks[0].slopes.tolist() == [2.0, 4.0]


def test_tangent__times_less_than_nothing__refused() -> None:
    tangent = Tangent(constant=0.0, gradient=np.zeros(1))

    with pytest.raises(ValueError, match="factor is -1"):
        tangent.times(-1.0)
