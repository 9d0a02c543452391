# SPDX-License-Identifier: MIT
"""Vaults for the optimiser: what pays by hand, and a mixed one."""

from typing import Any

from snapshots import (
    WAD,
    bytes32,
    cap,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.lending import Erc4626
from steelyard.optimize import Preferences, Problem, Solution, build_problem, optimize
from steelyard.state import OrderLimits, PositionState, Snapshot, TagState

YEAR = Preferences(
    risk_aversion=0,
    horizon_days=365,
    margin_wad=0,
    swap_margin_wad=0,
    exit_cost_share=0,
)
SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)


def solved(
    snapshot: Snapshot, preferences: Preferences = YEAR, **signals: Any
) -> tuple[Problem, Solution]:
    problem = build_problem(snapshot, make_signals(snapshot, **signals), preferences)
    return problem, optimize(problem)


def savings(market: int, token: int = 0, **changes: Any) -> PositionState:
    name = f"savings {market}"
    return make_position(name, (token,), SAVINGS, market=market, **changes)


def buying(limits: OrderLimits, **changes: Any) -> Snapshot:
    """A million USDC, a deep pair, and WETH that pays more."""
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH", **changes)
    pool = make_pool("v2", (0, 1), make_pair(usdc, weth, 50_000_000), market=3)
    earner = savings(2, token=1)
    return make_snapshot([usdc, weth], [earner], [pool], limits=limits)


def mixed(
    *,
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2),
    lp_cap: float = 0.3,
    weth_cap: float = 0.5,
    weth_decimals: int = 18,
    lp_units: float = 0.05,
) -> Snapshot:
    """For the invariants: a v2 pair, a v3 pool, two lenders, three tokens."""
    tags = (TagState(name="uniswap", cap=cap(0.35)), TagState(name="aave", cap=cap()))
    usdc = make_token("USDC", 10**6 * shares[0])
    weth = make_token(
        "WETH", 500 * shares[1], cap=cap(weth_cap), decimals=weth_decimals
    )
    dai = make_token("DAI", 10**6 * shares[2])
    pair = make_pair(usdc, weth, 2_000_000)
    stable = make_concentrated(
        usdc, dai, [(60, 60, 10**20), (600, 600, 10**19)], fee_pips=500, spacing=10
    )
    uniswap, aave = frozenset({0}), frozenset({1})
    own = range_of(stable, 60, 60, 10**18)
    positions = [
        make_position(
            "v2",
            (0, 1),
            pair,
            market=1,
            cap=cap(lp_cap),
            tags=uniswap,
            units=int(pair.total_supply * lp_units),
        ),
        make_position("v3", (0, 2), stable, market=2, tags=uniswap, ranges=(own,)),
        make_position("aave", (0,), make_reserve(3e6, 7e6), market=3, tags=aave),
        savings(4, token=2, cap=cap(0.3)),
    ]
    pools = [
        make_pool("v2", (0, 1), pair, market=1),
        make_pool("v3", (0, 2), stable, market=2),
    ]
    return make_snapshot(
        [usdc, weth, dai], positions, pools, tags, idle_wad=5 * WAD // 100
    )


def mixed_signals(snapshot: Snapshot, **changes: Any) -> dict[str, Any]:
    signals = {
        "volatility": {"WETH": 0.6},
        "returns": {"WETH": 0.1},
        "pool_fees_per_year": {bytes32(1): 0.5 * snapshot.nav, bytes32(2): 3e10},
        "vault_yield_per_year": {bytes32(4): 0.06},
        "default_failure_probability_per_year": 0.01,
        "gas_price_wei": 10**9,
    }
    return signals | changes
