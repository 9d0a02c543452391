# SPDX-License-Identifier: MIT
"""Selling over blocks: the best of all plans, and less than all pools at rest pay."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from steelyard.amm.constant_product import ConstantProduct
from steelyard.route.errors import RouteInputInvalid
from steelyard.route.liquidate import Liquidation, best_liquidation, value_of
from steelyard.route.markets import Market
from steelyard.route.route import best_route
from steelyard.route.search import Wanted

POOL = ConstantProduct(reserve0=10**15, reserve1=10**24, fee_pips=3000)
MARKETS = [
    Market(name="one", tokens=(0, 1), state=POOL, gas=100_000),
    Market(
        name="two",
        tokens=(0, 1),
        state=ConstantProduct(reserve0=3 * 10**14, reserve1=3 * 10**23, fee_pips=500),
        gas=100_000,
    ),
]
HAVE = {0: 2 * 10**14}
WANTED = Wanted(weights={1: 1.0})


def sold(**changes: Any) -> Liquidation:
    given: dict[str, Any] = {"blocks": 5, "refill": 0.4, **changes}
    return best_liquidation(MARKETS, 2, HAVE, WANTED, **given)


def proceeds() -> Callable[[float], float]:
    def value(share: float) -> float:
        amount = int(HAVE[0] * share)
        if amount == 0:
            return 0.0
        return best_route(MARKETS, 2, {0: amount}, WANTED).value

    return value


@pytest.mark.parametrize("refill", [0.1, 0.4, 0.8])
@pytest.mark.parametrize("blocks", [2, 4])
def test_best_liquidation__no_other_plan__makes_more(
    blocks: int, refill: float
) -> None:
    found = sold(blocks=blocks, refill=refill)

    total = proceeds()
    best = minimize(
        lambda shares: -value_of(total, shares, 1 - refill) / found.value,
        np.full(blocks, 1 / blocks),
        bounds=[(0, 1)] * blocks,
        constraints={"type": "eq", "fun": lambda shares: shares.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 300},
    )
    assert len(found.shares) == blocks
    assert found.value >= -best.fun * found.value * (1 - 1e-9)
    assert found.value == pytest.approx(value_of(total, found.shares, 1 - refill))


def test_best_liquidation__shares__sum_to_all_and_hold_one_level() -> None:
    found = sold()

    impact, levels = 0.0, []
    for share in found.shares:
        levels.append(impact + share)
        impact = 0.6 * levels[-1]
    assert sum(found.shares) == pytest.approx(1.0, abs=1e-12)
    assert min(found.shares) > 0
    assert levels[:-1] == pytest.approx([levels[0]] * 4)
    assert found.value > found.evenly > found.at_once


def test_best_liquidation__nothing_refills__is_one_sale() -> None:
    found = sold(refill=0.0)

    assert found.value == pytest.approx(found.at_once, rel=1e-9)


def test_best_liquidation__all_refills__is_equal_parts() -> None:
    found = sold(refill=1.0)

    assert found.shares == pytest.approx((0.2,) * 5, abs=1e-4)
    part = best_route(MARKETS, 2, {0: HAVE[0] // 5}, WANTED).value
    assert found.value == pytest.approx(5 * part, rel=1e-6)


def test_best_liquidation__gas__takes_fewer_blocks() -> None:
    value = best_route(MARKETS, 2, HAVE, WANTED).value

    cheap = sold(blocks=20)
    dear = sold(blocks=20, gas_price=0.002 * value / 100_000)

    assert len(cheap.shares) == 20
    assert 1 <= len(dear.shares) < 20
    assert dear.net >= dear.at_once


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"blocks": 0}, "blocks is 0, expected 1 to 1000"),
        ({"refill": 1.1}, "refill is 1.1, expected 0 to 1"),
        ({"refill": float("nan")}, "refill is nan"),
    ],
)
def test_best_liquidation__bad_input__names_it(
    change: dict[str, Any], said: str
) -> None:
    with pytest.raises(RouteInputInvalid, match=said):
        sold(**change)
