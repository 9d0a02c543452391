# SPDX-License-Identifier: MIT

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_files import data_file
from steelyard.estimate import errors
from steelyard.estimate.covariance import (
    LEAST_CORRELATION_EIGENVALUE,
    LEAST_VOLATILITY_PER_YEAR,
    correlation_of,
    estimate_covariance,
)
from steelyard.estimate.returns import Returns, effective_rows, simple_returns
from steelyard.market.prices import load_prices

START = np.datetime64("2023-01-01")
NAMES = "ABCDEFGHIJKLMNOPQRST"


def returns_of(values, periods_per_year=1.0):
    values = np.array(values, dtype=float)
    return Returns(
        times=START + np.arange(len(values)),
        assets=tuple(NAMES[: values.shape[1]]),
        values=values,
        kind="simple",
        periods_per_year=periods_per_year,
    )


def drawn(seed, rows, assets, scale=0.02):
    random = np.random.default_rng(seed)
    common = random.standard_normal((rows, 1))
    noise = random.standard_normal((rows, assets))
    return np.clip(scale * (common + noise), -0.9, None)


def reference_shrinkage(values, weights):
    """Ledoit and Wolf (2004), appendices A and B, term by term."""
    y = values - weights @ values
    rows, count = y.shape
    s = sum(weights[t] * np.outer(y[t], y[t]) for t in range(rows))
    d = np.sqrt(np.diag(s))
    pairs = [(i, j) for i in range(count) for j in range(count) if i != j]
    rbar = np.mean([s[i, j] / d[i] / d[j] for i, j in pairs])
    pi = rho = gamma = 0.0
    for i in range(count):
        for j in range(count):
            errors_ij = y[:, i] * y[:, j] - s[i, j]
            pi_ij = weights @ errors_ij**2
            pi += pi_ij
            if i == j:
                rho += pi_ij
                continue
            th_i = weights @ ((y[:, i] ** 2 - s[i, i]) * errors_ij)
            th_j = weights @ ((y[:, j] ** 2 - s[j, j]) * errors_ij)
            rho += rbar / 2 * (d[j] / d[i] * th_i + d[i] / d[j] * th_j)
            gamma += (rbar * d[i] * d[j] - s[i, j]) ** 2
    return max(0, min(1, (pi - rho) / gamma * (weights @ weights)))


def test_estimate_covariance__one_asset__sample_variance():
    returns = returns_of([[0.1], [-0.1], [0.1], [-0.1]])

    covariance = estimate_covariance(returns, half_life_days=None)

    assert covariance.matrix == pytest.approx(np.array([[0.04 / 3]]))
    assert covariance.shrinkage == 0
    assert not covariance.is_floored


def test_estimate_covariance__daily__times_365():
    values = [[0.1], [-0.1], [0.1], [-0.1]]

    covariance = estimate_covariance(returns_of(values, 365.0), half_life_days=None)

    assert covariance.volatility == pytest.approx([np.sqrt(0.04 / 3 * 365)])


def test_estimate_covariance__half_life__newest_rows_weigh_most():
    returns = returns_of([[0.3], [-0.3], [0.1], [-0.1], [0.1], [-0.1]], 365.0)

    short = estimate_covariance(returns, half_life_days=1)
    equal = estimate_covariance(returns, half_life_days=None)

    assert short.volatility[0] < equal.volatility[0]
    assert short.effective_rows < equal.effective_rows == pytest.approx(6)


def test_estimate_covariance__two_rows_weighing_two_to_one__by_head():
    # Weights 1/3 and 2/3, mean 0.1: variance (0.04 / 3 + 2 * 0.01 / 3) = 0.02, times
    # n / (n - 1) with n = 1 / (1/9 + 4/9) = 9/5, that is 9/4.
    returns = returns_of([[-0.1], [0.2]], 365.0)

    covariance = estimate_covariance(returns, half_life_days=1)

    assert covariance.effective_rows == pytest.approx(1.8)
    assert covariance.matrix[0, 0] == pytest.approx(0.02 * 9 / 4 * 365)


def test_estimate_covariance__no_shrinkage_equal_weights__numpy_agrees():
    values = drawn(1, 50, 4)

    covariance = estimate_covariance(
        returns_of(values), half_life_days=None, shrinkage=0
    )

    assert covariance.matrix == pytest.approx(np.cov(values, rowvar=False))


def test_estimate_covariance__full_shrinkage__one_correlation_same_variances():
    values = drawn(2, 50, 4)

    covariance = estimate_covariance(
        returns_of(values), half_life_days=None, shrinkage=1
    )

    correlation = correlation_of(covariance)
    off_diagonal = correlation[~np.eye(4, dtype=bool)]
    mean = np.corrcoef(values, rowvar=False)[~np.eye(4, dtype=bool)].mean()
    assert off_diagonal == pytest.approx(np.full(12, mean))
    assert np.diag(covariance.matrix) == pytest.approx(values.var(axis=0, ddof=1))


@pytest.mark.parametrize("half_life_days", [None, 10])
@pytest.mark.parametrize("seed", range(4))
def test_estimate_covariance__shrinkage__as_the_paper_term_by_term(
    seed, half_life_days
):
    values = drawn(seed, 40, 5) * np.array([1, 2, 3, 4, -5])
    weights = np.ones(40)
    if half_life_days:
        weights = 0.5 ** (np.arange(39, -1, -1) / half_life_days)
    weights /= weights.sum()

    covariance = estimate_covariance(
        returns_of(values, 365.0), half_life_days=half_life_days
    )

    expected = reference_shrinkage(values, weights)
    assert 0 < expected < 1
    assert covariance.shrinkage == pytest.approx(expected, rel=1e-9)
    assert covariance.effective_rows == pytest.approx(effective_rows(weights))


def test_estimate_covariance__more_rows__less_shrinkage():
    values = drawn(5, 4000, 5) * np.array([1, 1, 1, 1, -1])

    few = estimate_covariance(returns_of(values[:40]), half_life_days=None)
    many = estimate_covariance(returns_of(values), half_life_days=None)

    assert many.shrinkage < 0.05 < few.shrinkage


def test_estimate_covariance__two_assets__target_is_the_sample():
    covariance = estimate_covariance(returns_of(drawn(1, 30, 2)), half_life_days=None)

    assert covariance.shrinkage == 0


def test_estimate_covariance__fewer_rows_than_assets__positive_definite():
    covariance = estimate_covariance(returns_of(drawn(1, 3, 20)), half_life_days=None)

    np.linalg.cholesky(covariance.matrix)
    assert covariance.matrix.shape == (20, 20)


def test_estimate_covariance__same_asset_twice__floored_and_said():
    one = drawn(1, 30, 1)

    covariance = estimate_covariance(
        returns_of(np.hstack([one, one])), half_life_days=None
    )

    np.linalg.cholesky(covariance.matrix)
    assert covariance.is_floored
    assert correlation_of(covariance)[0, 1] == pytest.approx(1, abs=1e-5)
    assert covariance.volatility == pytest.approx(one.std(ddof=1) * np.ones(2))


def test_estimate_covariance__price_that_never_moves__least_volatility():
    values = np.hstack([drawn(1, 30, 3), np.zeros((30, 1))])

    covariance = estimate_covariance(returns_of(values), half_life_days=None)

    np.linalg.cholesky(covariance.matrix)
    assert covariance.is_floored
    assert covariance.volatility[3] == pytest.approx(LEAST_VOLATILITY_PER_YEAR)
    assert covariance.matrix[3, :3].tolist() == [0, 0, 0]


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(2, 30),
    assets=st.integers(1, 12),
    half_life_days=st.one_of(st.none(), st.floats(1, 100)),
)
def test_invariant__covariance_is_symmetric_positive_definite(
    seed, rows, assets, half_life_days
):
    returns = returns_of(drawn(seed, rows, assets), 365.0)

    covariance = estimate_covariance(returns, half_life_days=half_life_days)

    least = np.linalg.eigvalsh(correlation_of(covariance))[0]
    assert np.array_equal(covariance.matrix, covariance.matrix.T)
    assert least > 0.9 * LEAST_CORRELATION_EIGENVALUE
    assert 0 <= covariance.shrinkage <= 1
    np.linalg.cholesky(covariance.matrix)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(5)))
def test_invariant__order_of_assets_does_not_matter(seed, order):
    values = drawn(seed, 25, 5) * np.array([1, 2, 3, 4, 5])

    covariance = estimate_covariance(returns_of(values, 365.0))
    permuted = estimate_covariance(returns_of(values[:, order], 365.0))

    assert permuted.matrix == pytest.approx(
        covariance.matrix[np.ix_(order, order)], rel=1e-8
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(0.1, 4))
def test_invariant__returns_times_k_give_covariance_times_k_squared(seed, factor):
    values = np.clip(drawn(seed, 25, 5), -0.2, 0.2)

    covariance = estimate_covariance(returns_of(values, 365.0))
    scaled = estimate_covariance(returns_of(values * factor, 365.0))

    assert scaled.matrix == pytest.approx(covariance.matrix * factor**2, rel=1e-6)
    assert scaled.shrinkage == pytest.approx(covariance.shrinkage, abs=1e-6)


@pytest.mark.parametrize(
    ("values", "arguments", "error", "words"),
    [
        ([[0.1, np.nan], [0.1, 0.1]], {}, errors.BadReturn, "return of B"),
        ([[0.1, 0.1]], {}, errors.TooFewReturns, "at least 2"),
        (
            [[0.1], [0.2]],
            {"shrinkage": 1.5},
            errors.BadEstimateSetting,
            "shrinkage is 1.5",
        ),
        (
            [[0.1], [0.2]],
            {"half_life_days": 0},
            errors.BadEstimateSetting,
            "half_life_days is 0",
        ),
    ],
)
def test_estimate_covariance__bad_input__typed_error(values, arguments, error, words):
    with pytest.raises(error, match=words):
        estimate_covariance(returns_of(values, 365.0), **arguments)


def test_estimate_covariance__half_life_of_minutes_on_days__refused():
    returns = returns_of([[0.1], [0.2], [0.1]], 365.0)

    with pytest.raises(errors.BadEstimateSetting, match=r"only 1\.00 rows count"):
        estimate_covariance(returns, half_life_days=0.01)


def test_estimate_covariance__real_prices__plausible():
    path = data_file("prices_daily_wide.csv")
    names = ["ETH", "BTC", "LINK", "UNI", "AAVE", "MKR", "USDC"]
    history = load_prices(path, columns=names, start="2022-01-01", end="2022-06-30")

    covariance = estimate_covariance(simple_returns(history))

    np.linalg.cholesky(covariance.matrix)
    assert (covariance.volatility[:6] > 0.5).all()
    assert (covariance.volatility[:6] < 2.5).all()
    assert covariance.volatility[6] < 0.05
    assert correlation_of(covariance)[0, 1] > 0.7
    assert 0 < covariance.shrinkage < 1
