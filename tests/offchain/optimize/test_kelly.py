# SPDX-License-Identifier: MIT
"""Growth-optimal weights: closed forms, optimality, drawdowns, two ways that agree."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from portfolio_cases import (
    dense_case,
    factor_case,
    noise_case,
    short_case,
    tight_case,
    twin_case,
)
from reference_cases import assert_certified, by_reference, portfolio_of

from steelyard.optimize.errors import (
    PortfolioInvalid,
    SolveFailed,
)
from steelyard.optimize.growth import most_growth
from steelyard.optimize.models import Kelly
from steelyard.optimize.reference.families import ways_of


def bets(*tosses: list[float], **known):
    """Scenarios of bets per unit staked; the last asset is what is not staked."""
    n = len(tosses[0])
    scenarios = [[*toss, 0.0] for toss in tosses]
    return portfolio_of(np.zeros(n + 1), np.ones(n + 1), scenarios=scenarios, **known)


def coin(wins: int, losses: int, odds: float = 1.0):
    return bets(*[[odds]] * wins, *[[-1.0]] * losses)


@pytest.mark.parametrize(
    ("wins", "losses", "odds", "stake"),
    [
        (3, 2, 1.0, 0.2),  # 2 p - 1 (Kelly 1956)
        (1, 1, 2.0, 0.25),  # p - q / odds
        (2, 1, 1.0, 1 / 3),
        (1, 1, 1.0, 0.0),  # a fair game is not played
        (2, 3, 1.0, 0.0),
    ],
)
def test_kelly__one_coin__the_edge_over_the_odds(wins, losses, odds, stake):
    portfolio = coin(wins, losses, odds)

    for way in ways_of(portfolio, Kelly()):
        found = way(portfolio, Kelly())

        assert found.weights == pytest.approx([stake, 1 - stake], abs=1e-7)
        assert_certified(portfolio, found)


def test_kelly__one_coin__growth_is_information():
    # Kelly (1956): log 2 less the entropy of the coin, here of 3 to 2
    entropy = -0.6 * np.log(0.6) - 0.4 * np.log(0.4)

    found = by_reference(coin(3, 2), Kelly())

    assert found.objective == pytest.approx(entropy - np.log(2), rel=1e-10)


def test_kelly__two_coins_at_once__thorp():
    # Thorp (2006), The Kelly criterion, section 6: with edges of m = 0.1 each, the best
    # stakes are m / (1 + m^2) = 0.0990 on both. 11 wins and 9 losses each.
    side = [1.0] * 11 + [-1.0] * 9
    portfolio = bets(*[list(pair) for pair in product(side, side)])
    stake = 0.1 / (1 + 0.1**2)

    for way in ways_of(portfolio, Kelly()):
        found = way(portfolio, Kelly())

        assert found.weights[:2] == pytest.approx([stake, stake], abs=1e-7)


def test_kelly__horse_race__bets_are_the_chances():
    # with the whole staked on exclusive outcomes, stakes are their chances (Kelly 1956)
    chances = np.array([5, 3, 2]) / 10
    wins = np.repeat(np.eye(3), [5, 3, 2], axis=0)
    scenarios = wins * [1.5, 4.0, 6.0] - 1.0
    portfolio = portfolio_of(np.zeros(3), np.ones(3), scenarios=scenarios)

    found = by_reference(portfolio, Kelly())

    assert found.weights == pytest.approx(chances, abs=1e-7)


@pytest.mark.parametrize("size", [1, 10, 50])
@pytest.mark.parametrize(
    "build",
    [factor_case, dense_case, tight_case, noise_case, short_case, twin_case],
    ids=lambda build: build.__name__,
)
def test_most_growth__hard_inputs__certified(build, size):
    case = build(size)

    found = most_growth(case, Kelly())

    assert_certified(case, found)


@pytest.mark.parametrize("size", [300, 301])
def test_most_growth__many_assets__certified(size):
    case = factor_case(size, t=150)

    found = most_growth(case, Kelly())

    assert_certified(case, found)


@pytest.mark.parametrize("seed", range(3))
def test_most_growth__factors__agrees_with_the_reference(seed):
    case = factor_case(20, t=300, seed=seed)

    found, reference = most_growth(case, Kelly()), by_reference(case, Kelly())

    assert found.objective == pytest.approx(reference.objective, rel=1e-9)
    assert found.weights == pytest.approx(reference.weights, abs=1e-6)
    assert found.row_prices == pytest.approx(reference.row_prices, abs=1e-7)


def test_most_growth__optimality__no_asset_grows_more_at_the_margin():
    # mean of r / (1 + r . w): the same for all assets inside their bounds, at most that
    # for those at the lowest, at least for those at the highest; prices of rows apart
    case = factor_case(20, t=300)
    polytope = case.polytope

    found = most_growth(case, Kelly())

    growth = 1 + case.scenarios @ found.weights
    margin = (case.scenarios / growth[:, None]).mean(axis=0)
    margin -= found.row_prices @ polytope.matrix
    at_lowest = found.weights <= polytope.lowest
    at_highest = found.weights >= polytope.highest
    inside = margin[~at_lowest & ~at_highest]
    assert np.ptp(inside) <= 1e-12
    assert margin[at_lowest].max() <= inside.min() + 1e-12
    assert margin[at_highest].min(initial=np.inf) >= inside.max() - 1e-12


def test_most_growth__ruin_cannot_be_avoided__fails():
    portfolio = portfolio_of([0.0], [1.0], scenarios=[[0.5], [-1.0]])

    for way in ways_of(portfolio, Kelly()):
        with pytest.raises(SolveFailed):
            way(portfolio, Kelly())


def test_most_growth__nothing_allowed__infeasible():
    portfolio = portfolio_of([0, 0], [0.4, 0.4], scenarios=[[0.1, 0.2]])

    with pytest.raises(SolveFailed) as failed:
        most_growth(portfolio, Kelly())

    assert failed.value.outcome == "infeasible"


def test_kelly__cap_relaxed__never_worse():
    case = factor_case(12, t=200)
    wider = replace(case.polytope, bounds=case.polytope.bounds + 0.05)

    found = most_growth(case, Kelly())
    relaxed = most_growth(replace(case, polytope=wider), Kelly())

    assert relaxed.objective <= found.objective + 1e-15


# Busseti, Ryu & Boyd (2016), section 3: mean growth^-k <= 1 with k = log(probability) /
# log(1 - drawdown). On a coin with edge m = 2 p - 1 that is a limit of the stake f:
# k = 1 gives f <= m, as Kelly's bets keep it; k = 2 gives f^3 - 3 f + 2 m >= 0, or
# f <= 2 sin(asin(m) / 3).
@pytest.mark.parametrize(
    ("probability", "stake"), [(0.5, 0.2), (0.25, 2 * np.sin(np.arcsin(0.2) / 3))]
)
def test_kelly__drawdown_to_half__closed_form(probability, stake):
    portfolio = coin(3, 2)

    found = by_reference(portfolio, Kelly(drawdown=0.5, probability=probability))

    assert found.weights[0] == pytest.approx(stake, abs=1e-6)
    growth = 0.6 * np.log1p(stake) + 0.4 * np.log1p(-stake)
    assert found.objective == pytest.approx(-growth, rel=1e-7)


def test_kelly__drawdown_limit_that_does_not_bind__changes_nothing():
    # Kelly's own bets ever fall under a share x of wealth with a chance of at most x
    portfolio = coin(3, 2)

    found = by_reference(portfolio, Kelly(drawdown=0.5, probability=0.9))

    assert found.weights[0] == pytest.approx(0.2, abs=1e-7)


def test_kelly__drawdown_limit__kept_in_simulated_games():
    # 2,000 games of 300 tosses: the bound on the chance holds with room to spare
    model = Kelly(drawdown=0.3, probability=0.2)
    stake = by_reference(coin(3, 2), model).weights[0]
    tosses = np.where(np.random.default_rng(0).random((2000, 300)) < 0.6, 1, -1)

    lowest = np.cumsum(np.log1p(stake * tosses), axis=1).min(axis=1)

    assert 0.05 < (lowest < np.log(0.7)).mean() < 0.2


def test_kelly__tighter_drawdown__never_grows_more():
    case = factor_case(6, t=200)
    scenarios = np.hstack([case.scenarios, np.zeros((200, 1))])
    portfolio = portfolio_of(np.zeros(7), np.ones(7), scenarios=scenarios)

    objectives = [
        by_reference(portfolio, Kelly(drawdown=d, probability=0.1)).objective
        for d in (0.5, 0.3, 0.15)
    ]

    assert objectives == sorted(objectives)
    assert objectives[0] < objectives[-1]


def test_kelly__drawdown_that_nothing_keeps__infeasible():
    # one asset that is always held
    case = portfolio_of([0.0], [1.0], scenarios=[[0.1], [-0.1], [0.0]])

    with pytest.raises(SolveFailed) as failed:
        by_reference(case, Kelly(drawdown=0.1, probability=0.1))

    assert failed.value.outcome == "infeasible"


def test_ways_of__costs_or_drawdown__reference_alone():
    portfolio = coin(3, 2)
    costly = replace(portfolio, cost_rates=np.array([0.01, 0.0]))

    assert len(ways_of(portfolio, Kelly())) == 2
    assert len(ways_of(costly, Kelly())) == 1
    assert len(ways_of(portfolio, Kelly(drawdown=0.5))) == 1


@pytest.mark.parametrize("model", [Kelly(), Kelly(drawdown=0.5)])
def test_kelly__no_scenarios__named(model):
    with pytest.raises(PortfolioInvalid, match="scenarios is missing"):
        by_reference(portfolio_of([0], [1], covariance=np.eye(1)), model)


def test_kelly__drawdown_limit_on_small_returns__is_not_called_infeasible():
    """All in the asset of the highest mean keeps the limit, so that it is best."""
    returns = np.random.default_rng(14).normal(5e-6, 1e-4, (60, 5))
    portfolio = portfolio_of(np.zeros(5), np.ones(5), scenarios=returns)
    model = Kelly(drawdown=0.9, probability=0.5)
    power = np.log(0.5) / np.log(0.1)

    found = by_reference(portfolio, model)

    first = returns[:, returns.mean(axis=0).argmax()]
    assert np.mean((1 + first) ** -power) <= 1
    assert found.objective == pytest.approx(-np.log1p(first).mean(), rel=1e-9)


def test_kelly__returns_of_rounding__growth_keeps_its_digits():
    """log(1 + r) is r - r^2 / 2 + r^3 / 3."""
    returns = np.array([[3.3e-9, 0.0], [-1.1e-9, 0.0]])
    portfolio = portfolio_of([1, 0], [1, 1], scenarios=returns, turnover=2.0)

    found = by_reference(portfolio, Kelly())

    growth = (returns - returns**2 / 2 + returns**3 / 3)[:, 0].mean()
    assert found.objective == pytest.approx(-growth, rel=1e-14)
