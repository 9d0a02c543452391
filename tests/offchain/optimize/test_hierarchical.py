# SPDX-License-Identifier: MIT
"""Hierarchical models: a published portfolio, worked trees, the nearest under caps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from budget_cases import boxed, limits, of_volatilities
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_cases import (
    dense_case,
    factor_case,
    noise_case,
    short_case,
    tight_case,
    twin_case,
)

from data_files import data_file
from steelyard.optimize.allocate import allocate
from steelyard.optimize.budgeting.families import ways_of
from steelyard.optimize.budgeting.hierarchical import hierarchical_weights
from steelyard.optimize.budgeting.nearest import nearest
from steelyard.optimize.budgeting.tree import clusters_by_gap, distances, joined
from steelyard.optimize.errors import ModelRefused, PortfolioInvalid, SolveFailed
from steelyard.optimize.models import (
    CVaR,
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
)
from steelyard.optimize.outcome import Reason
from steelyard.optimize.polytope import violation
from steelyard.optimize.portfolio import Portfolio

HRP = HierarchicalRiskParity()
HERC = HierarchicalEqualRisk()
OF_TAILS = HierarchicalEqualRisk(measure=CVaR(level=0.9))


def best(portfolio: Portfolio, model):
    return ways_of(portfolio, model)[0](portfolio, model)


def in_blocks(variances: list[float], sizes: list[int], within: float) -> np.ndarray:
    """A covariance of blocks that do not move together."""
    block = np.repeat(np.arange(len(sizes)), sizes)
    correlation = np.where(block[:, None] == block, within, 0.0)
    np.fill_diagonal(correlation, 1.0)
    roots = np.sqrt(variances)
    return correlation * np.outer(roots, roots)


def test_hrp__ten_series_of_lopez_de_prado__published_weights():
    # Lopez de Prado (2016), exhibit 6, and Advances in financial machine learning,
    # table 16.1: 10,000 days, five series and five copies of 3, 1, 5, 2, 2 with noise
    generator = np.random.RandomState(12345)
    series = generator.normal(0, 1, (10_000, 5))
    copies = series[:, [2, 0, 4, 1, 1]] + generator.normal(0, 0.25, (10_000, 5))
    covariance = np.cov(np.hstack([series, copies]), rowvar=False)

    weights = hierarchical_weights(covariance)

    published = [7.00, 7.59, 10.84, 19.03, 9.72, 10.19, 6.62, 9.10, 7.12, 12.79]
    assert (100 * weights).round(2).tolist() == published


def test_hrp__two_blocks__halves_by_variance():
    # Halves are the blocks: inverse-variance portfolios of variance 0.95 and 3.8, so
    # 3.8 / 4.75 = 0.8 to the first; alike within.
    portfolio = Portfolio(
        polytope=limits(4), covariance=in_blocks([1, 1, 4, 4], [2, 2], 0.9)
    )

    found = best(portfolio, HRP)

    assert found.weights == pytest.approx([0.4, 0.4, 0.1, 0.1])
    assert (found.objective, found.bound) == (0.0, None)
    assert found.method == "hierarchical risk parity"


def test_herc__three_blocks__by_the_shape_of_the_tree():
    # Clusters {A, B}, {C, D}, {E}: variances 0.95, 0.95 and 1. E joins last, at the
    # root 1.9 / 2.9 to it; the rest is halved, then alike within.
    correlation = in_blocks([1] * 5, [2, 2, 1], 0.9)
    correlation[:2, 2:4] = correlation[2:4, :2] = 0.6
    portfolio = Portfolio(polytope=limits(5), covariance=correlation)

    found = best(portfolio, HierarchicalEqualRisk(clusters=3))

    rest = 1 / 2.9 / 4
    assert found.weights == pytest.approx([rest] * 4 + [1.9 / 2.9])
    assert found.method == "hierarchical equal risk (clusters: 3)"


def test_herc__within_a_cluster__inverse_variance():
    portfolio = of_volatilities([0.1, 0.2], [[1, 0.5], [0.5, 1]])

    weights = best(portfolio, HierarchicalEqualRisk(clusters=1)).weights

    assert weights == pytest.approx([0.8, 0.2])


def test_herc__tails__inverse_cvar():
    # Worst day alone: A loses 1 %, B 3 %; two clusters, 3 to 1.
    scenarios = np.array([[-0.01, 0.01], [0.02, -0.03], [0.01, 0.04], [0.0, 0.0]])
    portfolio = Portfolio(
        polytope=limits(2),
        scenarios=scenarios,
        covariance=np.cov(scenarios, rowvar=False),
    )
    model = HierarchicalEqualRisk(measure=CVaR(level=0.75))

    assert best(portfolio, model).weights == pytest.approx([0.75, 0.25])


def test_herc__cluster_without_a_loss__fails():
    # Each loses 2 % in its tail, but they never lose together.
    scenarios = np.array([[-0.02, 0.03], [0.03, -0.02], [0.01, 0.01], [0.01, 0.01]])
    portfolio = Portfolio(
        polytope=limits(2),
        scenarios=scenarios,
        covariance=np.cov(scenarios, rowvar=False),
    )
    model = HierarchicalEqualRisk(measure=CVaR(level=0.75), clusters=1)

    with pytest.raises(SolveFailed, match="failed"):
        best(portfolio, model)


@pytest.mark.parametrize("sizes", [[5, 5], [4, 3, 5], [3, 3, 3, 3], [2, 6, 2, 4, 3]])
def test_clusters_by_gap__blocks__as_many_as_blocks(sizes):
    apart = distances(in_blocks([1.0] * sum(sizes), sizes, 0.9))

    assert clusters_by_gap(joined(apart, "ward"), apart) == len(sizes)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("linkage", ["single", "complete", "average", "ward"])
def test_clusters__any_count__part_the_assets(count, linkage):
    tree = joined(distances(factor_case(6, seed=1).covariance), linkage)

    clusters = tree.clusters(count)

    members = [tree.members()[node] for node in clusters]
    assert len(clusters) == count
    assert sorted(np.concatenate(members).tolist()) == list(range(6))


@pytest.mark.parametrize("model", [HRP, HERC, OF_TAILS])
@pytest.mark.parametrize("case", [dense_case, tight_case, noise_case, twin_case])
@pytest.mark.parametrize("n", [1, 2, 3, 50, 301])
def test_hard_inputs__allowed_and_none_nearer(model, case, n):
    for portfolio in (case(n, seed=1), boxed(case(n, seed=1), 1.1)):
        found = best(portfolio, model)

        assert violation(portfolio.polytope, found.weights) <= 1e-12
        assert (found.weights >= 0).all()
        if found.bound is not None:
            gap = found.objective - found.bound
            assert abs(gap) <= 1e-9 * found.objective
            assert "projected" in found.method


@pytest.mark.parametrize("n", [2, 50, 300])
def test_fewer_days_than_assets__allowed(n):
    for model in (HRP, HERC):
        portfolio = short_case(n, seed=1)

        found = best(portfolio, model)

        assert violation(portfolio.polytope, found.weights) <= 1e-12


def test_hrp__both_halves_without_variance__alike():
    opposite = np.array([[1.0, -1.0], [-1.0, 1.0]])
    none = np.zeros((2, 2))
    portfolio = Portfolio(
        polytope=limits(4), covariance=np.block([[opposite, none], [none, opposite]])
    )

    assert best(portfolio, HRP).weights == pytest.approx(np.full(4, 0.25))


@pytest.mark.parametrize("model", [HRP, HERC])
def test_covariance__other_unit_of_time__same_weights(model):
    portfolio = factor_case(30, seed=4)
    yearly = replace(portfolio, covariance=365 * portfolio.covariance)

    weights = best(yearly, model).weights

    assert weights == pytest.approx(best(portfolio, model).weights, rel=1e-10)


def test_nearest__cap_on_one__the_others_share_the_rest():
    polytope = limits(3, highest=[0.4, 1, 1])

    found = nearest(polytope, np.array([0.6, 0.3, 0.1]), "tree")

    # 0.2 too much in A goes half each to B and C: moves of 0.2, 0.1, 0.1
    assert found.weights == pytest.approx([0.4, 0.4, 0.2])
    assert found.objective == pytest.approx(np.sqrt(0.06))
    assert found.bound == pytest.approx(found.objective, rel=1e-12)


def test_nearest__row_price__is_the_fall_of_the_distance():
    wanted = np.array([0.5, 0.3, 0.2])

    tight = nearest(limits(3, rows=[([1.0, 1, 0], 0.5)]), wanted, "tree")
    loose = nearest(limits(3, rows=[([1.0, 1, 0], 0.50001)]), wanted, "tree")

    fall = (tight.objective - loose.objective) / 1e-5
    assert tight.row_prices == pytest.approx([fall], rel=1e-3)


@settings(max_examples=50)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 20), away=st.floats(-9, 0))
def test_nearest__any_distance__proved_to_many_digits(seed, n, away):
    generator = np.random.default_rng(seed)
    inside = generator.dirichlet(np.ones(n))
    matrix = (generator.random((3, n)) < 0.5) * generator.uniform(0.2, 1, (3, n))
    polytope = limits(n, rows=[(row.tolist(), float(row @ inside)) for row in matrix])
    wanted = inside + 10**away * generator.normal(size=n)

    found = nearest(polytope, wanted, "tree")

    assert violation(polytope, found.weights) <= 1e-12
    if found.bound is not None:
        assert abs(found.objective - found.bound) <= 1e-7 * found.objective
        assert found.objective <= np.linalg.norm(wanted - inside) + 1e-12


def test_nearest__nothing_allowed__infeasible():
    with pytest.raises(SolveFailed, match="infeasible"):
        nearest(limits(2, highest=0.4), np.array([0.5, 0.5]), "tree")


def test_real_prices__tokens__allowed():
    import pandas as pd

    prices = pd.read_csv(data_file("prices_daily_wide.csv"), index_col=0)
    returns = prices.tail(365).dropna(axis=1).pct_change().dropna().to_numpy()
    portfolio = Portfolio(
        polytope=limits(returns.shape[1], highest=0.06),
        covariance=np.cov(returns, rowvar=False),
        scenarios=returns,
    )

    for model in (HRP, HERC, OF_TAILS):
        answer = allocate(portfolio, model)

        assert answer.reason is Reason.BEST
        assert answer.violation <= 1e-12


@pytest.mark.parametrize(
    ("model", "change", "why"),
    [
        (HRP, {"turnover": 0.1}, "costs"),
        (HERC, {"cost_rates": np.full(2, 0.01)}, "costs"),
        (HRP, {"covariance": np.diag([0.0, 1.0])}, "A has no variance"),
        (HierarchicalRiskParity(linkage="centroid"), {}, "linkage centroid"),
        (HierarchicalEqualRisk(clusters=3), {}, "3 clusters of 2 assets"),
        (HierarchicalEqualRisk(clusters=0), {}, "0 clusters"),
        (OF_TAILS, {"scenarios": np.full((9, 2), 0.01)}, "no loss in its tail"),
    ],
)
def test_ways_of__what_the_tree_cannot_take__refused(model, change, why):
    portfolio = of_volatilities([0.1, 0.2], [[1, 0], [0, 1]])
    portfolio = replace(portfolio, **change)

    with pytest.raises(ModelRefused, match=why):
        ways_of(portfolio, model)


@pytest.mark.parametrize("model", [HRP, HERC])
def test_ways_of__no_covariance__invalid(model):
    with pytest.raises(PortfolioInvalid, match="a covariance for Hierarchical"):
        ways_of(Portfolio(polytope=limits(2)), model)


def test_ways_of__tails_without_scenarios__invalid():
    portfolio = of_volatilities([0.1, 0.2], [[1, 0], [0, 1]])

    with pytest.raises(PortfolioInvalid, match="scenarios for Hierarchical"):
        ways_of(portfolio, OF_TAILS)
