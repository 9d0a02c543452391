# SPDX-License-Identifier: MIT
"""The declared chain: what is not proved is not believed, None is no answer."""

import numpy as np
import pytest

from steelyard.optimize import allocate as module
from steelyard.optimize.allocate import allocate
from steelyard.optimize.errors import OptimizeError, SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.models import (
    BoxMean,
    CVaR,
    EllipsoidalCovariance,
    EllipsoidalMean,
    HierarchicalRiskParity,
    Kelly,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
    Utility,
    Variance,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.outcome import Reason, Status
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio


@pytest.fixture
def chain(monkeypatch):
    """Answers through these ways alone."""

    def answer(
        *ways,
        highest=(1.0, 0.6),
        current=None,
        goal=None,
        model=None,
        **limits,
    ):
        monkeypatch.setattr(module, "ways", lambda *_: ways)
        polytope = Polytope(
            assets=("A", "B"),
            lowest=np.zeros(2),
            highest=np.array(highest),
            names=("half of A",),
            matrix=np.array([[1.0, 0.0]]),
            bounds=np.array([0.5]),
        )
        portfolio = Portfolio(
            polytope=polytope,
            expected_returns=np.array([0.1, 0.2]),
            current=current,
            **limits,
        )
        return allocate(portfolio, model or MeanRisk(goal=goal or LeastRisk()))

    return answer


def found(
    *weights: float, objective: float = 1.0, bound: float | None = 1.0, price=0.0
):
    def way(_portfolio, _model):
        return Found(
            weights=np.array(weights),
            objective=objective,
            bound=bound,
            row_prices=np.array([price]),
            method=f"way to {weights[0]}",
        )

    return way


def fails(outcome: str):
    def way(_portfolio, _model):
        raise SolveFailed("broken way", outcome)

    return way


def test_allocate__first_way_proves_its_answer__taken(chain):
    answer = chain(found(0.5, 0.5, price=0.2), found(0.4, 0.6))

    assert answer.status is Status.OPTIMAL
    assert answer.reason is Reason.BEST
    assert answer.method == "way to 0.5"
    assert answer.tried == ()
    assert [(b.name, b.shadow_price) for b in answer.binding] == [("half of A", 0.2)]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (found(0.6, 0.4), "misses a limit by 0.1"),
        (found(0.5, 0.4), "misses a limit by 0.1"),
        (found(0.5, 0.5, objective=1.1), "gap 0.1"),
        (found(0.5, 0.5, objective=float("nan")), "gap nan"),
        (found(0.5, 0.5, bound=float("-inf")), "gap inf"),
        (found(float("nan"), 0.5), "misses a limit by nan"),
        (fails("inaccurate"), "broken way: inaccurate"),
    ],
)
def test_allocate__answer_not_proved__next_way_and_said(chain, bad, said):
    answer = chain(bad, found(0.4, 0.6))

    assert answer.status is Status.OPTIMAL
    assert list(answer.weights) == [0.4, 0.6]
    assert said in answer.tried[0]


def test_allocate__model_without_bound__no_certificate(chain):
    answer = chain(found(0.4, 0.6, bound=None))

    assert answer.status is Status.OPTIMAL
    assert answer.certificate is None


def test_allocate__every_way_fails__what_is_held_stays(chain):
    answer = chain(fails("failed"), fails("inaccurate"), current=np.array([0.45, 0.55]))

    assert answer.status is Status.FALLBACK
    assert answer.reason is Reason.INACCURATE
    assert list(answer.weights) == [0.45, 0.55]
    assert answer.objective is None
    assert answer.tried == ("broken way: failed", "broken way: inaccurate")


def test_allocate__what_is_held_is_not_allowed__nearest_that_is(chain):
    answer = chain(fails("failed"), current=np.array([0.9, 0.1]))

    assert answer.weights == pytest.approx([0.5, 0.5])
    assert answer.violation < 1e-10


def test_allocate__nothing_is_allowed__conflict_named(chain):
    answer = chain(fails("infeasible"), highest=(1.0, 0.3))

    assert answer.reason is Reason.INFEASIBLE
    assert set(answer.conflicts) == {
        "half of A",
        "highest weight of B",
        "sum of weights 1",
    }
    assert answer.detail.startswith("no weights meet half of A")


def test_allocate__solver_says_infeasible_of_what_is_allowed__not_repeated(chain):
    answer = chain(fails("infeasible"))

    assert answer.reason is Reason.INACCURATE
    assert answer.conflicts == ()


def test_allocate__return_out_of_reach__named_with_the_cap(chain):
    answer = chain(fails("infeasible"), goal=ReturnAtLeast(expected_return=0.17))

    assert answer.reason is Reason.INFEASIBLE
    assert set(answer.conflicts) == {
        "expected return at least 0.17",  # 0.16 is the most: 40 % of A, 60 % of B
        "highest weight of B",
        "sum of weights 1",
    }


def test_allocate__drawdown_out_of_reach__named(chain):
    answer = chain(fails("infeasible"), model=Kelly(drawdown=0.3, probability=0.1))

    assert answer.reason is Reason.INFEASIBLE
    assert answer.conflicts == ("drawdown at most 0.3 but for a chance of 0.1",)


def test_allocate__risk_out_of_reach__named(chain):
    answer = chain(fails("infeasible"), goal=RiskAtMost(limit=0.01), turnover=0.1)

    assert answer.conflicts == ("risk at most 0.01", "turnover at most 0.1")
    assert answer.detail == "no weights meet risk at most 0.01, turnover at most 0.1"


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e9])
@pytest.mark.parametrize(
    "model",
    [MeanRisk(), HierarchicalRiskParity(), RiskBudgeting(), MaximumDiversification()],
)
def test_allocate__row_in_other_sizes__the_same_weights_and_price_per_bound(
    model, scale
):
    def answer(size: float):
        polytope = Polytope(
            assets=("A", "B", "C"),
            lowest=np.zeros(3),
            highest=np.ones(3),
            names=("r",),
            matrix=size * np.array([[1.0, 0.5, 0.0]]),
            bounds=np.array([0.3 * size]),
        )
        return allocate(
            Portfolio(polytope=polytope, covariance=np.diag([1.0, 2.0, 9.0])), model
        )

    plain, scaled = answer(1.0), answer(scale)

    assert scaled.status is Status.OPTIMAL
    assert scaled.weights == pytest.approx(plain.weights, abs=1e-9)
    assert [row.name for row in scaled.binding] == [row.name for row in plain.binding]
    for mine, theirs in zip(scaled.binding, plain.binding, strict=True):
        assert mine.shadow_price * scale == pytest.approx(theirs.shadow_price, rel=1e-6)


@pytest.mark.parametrize("measure", [Variance(), CVaR(), WorstCase()])
@pytest.mark.parametrize("wide", [1e5, 1e9])
def test_allocate__box_without_end__cut_to_what_the_sum_leaves(measure, wide):
    polytope = Polytope(
        assets=("A", "B"),
        lowest=np.zeros(2),
        highest=np.full(2, wide),
        names=(),
        matrix=np.zeros((0, 2)),
        bounds=np.zeros(0),
    )
    returns = np.random.default_rng(1).normal(0.001, 0.02, (50, 2))
    portfolio = Portfolio(
        polytope=polytope, covariance=np.cov(returns.T), scenarios=returns
    )

    answer = allocate(portfolio, MeanRisk(measure=measure))

    assert answer.status is Status.OPTIMAL
    assert answer.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (MeanRisk(goal=RiskAtMost(limit=np.nan), measure=CVaR()), "limit"),
        (MeanRisk(goal=RiskAtMost(limit=-0.1)), "limit"),
        (MeanRisk(goal=Utility(risk_aversion=np.inf)), "risk_aversion"),
        (MeanRisk(goal=LargestRatio(risk_free=np.inf)), "risk_free"),
        (MeanRisk(goal=ReturnAtLeast(expected_return=np.inf)), "expected_return"),
        (MeanRisk(doubts=(EllipsoidalCovariance(radius=np.inf),)), "radius"),
        (MeanRisk(doubts=(BoxMean(half_widths="abc"),)), "half_widths"),
        (MeanRisk(doubts=(EllipsoidalMean(radius=1, shape=np.eye(3)),)), "shape"),
        (MeanRisk(measure=WassersteinCVaR(radius=np.inf)), "radius"),
    ],
)
def test_allocate__number_of_a_model_that_cannot_be__named(model, field):
    polytope = Polytope(
        assets=("A", "B"),
        lowest=np.zeros(2),
        highest=np.ones(2),
        names=(),
        matrix=np.zeros((0, 2)),
        bounds=np.zeros(0),
    )

    with pytest.raises(OptimizeError, match=f"{field} is"):
        allocate(Portfolio(polytope=polytope, covariance=np.eye(2)), model)


def test_allocate__risk_budget_of_what_a_row_forbids__named():
    polytope = Polytope(
        assets=("A", "B"),
        lowest=np.zeros(2),
        highest=np.ones(2),
        names=("none of A",),
        matrix=np.array([[1.0, 0.0]]),
        bounds=np.zeros(1),
    )

    answer = allocate(
        Portfolio(polytope=polytope, covariance=np.eye(2)), RiskBudgeting()
    )

    assert answer.conflicts == ("none of A", "weight above 0 of A")


def test_allocate__turnover_missed__not_taken(chain):
    answer = chain(found(0.5, 0.5), current=np.array([0.4, 0.6]), turnover=0.1)

    assert answer.status is Status.FALLBACK
    assert "misses a limit by 0.1" in answer.tried[0]


def test_allocate__what_is_held_is_over_the_leverage__fallback_says_so(chain):
    answer = chain(fails("failed"), current=np.array([0.45, 0.55]), leverage=0.9)

    assert answer.violation == pytest.approx(0.1)
    assert answer.detail == "solver failed: weights that miss a limit by 0.1"


def test_allocate__no_linear_program_settles_it__not_called_infeasible(
    chain, monkeypatch
):
    def gives_up(*_):
        raise SolveFailed("nearest allowed weights", "failed")

    monkeypatch.setattr(module, "nearest_allowed", gives_up)

    answer = chain(fails("failed"), current=np.array([0.9, 0.1]))

    assert answer.reason is Reason.SOLVER_FAILED
    assert answer.conflicts == ()
    assert answer.violation == pytest.approx(0.4)


def test_allocate__first_way_settles_it__later_ones_do_not_unsay_it(chain):
    answer = chain(fails("unbounded"), fails("inaccurate"))

    assert answer.reason is Reason.UNBOUNDED
