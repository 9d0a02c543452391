# SPDX-License-Identifier: MIT
"""Routes: as good as the convex optimum, exact, and never more than the chain gives."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from math import inf
from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from route_cases import KINDS, Case, random_case

from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.stable_swap import StableSwap
from steelyard.route.errors import NoRoute, RouteInputInvalid
from steelyard.route.markets import Market, swap_exact_in
from steelyard.route.route import Route, best_route
from steelyard.route.search import Wanted

ETH = 10**18
USD = 10**6


def pair(
    reserve0: int, reserve1: int, *, fee_pips: int = 3000, **changes: Any
) -> Market:
    state = ConstantProduct(reserve0=reserve0, reserve1=reserve1, fee_pips=fee_pips)
    market = Market(name="pair", tokens=(0, 1), state=state, gas=100_000)
    return replace(market, **changes)


def replayed(
    markets: list[Market], have: dict[int, int], route: Route
) -> dict[int, int]:
    """Balances after the swaps, computed anew; none spends what is not there."""
    balances: dict[int, int] = defaultdict(int, have)
    states: dict[int, Any] = {i: market.state for i, market in enumerate(markets)}
    for swap in route.swaps:
        held = markets[swap.market].tokens
        places = held.index(swap.token_in), held.index(swap.token_out)
        assert swap.amount_in <= balances[swap.token_in]
        states[swap.market], out = swap_exact_in(
            states[swap.market], swap.amount_in, *places
        )
        assert out == swap.amount_out
        balances[swap.token_in] -= swap.amount_in
        balances[swap.token_out] += out
    return {token: amount for token, amount in balances.items() if amount}


def conic_value(case: Case, have: dict[int, int], wanted: int) -> float:
    """The same for constant product pools, by cvxpy and Clarabel; in whole dollars."""
    states = [market.state for market in case.markets]
    assert all(isinstance(state, ConstantProduct) for state in states)
    pools, tokens = len(case.markets), len(case.decimals)
    scale = sum(case.worth(token, amount) for token, amount in have.items())
    reserves = np.array([(s.reserve0, s.reserve1) for s in states], dtype=float)  # type: ignore[union-attr]
    prices = np.array([case.worth(token, 1.0) for token in range(tokens)]) / scale
    held = np.array([market.tokens for market in case.markets])
    value = reserves * prices[held]
    paid, got = (cp.Variable((pools, 2), nonneg=True) for _ in range(2))
    net: Any = np.array([have.get(token, 0) * prices[token] for token in range(tokens)])
    for side in range(2):
        place = np.zeros((tokens, pools))
        place[held[:, side], np.arange(pools)] = value[:, side]
        net = net + place @ (got[:, side] - paid[:, side])
    left = 1 + 0.997 * paid - got
    total, apart = left[:, 0] + left[:, 1], left[:, 0] - left[:, 1]
    cone = cp.SOC(total, cp.vstack([2 * np.ones(pools), apart]), axis=0)
    others = [net[token] >= 0 for token in range(tokens) if token != wanted]
    problem = cp.Problem(cp.Maximize(net[wanted]), [cone, *others])
    exact = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-13)
    problem.solve(solver="CLARABEL", **exact, tol_ktratio=1e-10)
    return float(problem.value) * scale


@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")
@pytest.mark.parametrize("dollars", [100_000, 3_000_000, 30_000_000])
@pytest.mark.parametrize("seed", range(4))
def test_best_route__constant_products__is_the_conic_optimum(
    seed: int, dollars: int
) -> None:
    case = random_case(seed, pools=40, noise=0.0001, kinds=("constant product",))
    have = {3: case.raw(3, dollars)}

    route = best_route(case.markets, 6, have, Wanted(weights={4: 1.0}))

    optimum = conic_value(case, have, 4)
    assert case.worth(4, route.ceiling) == pytest.approx(optimum, rel=1e-8)
    # integers: a swap rounds what it takes and what it pays
    units = sum(
        case.worth(swap.token_in, 1) + case.worth(swap.token_out, 1)
        for swap in route.swaps
    )
    assert case.worth(4, route.value) == pytest.approx(optimum, rel=1e-8, abs=units)


@pytest.mark.parametrize("dollars", [1_000, 300_000])
@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_best_route__every_kind__reaches_its_bound(kind: str, dollars: int) -> None:
    for seed in range(5):
        kinds = KINDS if kind == "all" else (kind, "constant product")
        case = random_case(seed, kinds=kinds)
        have = {3: case.raw(3, dollars)}

        route = best_route(case.markets, 6, have, Wanted(weights={4: 1.0}))

        assert route.failure == ""
        assert -1e-9 < route.gap < 1e-4  # raw units, and slivers of what goes in parts
        assert route.bound <= route.ceiling * (1 + 1e-9)
        assert dict(route.balances) == replayed(case.markets, have, route)


def test_best_route__basket_into_basket__keeps_its_proportions() -> None:
    case = random_case(1, pools=40)
    have = {3: case.raw(3, 50_000), 5: case.raw(5, 20_000)}
    basket = {0: float(10 ** case.decimals[0]), 1: 2.0 * 10 ** case.decimals[1]}

    route = best_route(case.markets, 6, have, Wanted(weights=basket))

    sets = [route.balances[token] / weight for token, weight in basket.items()]
    assert sets[0] == pytest.approx(sets[1], rel=1e-6)
    assert route.value == pytest.approx(70_000 / 3, rel=0.05)
    assert dict(route.balances) == replayed(case.markets, have, route)


def test_best_route__at_prices__sells_only_what_pays() -> None:
    fair, dear = pair(10**6 * USD, 500 * ETH), pair(10**6 * USD, 450 * ETH)
    price_eth = 2_000 * USD / ETH  # raw dollars per raw unit
    have = {0: 10_000 * USD}
    wanted = Wanted(weights={0: 1.0, 1: price_eth}, at_prices=True)

    nothing = best_route([dear], 2, have, wanted)
    cheap = replace(fair, state=ConstantProduct(reserve0=10**12, reserve1=510 * ETH))
    some = best_route([cheap], 2, have, wanted)

    assert nothing.swaps == ()
    assert nothing.value == have[0]
    assert some.value > have[0]
    assert 0 < some.swaps[0].amount_in < have[0]


def test_best_route__token_counted_in_other_units__same_route() -> None:
    case = random_case(2, pools=30, kinds=("constant product",))
    have = {3: case.raw(3, 100_000)}
    grown = [_grown(market, 4, 10**6) for market in case.markets]

    plain = best_route(case.markets, 6, have, Wanted(weights={4: 1.0}))
    other = best_route(grown, 6, have, Wanted(weights={4: 1.0}))

    assert other.bound / 10**6 == pytest.approx(plain.bound, rel=1e-11)


def _grown(market: Market, token: int, factor: int) -> Market:
    state = market.state
    assert isinstance(state, ConstantProduct)
    if token not in market.tokens:
        return market
    name = f"reserve{market.tokens.index(token)}"
    return replace(
        market, state=replace(state, **{name: getattr(state, name) * factor})
    )


def test_best_route__ill_scaled_and_nearly_empty_pools__are_no_trouble() -> None:
    markets = [
        pair(10**12, 10**25),
        pair(1, 10**13),
        pair(10**3, 10**16),
        pair(0, 0),
        pair(10**12, 10**25 + 10**23, fee_pips=500),
    ]

    route = best_route(markets, 2, {0: 10**10}, Wanted(weights={1: 1.0}))

    assert route.gap < 1e-9
    assert {swap.market for swap in route.swaps} <= {0, 2, 4}


@pytest.mark.parametrize("amount", [1, 2, 3, 40, 99])
def test_best_route__amount_that_buys_nothing__ends_with_nothing(amount: int) -> None:
    route = best_route([pair(1_000, 10)], 2, {0: amount}, Wanted(weights={1: 1.0}))

    assert route.swaps == ()
    assert route.balances == {0: amount}
    assert route.value == 0


def test_best_route__constant_sum__is_drained_at_its_price() -> None:
    flat = StableSwap(
        balances=(10**12, 10**24),
        rates=(10**30, 10**18),
        amplification=10**8,
        fee_e10=0,
    )
    markets = [
        Market(name="flat", tokens=(0, 1), state=flat),
        pair(10**12, 10**24, fee_pips=500),
    ]

    for dollars in (10**3, 10**5, 5 * 10**6):
        route = best_route(markets, 2, {0: dollars * USD}, Wanted(weights={1: 1.0}))

        assert route.gap < 1e-6
        assert replayed(markets, {0: dollars * USD}, route) == dict(route.balances)


def test_best_route__gas__is_the_best_of_all_sets_of_pools() -> None:
    for seed in range(6):
        case = random_case(
            seed, pools=7, tokens=4, kinds=("constant product", "weighted")
        )
        have = {3: case.raw(3, 20_000)}
        gas_price = case.raw(0, 15.0) / 100_000  # 15 dollars a pool

        route = best_route(
            case.markets, 4, have, Wanted(weights={0: 1.0}), gas_price=gas_price
        )

        best = 0.0
        for count in range(1, 8):
            for chosen in combinations(case.markets, count):
                try:
                    other = best_route(list(chosen), 4, have, Wanted(weights={0: 1.0}))
                except NoRoute:
                    continue
                cost = gas_price * sum(chosen[s.market].gas for s in other.swaps)
                best = max(best, other.value - cost)
        assert route.net >= best * (1 - 1e-4)
        assert route.bound >= best * (1 - 1e-9)


def test_best_route__pools_that_disagree__no_circle_is_left_open() -> None:
    for seed in range(6):
        case = random_case(seed, pools=40, noise=0.02)
        have = {3: case.raw(3, 10_000)}

        route = best_route(case.markets, 6, have, Wanted(weights={4: 1.0}))

        assert dict(route.balances) == replayed(case.markets, have, route)
        left = {t: a for t, a in route.balances.items() if t != 4}
        assert sum(case.worth(t, a) for t, a in left.items()) < 1e-3
        assert route.net <= route.ceiling


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"have": {9: 1}}, "have is 9"),
        ({"have": {}}, "something to sell"),
        ({"have": {0: -1}}, "have of token 0"),
        ({"wanted": Wanted(weights={})}, "something to buy"),
        ({"wanted": Wanted(weights={1: inf})}, "wanted of token 1"),
        ({"gas_price": -1.0}, "gas_price"),
        ({"markets": [pair(10, 10, tokens=(0, 0))]}, "none twice"),
        ({"markets": [pair(10, 10, tokens=(0, 7))]}, "from 0 to 1"),
        ({"markets": [pair(10, 10, tokens=(0, 1, 2))]}, "from 0 to 1"),
    ],
)
def test_best_route__bad_input__names_it(change: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {
        "markets": [pair(10**6, 10**6)],
        "tokens": 2,
        "have": {0: 10},
        "wanted": Wanted(weights={1: 1.0}),
        **change,
    }
    with pytest.raises(RouteInputInvalid, match=said):
        best_route(**given)


def test_best_route__no_pool_leads_there__says_so() -> None:
    with pytest.raises(NoRoute, match="from"):
        best_route([pair(10**6, 10**6)], 3, {0: 10}, Wanted(weights={2: 1.0}))
