# SPDX-License-Identifier: MIT
"""Orders one after the other: pools by their reserves, the model by the truth."""

from dataclasses import replace

import numpy as np
import pytest
from path_cases import YEAR, into_dai, modelled_net, out_of_weth, path_of
from snapshots import (
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.optimize import Allocation, build_problem, optimize
from steelyard.optimize.concave import kink
from steelyard.optimize.periods.model import PathModel, sides_of
from steelyard.optimize.periods.path import (
    after,
    at_start,
    once,
    path_net,
    settled,
    toward,
)
from steelyard.optimize.periods.plan import plan_periods
from steelyard.optimize.periods.refill import leg_at, most_input, moved
from steelyard.optimize.periods.search import Path, PathSearch
from steelyard.optimize.periods.tangents import tangents
from steelyard.optimize.problem import BudgetRow, Leg, Piece
from steelyard.optimize.terms import evaluate, leg_output, leg_outputs, nothing

NONE = np.zeros(1)


def leg_of(*pieces: Piece, least_ratio: float = 0.0) -> Leg:
    return Leg(
        pool=0,
        zero_for_one=True,
        token_in=1,
        token_out=0,
        pieces=pieces,
        least_ratio=least_ratio,
    )


def piece_of(share: float = 1.0, **changes: float) -> Piece:
    fields = {"depth": 1.0, "rate": 1.0, "fee": 0.0, "capacity": 4.0, **changes}
    return Piece(**fields, thinned=((0, share),))


def test_leg_at__withdrawal_after_impact__pays_what_the_pool_pays():
    leg = leg_at(leg_of(piece_of()), 0.5, NONE)

    paid = leg_output(leg, 0.2, np.array([0.5]))

    # reserves 1.5 and 2/3, half of both withdrawn: 1/3 x 0.2 / (0.75 + 0.2)
    assert paid == pytest.approx(0.2 / 3 / 0.95, rel=1e-12)


def test_leg_at__thinned_before__withdrawal_takes_its_share_of_what_is_left():
    leg = leg_at(leg_of(piece_of()), 0.3, np.array([0.4]))

    paid = leg_output(leg, 0.2, np.array([0.3]))

    # reserves 0.6 + 0.3 and 0.6^2 / 0.9 = 0.4, of which 0.3 / 0.6 is withdrawn
    assert paid == pytest.approx(0.2 * 0.2 / (0.45 + 0.2), rel=1e-12)


def test_moved__two_pieces__each_scales_what_it_holds():
    first, second = piece_of(share=0.5, capacity=0.2), piece_of(share=0.0)

    stands = moved(leg_of(first, second), 0.3, NONE, np.array([1.0]))

    assert stands == pytest.approx(0.2 / 2 + 0.1)
    assert moved(leg_of(first, second), 0.3, NONE, NONE) == pytest.approx(0.3)


@pytest.mark.parametrize("stands", [0.0, 0.05, 0.15, 0.3])
@pytest.mark.parametrize("ratio", [0.7, 0.85, 0.95])
def test_most_input__pays_the_least_ratio_and_no_more_would(stands, ratio):
    pieces = piece_of(capacity=0.1), piece_of(capacity=0.3, rate=0.8, fee=0.01)
    leg = leg_at(leg_of(*pieces, least_ratio=ratio), stands, NONE)

    most = most_input(leg)

    full = sum(piece.capacity for piece in leg.pieces)
    assert leg_output(leg, most, NONE) >= ratio * most - 1e-12
    if most < full:
        more = most + 1e-6
        assert leg_output(leg, more, NONE) < ratio * more


def test_path_net__own_liquidity_goes_and_comes_back__as_a_pool_with_its_reserves():
    problem = out_of_weth(own=0.4)
    into_usdc = next(i for i, leg in enumerate(problem.legs) if leg.token_in == 1)
    piece = replace(problem.legs[into_usdc].pieces[0], fee=0.0, rate=1.0)
    legs = list(problem.legs)
    legs[into_usdc] = replace(legs[into_usdc], pieces=(piece,), least_ratio=0.0)
    problem = replace(problem, legs=tuple(legs))
    now, share = problem.values[0], piece.thinned[0][1]
    orders = [(0.75, 0.05), (0.9, 0.04), (0.3, 0.03), (1.1, 0.02)]  # of value; input
    wanted = [
        ([now * held], np.eye(2)[into_usdc] * paid_in) for held, paid_in in orders
    ]

    path = path_of(problem, wanted, stays=1.0)

    weth = usdc = piece.depth  # reserves, as value
    standing, held = at_start(problem), 1.0
    for order, (more, paid_in) in zip(path, orders, strict=True):
        depth = 1 - share * now * (1 - held)
        thinner = 1 - share * now * (1 - min(more, held))
        weth, usdc = weth * thinner / depth, usdc * thinner / depth
        out = usdc * paid_in / (weth + paid_in)
        got = leg_outputs(standing.here, order)[into_usdc]
        assert got == pytest.approx(out, rel=1e-9)
        weth, usdc = weth + paid_in, usdc - out
        thicker = (1 - share * now * (1 - more)) / thinner
        weth, usdc, held = weth * thicker, usdc * thicker, more
        standing = after(problem, standing, order, 1.0, 0.25)


def test_path_net__three_orders__impact_of_all_of_them_adds_up():
    problem = into_dai()
    wanted = []
    leg, held, stands, cost, earned = problem.legs[0], 0.0, 0.0, 0.0, 0.0
    for paid_in in (0.1, 0.2, 0.05):
        before = leg_output(leg, stands, NONE)
        got = leg_output(leg, stands + paid_in, NONE) - before
        held, cost = held + got, cost + paid_in - got
        stands, earned = 0.5 * (stands + paid_in), earned + 0.4 * held / 3
        wanted.append(([held], [paid_in, 0.0]))

    net = path_net(problem, path_of(problem, wanted, 0.5), 0.5)

    assert net == pytest.approx(earned - cost, rel=1e-9)


def test_path_net__cost_of_exit__of_what_is_held_last():
    problem = replace(into_dai(yearly=0.0), exit_rates=np.array([0.0, 0.02]))
    path = path_of(problem, [([0.0], [0.1, 0.0]), ([0.0], [0.1, 0.0])], 0.0)

    net = path_net(problem, path, 0.0)

    got = leg_output(problem.legs[0], 0.1, NONE)
    assert net == pytest.approx(2 * (got - 0.1) - 0.02 * 2 * got, rel=1e-9)


def test_path_net__spends_what_is_not_there__none():
    problem = into_dai()
    greedy = Allocation(
        inventory=problem.inventory, values=np.array([0.5]), inputs=np.zeros(2)
    )

    assert path_net(problem, [greedy], 0.0) is None


def test_path_net__one_order__counts_what_evaluate_counts():
    problem = into_dai()
    order = plan_periods(problem, 1, stays=0.0).orders[0]

    assert path_net(problem, [order], 0.0) == pytest.approx(
        evaluate(problem, order).total, abs=1e-12
    )


def test_after__leg_that_stands_somewhere__pays_the_difference_of_the_curve():
    problem = into_dai()
    order = path_of(problem, [([0.0], [0.3, 0.0])], 0.6)[0]

    standing = after(problem, at_start(problem), order, 0.6, 0.5)

    assert standing.impact == pytest.approx([0.18, 0.0])
    for more in (0.01, 0.1, 0.2):
        whole = leg_output(problem.legs[0], 0.18 + more, NONE)
        before = leg_output(problem.legs[0], 0.18, NONE)
        paid = leg_output(standing.here.legs[0], more, NONE)
        assert paid == pytest.approx(whole - before, rel=1e-9)


def test_tangents__of_a_concave_curve__touch_it_and_lie_above():
    problem = into_dai()

    around = tangents(problem, np.array([0.2, 0.0]), NONE, NONE)

    stands, paid, _ = around.levels[:, 0]
    slope = around.by_impact[:, 0]
    assert stands + slope[0] * 0.2 == pytest.approx(0.2)
    assert slope[0] == pytest.approx(1.0)
    for x in np.linspace(0, 0.9, 10):
        curve = leg_output(problem.legs[0], x, NONE)
        assert paid + slope[1] * x >= curve - 1e-12
    touched = leg_output(problem.legs[0], 0.2, NONE)
    assert paid + slope[1] * 0.2 == pytest.approx(touched, rel=1e-12)


def test_tangents__most_that_goes_in__lies_under_it():
    problem = into_dai(slippage_wad=10**16)

    around = tangents(problem, np.array([0.01, 0.0]), NONE, NONE)

    for x in np.linspace(0, 0.02, 9):
        most = most_input(leg_at(problem.legs[0], float(x), NONE))
        line = around.levels[2, 0] + around.by_impact[2, 0] * x
        assert line <= most + 1e-9


def test_tangents__leg_that_takes_nothing_more__does_not_bind_the_impact():
    problem = into_dai(slippage_wad=10**16)

    around = tangents(problem, np.array([0.3, 0.0]), NONE, NONE)

    assert around.levels[2, 0] == 0
    assert around.by_impact[2, 0] == 0


# shares of own liquidity that each order leaves, and value of WETH that it sells
PATHS = [
    [(1.0, 0.1), (0.5, 0.0)],  # a withdrawal from a pool that carries impact
    [(0.5, 0.05), (1.2, 0.02), (0.3, 0.03)],  # out, in again and out
    [(1.5, 0.03), (0.2, 0.0)],  # more is withdrawn than was there
    [(1.0, 0.05), (1.0, 0.04), (1.0, 0.03)],  # swaps alone
]


@pytest.mark.parametrize("shares", PATHS)
def test_path_model__around_a_path__is_exact_there(shares):
    problem = replace(out_of_weth(), exit_rates=np.array([0.0, 0.02]))
    problem = replace(problem, claimable=np.array([0.01, 0.02]))
    into_usdc = next(i for i, leg in enumerate(problem.legs) if leg.token_in == 1)
    wanted = [
        (held * problem.values, np.eye(2)[into_usdc] * paid_in)
        for held, paid_in in shares
    ]

    path = path_of(problem, wanted, 0.5)

    net = path_net(problem, path, 0.5)
    assert modelled_net(problem, path, 0.5) == pytest.approx(net, abs=1e-8)


def test_path_model__first_order_larger_than_the_path__allowed_at_less():
    problem = out_of_weth()
    into_usdc = next(i for i, leg in enumerate(problem.legs) if leg.token_in == 1)
    paid_in = np.eye(2)[into_usdc]
    stands = [(problem.values, 0.1 * paid_in), (problem.values, 0 * paid_in)]
    larger = [(problem.values, 0.12 * paid_in), (problem.values, 0 * paid_in)]
    path, other = path_of(problem, stands, 0.5), path_of(problem, larger, 0.5)

    modelled = modelled_net(problem, other, 0.5, around=path)

    net = path_net(problem, other, 0.5)
    assert net - 2e-4 < modelled < net  # the tangent errs against the plan


@pytest.mark.parametrize(("bound", "allowed"), [(0.1, False), (0.2, True)])
def test_path_model__budget__is_charged_for_all_orders_together(bound, allowed):
    budget = BudgetRow(
        name="turnover budget",
        per_input=np.ones(2),
        per_output=np.zeros(2),
        per_raised=np.zeros(1),
        per_lowered=np.zeros(1),
        bound=bound,
    )
    problem = replace(into_dai(), budgets=(budget,))

    path = path_of(problem, [([0.0], [0.08, 0.0]), ([0.0], [0.08, 0.0])], 0.0)

    assert np.isfinite(modelled_net(problem, path, 0.0)) == allowed
    assert (path_net(problem, path, 0.0) is not None) == allowed


def _two_sided():
    """Own supply beyond 25,000 brings the reserve under its kink."""
    usdc = make_token("USDC", 1_000_000)
    reserve = make_reserve(20_000, 180_000, slope2_ray=3 * 10**26)
    position = make_position("aave", (0,), reserve, market=1)
    snapshot = make_snapshot([usdc], [position], [])
    return build_problem(snapshot, make_signals(snapshot), YEAR)


@pytest.mark.parametrize(("value", "is_above"), [(0.01, False), (0.1, True)])
def test_path_model__lending_kink__stays_on_the_side_of_the_path(value, is_above):
    problem = _two_sided()
    path = path_of(problem, [([value], []), ([value], [])], 0.0)
    at = kink(problem.lending[0])

    sides = sides_of(problem, path)
    _, _, wanted = next(PathModel(problem, 2, 0.0).solve(path, sides, 1.0))

    assert sides.tolist() == [[is_above], [is_above]]
    for order in wanted:
        assert order.values[0] >= at - 1e-6 if is_above else order.values[0] <= at


def test_across_kinks__better_side_is_the_other__goes_there():
    problem = _two_sided()
    path = path_of(problem, [([0.015], []), ([0.015], [])], 0.0)
    net = path_net(problem, path, 0.0)
    search = PathSearch(problem, PathModel(problem, 2, 0.0), 0.0)
    start = search.climb(Path(orders=path, net=net, solver="none"))

    crossed = search.across_kinks(start)

    assert all(order.values[0] < 0.025 for order in start.orders)
    assert all(order.values[0] > 0.1 for order in crossed.orders)
    assert crossed.net > start.net + 5e-4


def test_climb__interest_by_lines__drawn_finer_until_its_error_is_none():
    usdc = make_token("USDC", 1_000_000)
    reserve = make_reserve(5_000, 195_000, slope2_ray=3 * 10**26)
    position = make_position("aave", (0,), reserve, market=1)
    snapshot = make_snapshot([usdc], [position], [])
    problem = build_problem(snapshot, make_signals(snapshot), YEAR)
    search = PathSearch(problem, PathModel(problem, 2, 0.0), 0.0)

    found = search.climb(_start(problem))

    assert found.net == pytest.approx(optimize(problem).terms.total, abs=1e-9)


class _Stub:
    """A model that wants one path, whatever it is asked."""

    def __init__(self, *answers):
        self.answers = answers

    def solve(self, *_):
        for outcome, wanted in self.answers:
            yield outcome, "STUB", wanted


def _start(problem):
    orders = once(problem, nothing(problem), 2)
    return Path(orders=orders, net=path_net(problem, orders, 0.0), solver="none")


def test_climb__model_wants_what_is_worse__stays():
    problem = into_dai(yearly=0.0)
    worse = path_of(problem, [([0.0], [0.3, 0.0]), ([0.0], [0.1, 0.0])], 0.0)
    start = _start(problem)

    found = PathSearch(problem, _Stub(("optimal", worse)), 0.0).climb(start)

    assert found is start


def test_climb__later_order_misses_a_limit__goes_part_of_the_way():
    problem = into_dai(slippage_wad=10**16)
    # 2 % of slippage each: half of the way is allowed
    far = path_of(problem, [([0.0396], [0.04, 0.0]), ([0.079], [0.04, 0.0])], 0.0)
    start = _start(problem)

    found = PathSearch(problem, _Stub(("optimal", far)), 0.0).climb(start)

    assert path_net(problem, far, 0.0) is None
    assert found.net > start.net + 1e-4
    assert path_net(problem, found.orders, 0.0) == found.net


def test_climb__inaccurate_and_no_better__asks_the_next_solver():
    problem = into_dai()
    good = path_of(problem, [([0.09], [0.1, 0.0]), ([0.09], [0.0, 0.0])], 0.0)
    start = _start(problem)
    stub = _Stub(("inaccurate", start.orders), ("failed", []), ("optimal", good))

    found = PathSearch(problem, stub, 0.0).climb(start)

    assert found.solver == "STUB"
    assert found.net == pytest.approx(path_net(problem, good, 0.0), abs=1e-12)


def test_toward__half_way_of_values_and_inputs__settles_with_what_is_there():
    problem = into_dai()
    good = path_of(problem, [([0.09], [0.1, 0.0])], 0.0)

    half = settled(problem, toward([nothing(problem)], good, 0.5), 0.0)

    assert half is not None
    assert half[0].values == pytest.approx([0.045])
    assert half[0].inputs == pytest.approx([0.05, 0.0])
    assert half[0].inventory[0] == pytest.approx(0.95)
