# SPDX-License-Identifier: MIT
"""Black-Litterman against the tables of He and Litterman (1999) and Idzorek (2005)."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.estimate.black_litterman import (
    Posterior,
    Views,
    black_litterman,
    view_uncertainty,
)
from steelyard.estimate.covariance import Covariance
from steelyard.estimate.errors import AssetsDiffer, BadEstimateSetting, ViewsInvalid
from steelyard.estimate.expected import ExpectedReturns, equilibrium_returns
from steelyard.estimate.given import given_covariance
from steelyard.market.history import FloatArray

# He and Litterman (1999), tables 1 and 2: correlations, volatilities, market weights
COUNTRIES = ("Australia", "Canada", "France", "Germany", "Japan", "UK", "USA")
CORRELATIONS = np.array(
    [
        [1.000, 0.488, 0.478, 0.515, 0.439, 0.512, 0.491],
        [0.488, 1.000, 0.664, 0.655, 0.310, 0.608, 0.779],
        [0.478, 0.664, 1.000, 0.861, 0.355, 0.783, 0.668],
        [0.515, 0.655, 0.861, 1.000, 0.354, 0.777, 0.653],
        [0.439, 0.310, 0.355, 0.354, 1.000, 0.405, 0.306],
        [0.512, 0.608, 0.783, 0.777, 0.405, 1.000, 0.652],
        [0.491, 0.779, 0.668, 0.653, 0.306, 0.652, 1.000],
    ]
)
VOLATILITIES = np.array([0.160, 0.203, 0.248, 0.271, 0.210, 0.200, 0.187])
COUNTRY_WEIGHTS = np.array([0.016, 0.022, 0.052, 0.055, 0.116, 0.124, 0.615])
GERMANY = [0.0, 0.0, -52 / 176, 1.0, 0.0, -124 / 176, 0.0]  # by market weights
CANADA = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0]
DELTA = 2.5

# Idzorek (2005), tables 5 and 1: covariance of excess returns, market weights
CLASSES = (
    "US Bonds",
    "Intl Bonds",
    "US Large Growth",
    "US Large Value",
    "US Small Growth",
    "US Small Value",
    "Intl Dev Equity",
    "Intl Emerg Equity",
)
CLASS_COVARIANCE = 1e-6 * np.array(
    [
        [1005, 1328, -579, -675, 121, 128, -445, -437],
        [1328, 7277, -1307, -610, -2237, -989, 1442, -1535],
        [-579, -1307, 59852, 27588, 63497, 23036, 32967, 48039],
        [-675, -610, 27588, 29609, 26572, 21465, 20697, 29854],
        [121, -2237, 63497, 26572, 102488, 42744, 39943, 65994],
        [128, -989, 23036, 21465, 42744, 32056, 19881, 32235],
        [-445, 1442, 32967, 20697, 39943, 19881, 28355, 35064],
        [-437, -1535, 48039, 29854, 65994, 32235, 35064, 79958],
    ]
)
CLASS_WEIGHTS = np.array([19.34, 26.13, 12.09, 12.09, 1.34, 1.34, 24.18, 3.49]) / 100.0
CLASS_VIEWS = Views(
    portfolios=np.array(
        [
            [0, 0, 0, 0, 0, 0, 1, 0],
            [-1, 1, 0, 0, 0, 0, 0, 0],
            [0, 0, 0.9, -0.9, 0.1, -0.1, 0, 0],
        ]
    ),
    expected_returns=np.array([0.0525, 0.0025, 0.02]),
)
LAMBDA, TAU = 3.07, 0.025


def countries() -> tuple[Covariance, ExpectedReturns]:
    matrix = np.outer(VOLATILITIES, VOLATILITIES) * CORRELATIONS
    covariance = given_covariance(COUNTRIES, matrix)
    prior = equilibrium_returns(covariance, list(COUNTRY_WEIGHTS), risk_aversion=DELTA)
    return covariance, prior


def classes() -> tuple[Covariance, ExpectedReturns]:
    covariance = given_covariance(CLASSES, CLASS_COVARIANCE)
    prior = equilibrium_returns(covariance, list(CLASS_WEIGHTS), risk_aversion=LAMBDA)
    return covariance, prior


def idzorek_weights(posterior: Posterior) -> FloatArray:
    """(lambda C)^-1 mu, in percent: the paper keeps the covariance before the views."""
    solved = np.linalg.solve(LAMBDA * CLASS_COVARIANCE, posterior.per_year)
    return np.asarray(100 * solved)


def test_equilibrium__seven_countries__is_table_2() -> None:
    _, prior = countries()

    expected = [3.9, 6.9, 8.4, 9.0, 4.3, 6.8, 7.6]
    assert np.round(100 * prior.per_year, 1).tolist() == expected


def test_posterior__germany_outperforms_europe__is_table_4() -> None:
    covariance, prior = countries()
    views = Views(portfolios=np.array([GERMANY]), expected_returns=np.array([0.05]))

    found = black_litterman(covariance, prior, views, tau=0.05)

    weights = np.linalg.solve(DELTA * found.matrix, found.per_year)
    moved = weights - COUNTRY_WEIGHTS / 1.05
    returns = [4.3, 7.6, 9.3, 11.0, 4.5, 7.0, 8.1]
    assert np.round(100 * found.per_year, 1).tolist() == returns
    expected = [1.5, 2.1, -4.0, 35.4, 11.0, -9.5, 58.6]
    assert 100 * weights == pytest.approx(expected, abs=0.051)
    assert 100 * moved == pytest.approx([0, 0, -8.9, 30.2, 0, -21.3, 0], abs=0.051)
    assert found.uncertainty[0, 0] / 0.05 == pytest.approx(0.021, abs=5e-4)


def test_posterior__canada_outperforms_usa_too__is_table_5() -> None:
    covariance, prior = countries()
    views = Views(
        portfolios=np.array([GERMANY, CANADA]), expected_returns=np.array([0.05, 0.03])
    )

    found = black_litterman(covariance, prior, views, tau=0.05)

    weights = np.linalg.solve(DELTA * found.matrix, found.per_year)
    returns = [4.4, 8.7, 9.5, 11.2, 4.6, 7.0, 7.5]
    assert np.round(100 * found.per_year, 1).tolist() == returns
    expected = [1.5, 41.9, -3.4, 33.6, 11.0, -8.2, 18.8]
    assert 100 * weights == pytest.approx(expected, abs=0.051)
    assert found.uncertainty.diagonal() / 0.05 == pytest.approx(
        [0.021, 0.017], abs=5e-4
    )


def test_posterior__idzoreks_views__is_table_6() -> None:
    covariance, prior = classes()

    found = black_litterman(covariance, prior, CLASS_VIEWS, tau=TAU)

    # printed with two decimals, from inputs printed with two and six, lambda with two
    returns = [0.07, 0.50, 6.50, 4.32, 7.59, 3.94, 4.93, 6.84]
    weights = [29.88, 15.59, 9.35, 14.82, 1.04, 1.65, 27.81, 3.49]
    assert 100 * found.per_year == pytest.approx(returns, abs=0.01)
    assert idzorek_weights(found) == pytest.approx(weights, abs=0.05)


def test_posterior__idzoreks_views_without_doubt__implied_confidence_is_table_7() -> (
    None
):
    covariance, prior = classes()
    certain = replace(CLASS_VIEWS, confidences=np.ones(3))

    sure = idzorek_weights(black_litterman(covariance, prior, certain, tau=TAU))
    found = idzorek_weights(black_litterman(covariance, prior, CLASS_VIEWS, tau=TAU))

    assert sure == pytest.approx(
        [43.82, 1.65, 3.81, 20.37, 0.42, 2.26, 35.21, 3.49], abs=0.1
    )
    start = 100 * CLASS_WEIGHTS
    implied = 100 * (found - start)[:7] / (sure - start)[:7]
    assert implied == pytest.approx(
        [43.06, 43.06, 33.02, 33.02, 33.02, 33.02, 32.94], abs=0.12
    )


def test_uncertainty__confidences_of_idzorek__is_what_his_search_finds() -> None:
    covariance, _ = classes()
    views = replace(CLASS_VIEWS, confidences=np.array([0.25, 0.5, 0.65]))

    omega = view_uncertainty(covariance, views, tau=TAU)

    # (1 - c) / c tau times the variances of table 4: 2.836 %, 0.563 % and 3.462 %
    expected = [3 * TAU * 0.02836, TAU * 0.00563, 0.35 / 0.65 * TAU * 0.03462]
    assert omega.diagonal() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("confidence", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_posterior__one_view__tilts_weights_by_its_confidence(
    confidence: float,
) -> None:
    covariance, prior = classes()
    portfolios = CLASS_VIEWS.portfolios[2:]
    q = CLASS_VIEWS.expected_returns[2:]
    sure = Views(portfolios=portfolios, expected_returns=q, confidences=np.ones(1))
    doubted = replace(sure, confidences=np.array([confidence]))

    full = black_litterman(covariance, prior, sure).per_year - prior.per_year
    part = black_litterman(covariance, prior, doubted).per_year - prior.per_year

    assert part == pytest.approx(confidence * full, rel=1e-12, abs=1e-18)


def test_posterior__certain_views__are_met_exactly() -> None:
    covariance, prior = classes()
    views = replace(CLASS_VIEWS, confidences=np.ones(3))

    found = black_litterman(covariance, prior, views)

    got = views.portfolios @ found.per_year
    assert got == pytest.approx(views.expected_returns, rel=1e-12)
    # the mean of what is certain has no variance left, returns keep theirs
    left = views.portfolios @ (found.matrix - covariance.matrix) @ views.portfolios.T
    assert np.abs(left).max() < 1e-15


def test_posterior__confidence_of_half__is_the_proportional_form() -> None:
    covariance, prior = classes()
    half = replace(CLASS_VIEWS, confidences=np.full(3, 0.5))

    one = black_litterman(covariance, prior, CLASS_VIEWS)
    other = black_litterman(covariance, prior, half)

    assert one.per_year == pytest.approx(other.per_year, rel=1e-14)


def test_posterior__uncertainty_given__agrees_with_the_inverse_form() -> None:
    covariance, prior = countries()
    omega = np.array([[4e-4, 1e-4], [1e-4, 9e-4]])
    p, q = np.array([GERMANY, CANADA]), np.array([0.05, -0.01])
    views = Views(portfolios=p, expected_returns=q, uncertainty=omega)

    found = black_litterman(covariance, prior, views, tau=0.1)

    # the master formula of Black and Litterman (1992), with inverses
    precision = np.linalg.inv(0.1 * covariance.matrix)
    m = np.linalg.inv(precision + p.T @ np.linalg.inv(omega) @ p)
    mean = m @ (precision @ prior.per_year + p.T @ np.linalg.inv(omega) @ q)
    assert found.per_year == pytest.approx(mean, rel=1e-10)
    assert found.matrix == pytest.approx(covariance.matrix + m, rel=1e-10)


def test_posterior__views_that_say_the_prior__change_no_return() -> None:
    covariance, prior = countries()
    p = np.array([GERMANY, CANADA])
    views = Views(portfolios=p, expected_returns=p @ prior.per_year)

    found = black_litterman(covariance, prior, views)

    assert found.per_year == pytest.approx(prior.per_year, rel=1e-14)


def test_posterior__singular_covariance__still_answers() -> None:
    matrix = np.array([[0.04, 0.04, 0.0], [0.04, 0.04, 0.0], [0.0, 0.0, 0.09]])
    covariance = given_covariance(("A", "twin of A", "B"), matrix)
    prior = equilibrium_returns(covariance, [1.0, 1.0, 2.0])
    views = Views(
        portfolios=np.array([[1.0, 0.0, 0.0]]), expected_returns=np.array([0.2])
    )

    found = black_litterman(covariance, prior, views)

    assert found.per_year[0] == pytest.approx(found.per_year[1], rel=1e-14)
    assert np.linalg.eigvalsh(found.matrix)[0] > -1e-15


@given(
    scale=st.floats(0.1, 10.0),
    confidence=st.floats(0.01, 1.0),
    seed=st.integers(0, 2**20),
)
def test_posterior__view_written_in_other_units__is_the_same(
    scale: float, confidence: float, seed: int
) -> None:
    covariance, prior = classes()
    p = np.random.default_rng(seed).normal(size=(1, 8))
    q, c = np.array([0.03]), np.array([confidence])

    one = Views(portfolios=p, expected_returns=q, confidences=c)
    other = Views(portfolios=scale * p, expected_returns=scale * q, confidences=c)

    found = black_litterman(covariance, prior, one).per_year
    assert black_litterman(covariance, prior, other).per_year == pytest.approx(
        found, rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"portfolios": np.zeros((0, 7))}, "shape of portfolios is (0, 7)"),
        ({"portfolios": np.zeros((1, 7))}, "view is 1, expected one of some asset"),
        ({"expected_returns": np.zeros(2)}, "shape of expected_returns is (2,)"),
        ({"expected_returns": np.array([np.nan])}, "expected finite numbers"),
        ({"confidences": np.array([1.5])}, "confidences is [1.5], expected from 0 to"),
        ({"confidences": np.array([np.nan])}, "confidences is [nan]"),
        ({"uncertainty": np.array([[-1.0]])}, "least eigenvalue of uncertainty is -1"),
        ({"uncertainty": np.array([[np.inf]])}, "expected finite and symmetric"),
    ],
)
def test_views__wrong_field__is_named(fields: dict[str, FloatArray], said: str) -> None:
    good = {
        "portfolios": np.array([GERMANY]),
        "expected_returns": np.array([0.05]),
    }

    with pytest.raises(ViewsInvalid) as caught:
        Views(**{**good, **fields})

    assert said in str(caught.value)


def test_posterior__certain_views_that_contradict__are_refused() -> None:
    covariance, prior = countries()
    views = Views(
        portfolios=np.array([GERMANY, GERMANY]),
        expected_returns=np.array([0.05, 0.06]),
        confidences=np.ones(2),
    )

    with pytest.raises(ViewsInvalid, match="they depend on each other"):
        black_litterman(covariance, prior, views)


def test_posterior__view_of_what_never_moves__is_refused() -> None:
    covariance = given_covariance(("A", "B"), np.diag([0.04, 0.0]))
    prior = equilibrium_returns(covariance, [1.0, 1.0])
    views = Views(portfolios=np.array([[0.0, 1.0]]), expected_returns=np.ones(1))

    with pytest.raises(ViewsInvalid, match="this portfolio's return is known"):
        black_litterman(covariance, prior, views)


def test_posterior__inputs_of_other_assets__are_refused() -> None:
    covariance, prior = countries()
    views = Views(portfolios=np.ones((1, 8)), expected_returns=np.ones(1))
    fitting = replace(views, portfolios=np.ones((1, 7)))

    with pytest.raises(ViewsInvalid, match="7 columns, one an asset"):
        black_litterman(covariance, prior, views)
    with pytest.raises(AssetsDiffer, match="prior is about"):
        black_litterman(covariance, replace(prior, assets=CLASSES), fitting)
    with pytest.raises(BadEstimateSetting, match="tau is 0"):
        black_litterman(covariance, prior, fitting, tau=0)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.ones((2, 3)), "covariance is of shape (2, 3), expected 2 rows of 2"),
        (np.array([[1.0, 0.5], [0.4, 1.0]]), "0.5 for A, B and 0.4 the other way"),
        (np.array([[1.0, 2.0], [2.0, 1.0]]), "least eigenvalue of covariance is -1"),
    ],
)
def test_given_covariance__impossible_matrix__is_refused(
    matrix: FloatArray, said: str
) -> None:
    with pytest.raises(BadEstimateSetting) as caught:
        given_covariance(("A", "B"), matrix)

    assert said in str(caught.value)
