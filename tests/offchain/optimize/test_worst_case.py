# SPDX-License-Identifier: MIT
"""The least largest loss (minimax), by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tail_cases import polytope_of, portfolio_of, solved

from steelyard.optimize.models import LargestRatio, LeastRisk, WorstCase


def test_least_risk__two_assets_that_lose_apart__half_each() -> None:
    portfolio = portfolio_of([[0.1, -0.2], [-0.2, 0.1]])

    found = solved(portfolio, WorstCase(), LeastRisk())

    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-12)
    assert found.objective == pytest.approx(0.05, abs=1e-15)
    assert found.bound == pytest.approx(0.05, abs=1e-15)


def test_largest_loss__one_asset_loses_twice_as_much__a_third_of_it() -> None:
    # 0.2 x in one scenario and 0.1 (1 - x) in the other are equal at x = 1 / 3
    portfolio = portfolio_of([[-0.2, 0.0], [0.0, -0.1]])

    found = solved(portfolio, WorstCase(), LeastRisk())

    assert found.weights == pytest.approx([1 / 3, 2 / 3], abs=1e-12)
    assert found.objective == pytest.approx(0.2 / 3, abs=1e-15)


def test_row_price__cap_of_the_better_asset__what_more_of_it_saves() -> None:
    capped = polytope_of(
        2, names=("cap",), matrix=np.array([[1.0, 0.0]]), bounds=np.array([0.4])
    )
    portfolio = portfolio_of([[-0.1, -0.3], [0.2, 0.2]], capped)

    found = solved(portfolio, WorstCase(), LeastRisk())

    # 0.4 x 0.1 + 0.6 x 0.3, and 0.2 less for each unit moved
    assert found.objective == pytest.approx(0.22, abs=1e-15)
    assert found.row_prices == pytest.approx([0.2], abs=1e-12)


def test_largest_ratio__of_gain_to_the_largest_loss__the_better_mix() -> None:
    # per unit of the first: mean 0.05, loss 0.1; of the second: mean 0.02, loss 0.1;
    # they lose in different scenarios
    portfolio = portfolio_of(
        [[-0.1, 0.0], [0.0, -0.1]], expected_returns=np.array([0.05, 0.02])
    )

    found = solved(portfolio, WorstCase(), LargestRatio())

    # (0.05 x + 0.02 (1 - x)) / (0.1 max(x, 1 - x)) is most at a half: 0.7
    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-12)
    assert found.objective == pytest.approx(-0.7, abs=1e-12)
    assert found.bound == pytest.approx(-0.7, abs=1e-9)


def test_shorts__hedge_of_a_twin__no_risk() -> None:
    twins = np.array([[0.1, 0.1, 0.0], [-0.3, -0.3, 0.0], [0.2, 0.2, 0.01]])
    polytope = polytope_of(3, lowest=np.full(3, -1.0))

    found = solved(portfolio_of(twins, polytope), WorstCase(), LeastRisk())

    assert found.objective == pytest.approx(0.0, abs=1e-15)
    assert found.weights[:2].sum() == pytest.approx(0.0, abs=1e-12)


def test_cash_that_pays_the_risk_free_return__ratio__that_of_the_rest() -> None:
    portfolio = portfolio_of(
        [[0.0, -0.1, 0.0], [0.0, 0.0, -0.1]],
        expected_returns=np.array([0.0, 0.05, 0.02]),
    )

    found = solved(portfolio, WorstCase(), LargestRatio())

    # as without cash, in any mix with it
    assert found.objective == pytest.approx(-0.7, abs=1e-12)
    assert found.bound == pytest.approx(-0.7, abs=1e-9)
