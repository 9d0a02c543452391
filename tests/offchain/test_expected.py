# SPDX-License-Identifier: MIT
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.estimate import errors
from steelyard.estimate.covariance import Covariance, estimate_covariance
from steelyard.estimate.expected import (
    equilibrium_returns,
    expected_returns,
    risk_aversion_for,
    shrunk_mean_returns,
    zero_returns,
)
from steelyard.estimate.returns import Returns


def covariance_of(matrix, **changes):
    matrix = np.array(matrix, dtype=float)
    fields = {
        "assets": tuple("ABCDE"[: len(matrix)]),
        "matrix": matrix,
        "volatility": np.sqrt(np.diag(matrix)),
        "kind": "simple",
        "shrinkage": 0.0,
        "mean_correlation": 0.0,
        "rows": 10,
        "effective_rows": 10.0,
        "half_life_days": None,
        "is_floored": False,
    }
    return Covariance(**fields | changes)


def returns_of(values, **changes):
    values = np.array(values, dtype=float)
    fields = {
        "times": np.datetime64("2023-01-01") + np.arange(len(values)),
        "assets": tuple("ABCDE"[: values.shape[1]]),
        "values": values,
        "kind": "simple",
        "periods_per_year": 365.0,
    }
    return Returns(**fields | changes)


def test_zero_returns__every_asset__zero():
    expected = zero_returns(["A", "B"])

    assert expected.per_year.tolist() == [0, 0]
    assert (expected.assets, expected.method) == (("A", "B"), "zero")


def test_shrunk_mean_returns__three_assets__by_head():
    # Two rows of mean 0.1 each, variance 0.01 a row: n m' S^-1 m = 2 * 3 = 6, so
    # 1 - (3 - 2) / 6 of the mean is kept.
    returns = returns_of([[0.0, 0.1, 0.2], [0.2, 0.1, 0.0]])
    covariance = covariance_of(np.eye(3) * 0.01 * 365)

    expected = shrunk_mean_returns(returns, covariance)

    assert expected.per_year == pytest.approx(np.full(3, 0.1 * 365 * 5 / 6))
    assert expected.label == "mean of 2 rows, James-Stein keeps 83.3%"


@pytest.mark.parametrize("mean", [0.0, 0.001])
def test_shrunk_mean_returns__weak_signal__zero(mean):
    returns = returns_of([[mean] * 3] * 2)
    covariance = covariance_of(np.eye(3) * 0.01 * 365)

    expected = shrunk_mean_returns(returns, covariance)

    assert expected.per_year.tolist() == [0, 0, 0]


def test_shrunk_mean_returns__half_life_of_the_covariance__used():
    returns = returns_of([[0.0] * 3, [0.3] * 3])
    covariance = covariance_of(np.eye(3) * 1e-9, half_life_days=1.0)

    expected = shrunk_mean_returns(returns, covariance)

    assert expected.per_year == pytest.approx(np.full(3, 0.2 * 365), rel=1e-6)


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(5, 40),
    drift=st.floats(-0.05, 0.05),
)
def test_invariant__james_stein_never_lengthens_or_turns_the_mean(seed, rows, drift):
    values = np.random.default_rng(seed).normal(drift, 0.02, (rows, 4))
    returns = returns_of(values)

    expected = shrunk_mean_returns(
        returns, estimate_covariance(returns, half_life_days=None)
    )

    mean = values.mean(axis=0) * 365
    kept = expected.per_year @ mean / (mean @ mean)
    assert 0 <= kept <= 1
    assert expected.per_year == pytest.approx(kept * mean)


def test_equilibrium_returns__two_assets__by_head():
    covariance = covariance_of([[0.04, 0.0], [0.0, 0.16]])

    expected = equilibrium_returns(covariance, [3, 1], risk_aversion=2)

    assert expected.per_year == pytest.approx([2 * 0.04 * 0.75, 2 * 0.16 * 0.25])
    assert expected.label == "equilibrium, risk aversion 2"


@given(
    weights=st.lists(st.floats(0.01, 1), min_size=4, max_size=4),
    risk_aversion=st.floats(0.1, 10),
    seed=st.integers(0, 1000),
)
def test_invariant__equilibrium_returns_make_the_market_optimal(
    weights, risk_aversion, seed
):
    root = np.random.default_rng(seed).normal(size=(4, 4))
    covariance = covariance_of(root @ root.T + np.eye(4))

    expected = equilibrium_returns(covariance, weights, risk_aversion=risk_aversion)

    best = np.linalg.solve(risk_aversion * covariance.matrix, expected.per_year)
    assert best == pytest.approx(np.array(weights) / sum(weights))


def test_risk_aversion_for__sharpe__the_market_has_it():
    covariance = covariance_of([[0.04, 0.01], [0.01, 0.16]])
    weights = np.array([0.75, 0.25])

    aversion = risk_aversion_for(covariance, weights, sharpe=0.5)

    expected = equilibrium_returns(covariance, weights, risk_aversion=aversion)
    volatility = np.sqrt(weights @ covariance.matrix @ weights)
    assert weights @ expected.per_year / volatility == pytest.approx(0.5)


def test_expected_returns__by_name__each_method():
    returns = returns_of([[0.0, 0.1, 0.2], [0.2, 0.1, 0.0]])
    covariance = covariance_of(np.eye(3))

    found = [
        expected_returns("zero", covariance),
        expected_returns("mean", covariance, returns=returns),
        expected_returns("equilibrium", covariance, market_weights=[1, 1, 1]),
    ]

    assert [e.method for e in found] == ["zero", "mean", "equilibrium"]
    assert found[2].per_year == pytest.approx(np.full(3, 2.5 / 3))


RETURNS = returns_of([[0.0, 0.1, 0.2], [0.2, 0.1, 0.0]])
COVARIANCE = covariance_of(np.eye(3))


@pytest.mark.parametrize(
    ("method", "arguments", "words"),
    [
        ("median", {}, "'median', expected one of zero, mean, equilibrium"),
        ("mean", {}, "returns is None"),
        ("equilibrium", {}, "market_weights is None"),
        ("equilibrium", {"market_weights": [1, 1]}, "expected 3 numbers"),
        ("equilibrium", {"market_weights": [1, -1, 1]}, "none below 0"),
        ("equilibrium", {"market_weights": [0, 0, 0]}, "one above"),
        ("equilibrium", {"market_weights": [1, np.nan, 1]}, "market_weights"),
        (
            "equilibrium",
            {"market_weights": [1, 1, 1], "risk_aversion": 0},
            "risk_aversion is 0",
        ),
    ],
)
def test_expected_returns__bad_setting__refused(method, arguments, words):
    with pytest.raises(errors.BadEstimateSetting, match=words):
        expected_returns(method, COVARIANCE, **arguments)


def test_risk_aversion_for__sharpe_of_zero__refused():
    with pytest.raises(errors.BadEstimateSetting, match="sharpe is 0"):
        risk_aversion_for(COVARIANCE, [1, 1, 1], sharpe=0)


def test_shrunk_mean_returns__what_does_not_fit__typed_error():
    two = returns_of([[0.1, 0.1], [0.2, 0.1]])

    with pytest.raises(errors.TooFewAssets, match="2 assets, expected at least 3"):
        shrunk_mean_returns(two, covariance_of(np.eye(2)))
    with pytest.raises(errors.AssetsDiffer, match="A, B, expected A, B, C"):
        shrunk_mean_returns(two, COVARIANCE)
    with pytest.raises(errors.WrongReturnKind, match="log returns"):
        shrunk_mean_returns(replace(RETURNS, kind="log"), COVARIANCE)
