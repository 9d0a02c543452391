# SPDX-License-Identifier: MIT
"""Random markets of every kind of pool, near each other's prices."""

import random
from dataclasses import dataclass
from math import exp, sqrt

from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.tick_math import Q96, get_tick_at_sqrt_ratio
from steelyard.amm.uniswap_v4 import ConcentratedV4
from steelyard.amm.weighted import WeightedPool
from steelyard.route.markets import Market, PoolState

SPACING = 10
GAS = 100_000
KINDS = ("constant product", "concentrated", "v4", "weighted", "curve", "balancer")


@dataclass(frozen=True, kw_only=True)
class Case:
    """Markets, and what a token is worth: tokens 0, 1 and 2 are worth a dollar."""

    markets: list[Market]
    decimals: list[int]
    dollars: list[float]  # per whole token

    def raw(self, token: int, dollars: float) -> int:
        """Raw units worth so many dollars, at least 1."""
        return max(1, int(dollars / self.dollars[token] * 10 ** self.decimals[token]))

    def worth(self, token: int, amount: float) -> float:
        """Dollars."""
        return amount * self.dollars[token] / 10 ** self.decimals[token]


def random_case(
    seed: int,
    *,
    pools: int = 24,
    tokens: int = 6,
    noise: float = 0.0005,
    kinds: tuple[str, ...] = KINDS,
) -> Case:
    """`noise`: by how much prices of pools differ, one standard deviation."""
    rng = random.Random(seed)
    decimals = [rng.choice((6, 8, 18)) for _ in range(tokens)]
    dollars = [1.0] * 3 + [10 ** rng.uniform(-1, 4) for _ in range(tokens - 3)]
    case = Case(markets=[], decimals=decimals, dollars=dollars)
    for number in range(pools):
        kind = rng.choice(kinds)
        state, held = _pool(rng, case, kind, 10 ** rng.uniform(4, 7), noise)
        case.markets.append(
            Market(name=f"{kind} {number}", tokens=held, state=state, gas=GAS)
        )
    return case


def _pool(
    rng: random.Random, case: Case, kind: str, dollars: float, noise: float
) -> tuple[PoolState, tuple[int, ...]]:
    def raw(token: int, share: float = 1.0) -> int:
        return case.raw(token, dollars * share * exp(rng.gauss(0, noise)))

    tokens = range(len(case.decimals))
    if kind == "constant product":
        a, b = rng.sample(tokens, 2)
        return ConstantProduct(reserve0=raw(a), reserve1=raw(b)), (a, b)
    if kind in ("concentrated", "v4"):
        a, b = rng.sample(tokens, 2)
        curve = _concentrated(rng, raw(a), raw(b))
        return (_as_v4(curve) if kind == "v4" else curve), (a, b)
    if kind == "weighted":
        held = tuple(rng.sample(tokens, rng.choice((2, 3, 4))))
        parts = [rng.uniform(0.2, 1) for _ in held]
        weights = [int(part / sum(parts) * 1e18) for part in parts]
        weights[-1] = 10**18 - sum(weights[:-1])
        weighted = WeightedPool(
            balances=tuple(
                raw(t, w / 1e18) for t, w in zip(held, weights, strict=True)
            ),
            weights_wad=tuple(weights),
            scaling=tuple(10 ** (36 - case.decimals[t]) for t in held),
            swap_fee_wad=10**15,
        )
        return weighted, held
    held = tuple(rng.sample(range(3), rng.choice((2, 3))))
    balances = tuple(raw(t, rng.uniform(0.8, 1.2)) for t in held)
    units = tuple(10 ** (36 - case.decimals[t]) for t in held)
    if kind == "curve":
        plain = StableSwap(
            balances=balances, rates=units, amplification=100_000, fee_e10=4_000_000
        )
        return plain, held
    stable = BalancerStable(
        balances=balances, scaling=units, amplification=500_000, swap_fee_wad=4 * 10**14
    )
    return stable, held


def _as_v4(pool: Concentrated) -> ConcentratedV4:
    return ConcentratedV4(
        sqrt_price_x96=pool.sqrt_price_x96,
        tick=pool.tick,
        liquidity=pool.liquidity,
        tick_spacing=pool.tick_spacing,
        ticks=pool.ticks,
        lp_fee_pips=pool.fee_pips,
        protocol_fee_pips=(100, 100),
    )


def _concentrated(rng: random.Random, amount0: int, amount1: int) -> Concentrated:
    sqrt_price_x96 = int(sqrt(amount1 / amount0) * Q96)
    tick = get_tick_at_sqrt_ratio(sqrt_price_x96)
    nets: dict[int, int] = {}
    for _ in range(5):
        liquidity = int(sqrt(amount0 * amount1) * rng.uniform(0.5, 4))
        here = tick // SPACING * SPACING
        low = here - SPACING * rng.randint(5, 400)
        high = here + SPACING * rng.randint(5, 400)
        nets[low] = nets.get(low, 0) + liquidity
        nets[high] = nets.get(high, 0) - liquidity
    return Concentrated(
        sqrt_price_x96=sqrt_price_x96,
        tick=tick,
        liquidity=sum(net for at, net in nets.items() if at <= tick),
        fee_pips=500,
        tick_spacing=SPACING,
        ticks=tuple(sorted(nets.items())),
    )
