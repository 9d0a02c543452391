# SPDX-License-Identifier: MIT
"""What holds for every answer of the optimiser."""

from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optimize_cases import mixed, mixed_signals, solved
from snapshots import bytes32

from steelyard.optimize import Preferences, Status
from steelyard.optimize.terms import nothing, worst_violation

SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@SLOW
@given(
    first=st.floats(0.05, 0.9),
    second=st.floats(0.05, 0.9),
    lp_cap=st.floats(0.02, 0.5),
    lp_units=st.floats(0, 0.5),
    fees=st.floats(0, 1),
    mean=st.floats(-0.3, 0.3),
)
def test_invariant__any_solution_meets_every_row(
    first: float,
    second: float,
    lp_cap: float,
    lp_units: float,
    fees: float,
    mean: float,
) -> None:
    total = first + second + 0.1
    shares = (first / total, second / total, 0.1 / total)
    snapshot = mixed(shares=shares, lp_cap=lp_cap, lp_units=lp_units)

    problem, solution = solved(
        snapshot,
        Preferences(heal_above=inf),
        **mixed_signals(
            snapshot,
            pool_fees_per_year={bytes32(1): fees * snapshot.nav},
            returns={"WETH": mean},
        ),
    )

    assert solution.status is Status.OPTIMAL
    assert worst_violation(problem, solution.allocation) <= 1e-7
    assert worst_violation(problem, nothing(problem)) <= 1e-9
    assert solution.terms.total >= solution.terms_nothing.total


@SLOW
@given(low=st.floats(0.01, 0.4), wider=st.floats(0.0, 0.3))
def test_invariant__a_wider_cap_never_lowers_the_optimum(
    low: float, wider: float
) -> None:
    totals = []
    for share in (low, low + wider):
        snapshot = mixed(lp_cap=share, lp_units=0.0)
        signals = mixed_signals(snapshot, gas_price_wei=0)
        totals.append(solved(snapshot, Preferences(), **signals)[1].terms.total)

    assert totals[1] >= totals[0] - 1e-7


@pytest.mark.parametrize("decimals", [6, 8, 12])
def test_invariant__redenominated_token__weights_stay(decimals: int) -> None:
    plain, other = mixed(), mixed(weth_decimals=decimals)

    _, first = solved(plain, Preferences(), **mixed_signals(plain))
    _, second = solved(other, Preferences(), **mixed_signals(other))

    assert second.inventory == pytest.approx(first.inventory, abs=1e-4)
    assert second.allocation.values == pytest.approx(first.allocation.values, abs=1e-4)
    assert second.terms.total == pytest.approx(first.terms.total, abs=1e-7)


def test_optimize__small_weights__are_exactly_none() -> None:
    snapshot = mixed()

    problem, solution = solved(snapshot, Preferences(), **mixed_signals(snapshot))

    values = solution.allocation.values
    assert not ((values > 0) & (values < 1e-6)).any()
    change = np.abs(values - problem.values)
    assert not ((change > 0) & (change < 1e-6)).any()


def test_optimize__same_problem_twice__same_answer() -> None:
    snapshot = mixed()

    _, first = solved(snapshot, Preferences(), **mixed_signals(snapshot))
    _, second = solved(snapshot, Preferences(), **mixed_signals(snapshot))

    assert np.array_equal(first.allocation.z, second.allocation.z)
