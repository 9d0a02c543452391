# SPDX-License-Identifier: MIT
"""What may be held, as data: shapes, numbers, and which limits conflict."""

from dataclasses import replace

import numpy as np
import pytest

from steelyard.optimize.conflicts import conflicts
from steelyard.optimize.errors import PortfolioInvalid
from steelyard.optimize.feasible import nearest_allowed
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.portfolio import Portfolio


def box(*highest: float, rows=(), total: float = 1.0) -> Polytope:
    """Weights from 0 to `highest`; `rows`: (name, coefficients, bound)."""
    n = len(highest)
    return Polytope(
        assets=tuple("ABCDEFG"[:n]),
        lowest=np.zeros(n),
        highest=np.array(highest),
        names=tuple(name for name, _, _ in rows),
        matrix=np.array([c for _, c, _ in rows], dtype=float).reshape(len(rows), n),
        bounds=np.array([b for _, _, b in rows], dtype=float),
        total=total,
    )


def wide_box(n: int) -> Polytope:
    """Any weights from 0 to 1 of n assets."""
    return Polytope(
        assets=tuple(f"asset {i}" for i in range(n)),
        lowest=np.zeros(n),
        highest=np.ones(n),
        names=(),
        matrix=np.zeros((0, n)),
        bounds=np.zeros(0),
    )


def test_polytope__no_assets__says_so():
    with pytest.raises(PortfolioInvalid, match="assets is none, expected at least one"):
        box()


def test_polytope__bounds_crossed__names_the_asset():
    with pytest.raises(
        PortfolioInvalid, match=r"highest weight of B is -0\.1, expected"
    ):
        box(0.5, -0.1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lowest", np.zeros(3)),
        ("highest", np.array([1.0, np.inf])),
        ("matrix", np.zeros((2, 2))),
        ("bounds", np.zeros(1)),
        ("lowest", "none"),
        ("total", np.nan),
    ],
)
def test_polytope__field_of_wrong_shape_or_no_number__named(field, value):
    fields = {
        "assets": ("A", "B"),
        "lowest": np.zeros(2),
        "highest": np.ones(2),
        "names": (),
        "matrix": np.zeros((0, 2)),
        "bounds": np.zeros(0),
        field: value,
    }

    with pytest.raises(PortfolioInvalid, match=f"^{field} is "):
        Polytope(**fields)


def test_portfolio__fewer_days_than_assets__singular_is_no_error():
    returns = np.random.default_rng(1).normal(0, 1e-6, (5, 2))
    twice = np.hstack([returns, returns, returns])

    Portfolio(
        polytope=box(*[1.0] * 6), covariance=np.cov(twice, rowvar=False), turnover=1.0
    )


def test_violation__each_kind_of_limit__its_own_miss():
    polytope = box(0.6, 0.6, rows=[("group", [1.0, 0.5], 0.7)])

    assert violation(polytope, np.array([0.4, 0.6])) == pytest.approx(0)
    assert violation(polytope, np.array([0.7, 0.3])) == pytest.approx(0.15)  # the row
    assert violation(polytope, np.array([-0.2, 1.2])) == pytest.approx(0.6)
    assert violation(polytope, np.array([0.4, 0.5])) == pytest.approx(0.1)  # the sum


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("expected_returns", np.zeros(3), "expected the shape"),
        ("covariance", np.eye(3), "expected the shape"),
        ("covariance", np.array([[1.0, 0.5], [0.0, 1.0]]), "expected symmetric"),
        ("covariance", np.diag([1.0, -1.0]), "expected variances >= 0"),
        ("covariance", np.array([[1.0, 2.0], [2.0, 1.0]]), "positive semidefinite"),
        ("covariance", np.array([[0.0, 1.0], [1.0, 0.0]]), "expected positive semi"),
        ("scenarios", np.zeros(2), "expected the shape"),
        ("scenarios", np.zeros((0, 2)), "expected at least one"),
        ("scenarios", np.array([[0.0, np.nan]]), "expected finite numbers"),
        ("cost_rates", np.array([0.1, -0.1]), "expected shares of value"),
        ("turnover", -1.0, "expected 0 or more"),
        ("leverage", np.nan, "expected 0 or more"),
        ("turnover", np.inf, "expected 0 or more, finite"),
    ],
)
def test_portfolio__field_that_cannot_be__named(field, value, said):
    with pytest.raises(PortfolioInvalid, match=f"^{field} is .*{said}"):
        Portfolio(polytope=box(1.0, 1.0), **{field: value})


@pytest.mark.parametrize("n", [2, 200])
def test_portfolio__one_eigenvalue_under_0__named(n):
    even = np.full((n, n), 1 / n)  # of all weights alike: 1
    covariance = np.eye(n) - 1.01 * even

    with pytest.raises(PortfolioInvalid, match=r"^covariance is of -0\.01, expected"):
        Portfolio(polytope=wide_box(n), covariance=covariance)

    Portfolio(polytope=wide_box(n), covariance=np.eye(n) - even)


def test_portfolio__costs_of_nothing__frictionless():
    assert Portfolio(polytope=box(1.0), cost_rates=np.zeros(1)).is_frictionless
    assert not Portfolio(polytope=box(1.0), cost_rates=np.ones(1)).is_frictionless
    assert not Portfolio(polytope=box(1.0), turnover=1.0).is_frictionless
    assert not Portfolio(polytope=box(1.0), leverage=1.0).is_frictionless


def test_nearest_allowed__weights_over_a_cap__moved_by_the_excess_alone():
    polytope = box(0.5, 1.0, 0.1, rows=[("B and C", [0, 1, 1], 0.6)])

    found = nearest_allowed(polytope, np.array([0.8, 0.1, 0.1]))

    assert found is not None
    assert violation(polytope, found) < 1e-12
    assert np.abs(found - [0.8, 0.1, 0.1]).sum() == pytest.approx(0.6)


def test_nearest_allowed__nothing_is_allowed__none():
    assert nearest_allowed(box(0.3, 0.3), np.array([0.5, 0.5])) is None


def test_conflicts__some_weights_are_allowed__empty():
    assert conflicts(box(0.5, 0.5)) == ()


def test_conflicts__caps_under_the_sum__named_with_it():
    polytope = box(0.3, 0.3, 1.0, rows=[("group", [0, 0, 1], 0.2)])

    named = conflicts(polytope)

    assert set(named) == {
        "group",
        "highest weight of A",
        "highest weight of B",
        "sum of weights 1",
    }


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e7])
def test_conflicts__limits_that_say_the_same__one_of_them(scale):
    # the row and the cap of A both say 0.2; with the cap of B that is 0.4 of 1
    rows = [("r", [scale, 0], 0.2 * scale), ("again", [scale, 0], 0.2 * scale)]

    named = conflicts(box(0.2, 0.2, rows=rows))

    assert len(named) == 3
    assert {"highest weight of B", "sum of weights 1"} < set(named)


def test_conflicts__random_limits__without_any_of_them_the_others_can_be_met():
    rng = np.random.default_rng(5)
    for _ in range(40):
        rows = [
            (f"r{i}", rng.choice([0.0, 0.5, 1.0], 3), rng.uniform(0.05, 0.3))
            for i in range(3)
        ]
        polytope = box(*rng.uniform(0.1, 0.6, 3), rows=rows)

        named = conflicts(polytope)

        for name in set(named) & set(polytope.names):
            others = [row for row in rows if row[0] != name and row[0] in named]
            bounded = [f"highest weight of {a}" in named for a in polytope.assets]
            floored = [f"lowest weight of {a}" in named for a in polytope.assets]
            rest = replace(
                box(*np.where(bounded, polytope.highest, 100.0), rows=others),
                lowest=np.where(floored, 0.0, -100.0),
            )
            assert conflicts(rest) == ()


def test_conflicts__two_rows_against_each_other__only_those():
    polytope = box(
        1.0,
        1.0,
        1.0,
        rows=[
            ("at most", [1, 0, 0], 0.2),
            ("at least", [-1, 0, 0], -0.4),
            ("idle", [0, 1, 0], 0.9),
        ],
    )

    assert set(conflicts(polytope)) == {"at most", "at least"}
