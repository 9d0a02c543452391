# SPDX-License-Identifier: MIT
"""Snapshots made by hand: USDC (6 decimals) is the asset, WETH costs 2,000, DAI 1.

`make_snapshot()` alone is a vault of 1,000,000 USDC, all idle, without any market;
tokens, positions, pools and tags are added as arguments. Amounts of positions and the
net asset value are computed as the vault computes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isqrt
from typing import Any

import numpy as np

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.tick_math import get_sqrt_ratio_at_tick, get_tick_at_sqrt_ratio
from steelyard.estimate.signals import Signals
from steelyard.fair import (
    concentrated_amounts,
    constant_product_amounts,
    sqrt_price_x96,
    value_down,
)
from steelyard.lending import RAY, AaveReserve, Erc4626, assets_of_shares_down
from steelyard.state import (
    UNLIMITED,
    Cap,
    PoolState,
    PositionState,
    RangeState,
    Snapshot,
    TagState,
    TokenState,
)

WAD = 10**18
FREE = Cap(assets=2**255, wad=WAD)
PRICES_WAD = {"USDC": WAD, "WETH": 2000 * WAD, "DAI": WAD, "WBTC": 40_000 * WAD}
DECIMALS = {"USDC": 6, "WETH": 18, "DAI": 18, "WBTC": 8}


def cap(share: float = 1.0, assets: int = 2**255) -> Cap:
    """A relative cap of `share`, an absolute one of raw `assets`."""
    return Cap(assets=assets, wad=round(share * WAD))


def bytes32(tail: int) -> str:
    return "0x" + f"{tail:064x}"


def make_token(symbol: str, inventory: float = 0.0, **changes: Any) -> TokenState:
    """A token; `inventory` in whole tokens, `price` in whole USDC per whole token."""
    decimals = changes.pop("decimals", DECIMALS.get(symbol, 18))
    price = changes.pop("price", None)
    price_wad = PRICES_WAD.get(symbol, WAD) if price is None else round(price * WAD)
    fields: dict[str, Any] = {
        "address": "0x" + symbol.encode().hex().rjust(40, "0"),
        "symbol": symbol,
        "decimals": decimals,
        "unit_scale": 10 ** (18 + 6 - decimals),
        "price_wad": price_wad,
        "uncertainty_wad": 0,
        "price_updated_at": 1_700_000_000,
        "inventory": round(inventory * 10**6) * 10**decimals // 10**6,
        "tags": frozenset(),
        "cap": FREE,
        "slippage_wad": 10**16,
        "deviation_wad": 2 * 10**16,
    }
    return TokenState(**(fields | changes))


def make_pair(
    first: TokenState, second: TokenState, depth: float, basis: float = 1.0
) -> ConstantProduct:
    """A v2 pair of `depth` USDC a side, its price `basis` times the oracle's."""
    root = basis**0.5
    reserve0 = round(depth * 10**6 * 10**36 / first.price_e36 / root)
    reserve1 = round(depth * 10**6 * 10**36 / second.price_e36 * root)
    supply = isqrt(reserve0 * reserve1)
    return ConstantProduct(reserve0=reserve0, reserve1=reserve1, total_supply=supply)


def make_concentrated(
    first: TokenState,
    second: TokenState,
    ranges: Sequence[tuple[int, int, int]],
    *,
    fee_pips: int = 3000,
    spacing: int = 60,
    basis: float = 1.0,
) -> Concentrated:
    """A v3 pool of (ticks below, ticks above, liquidity) around the oracle's price."""
    exact = sqrt_price_x96(first.price_e36, second.price_e36)
    root = exact if basis == 1.0 else int(exact * basis**0.5)
    tick = get_tick_at_sqrt_ratio(root)
    nets: dict[int, int] = {}
    liquidity = 0
    for below, above, amount in ranges:
        lower = (tick - below) // spacing * spacing
        upper = -(-(tick + above) // spacing) * spacing
        nets[lower] = nets.get(lower, 0) + amount
        nets[upper] = nets.get(upper, 0) - amount
        if lower <= tick < upper:
            liquidity += amount
    return Concentrated(
        sqrt_price_x96=root,
        tick=tick,
        liquidity=liquidity,
        fee_pips=fee_pips,
        tick_spacing=spacing,
        ticks=tuple(sorted(nets.items())),
    )


def make_reserve(
    available: float, debt: float, *, decimals: int = 6, **changes: int
) -> AaveReserve:
    """A reserve in whole tokens: 4 % at 80 % utilisation, then 75 % more; index 1."""
    fields: dict[str, int] = {
        "index_ray": RAY,
        "available_liquidity": round(available * 10**decimals),
        "total_variable_debt": round(debt * 10**decimals),
        "reserve_factor_bps": 1000,
        "optimal_usage_ray": 8 * RAY // 10,
        "base_rate_ray": 0,
        "slope1_ray": 4 * RAY // 100,
        "slope2_ray": 75 * RAY // 100,
    }
    return AaveReserve(**(fields | changes))


def make_position(
    name: str,
    tokens: tuple[int, ...],
    state: ConstantProduct | Concentrated | AaveReserve | Erc4626,
    *,
    market: int,
    units: int = 0,
    ranges: tuple[RangeState, ...] = (),
    **changes: Any,
) -> PositionState:
    """A position; `units` as its adapter counts them: scaled in an Aave reserve."""
    protocol = {
        ConstantProduct: "uniswap-v2",
        Concentrated: "uniswap-v3",
        AaveReserve: "aave-v3",
        Erc4626: "erc4626",
    }[type(state)]
    fields: dict[str, Any] = {
        "name": name,
        "protocol": protocol,
        "adapter": "0x" + protocol.encode().hex().rjust(40, "0"),
        "market": bytes32(market),
        "tokens": tokens,
        "units": units or sum(r.liquidity for r in ranges),
        "amounts": (0,) * len(tokens),  # make_snapshot computes them
        "ranges": ranges,
        "tags": frozenset(),
        "cap": FREE,
        "state": state,
    }
    return PositionState(**(fields | changes))


def make_pool(
    name: str,
    tokens: tuple[int, int],
    state: ConstantProduct | Concentrated,
    *,
    market: int,
) -> PoolState:
    protocol = "uniswap-v2" if isinstance(state, ConstantProduct) else "uniswap-v3"
    return PoolState(
        name=name,
        protocol=protocol,
        venue="0x" + protocol.encode().hex().rjust(40, "1"),
        pool=bytes32(market),
        tokens=tokens,
        state=state,
    )


def _amounts(position: PositionState, tokens: Sequence[TokenState]) -> tuple[int, ...]:
    state = position.state
    prices = [tokens[i].price_e36 for i in position.tokens]
    if isinstance(state, ConstantProduct):
        return constant_product_amounts(state, position.units, prices[0], prices[1])
    if isinstance(state, Concentrated):
        root = sqrt_price_x96(*prices)
        total = [0, 0]
        for r in position.ranges:
            held = concentrated_amounts(r.liquidity, r.tick_lower, r.tick_upper, root)
            total = [t + h + f for t, h, f in zip(total, held, r.fees, strict=True)]
        return tuple(total)
    if isinstance(state, Erc4626):
        return (assets_of_shares_down(state, position.units),)
    return (position.units * state.index_ray // RAY,)


def make_snapshot(
    tokens: Sequence[TokenState] | None = None,
    positions: Sequence[PositionState] = (),
    pools: Sequence[PoolState] = (),
    tags: Sequence[TagState] = (),
    **changes: Any,
) -> Snapshot:
    """A snapshot with amounts and NAV as the vault would read them at these prices."""
    listed = tuple(tokens or (make_token("USDC", 1_000_000),))
    valued = tuple(replace(p, amounts=_amounts(p, listed)) for p in positions)
    held = [token.inventory for token in listed]
    for position in valued:
        for token, amount in zip(position.tokens, position.amounts, strict=True):
            held[token] += amount
    nav = sum(
        value_down(amount, token.price_e36)
        for amount, token in zip(held, listed, strict=True)
    )
    fields: dict[str, Any] = {
        "chain_id": 31337,
        "block_number": 100,
        "timestamp": 1_700_000_000,
        "base_fee_wei": 10**9,
        "vault": "0x" + "a" * 40,
        "name": "Test vault",
        "config": "0x" + "b" * 40,
        "config_hash": bytes32(1),
        "nonce": 0,
        "signers": ("0x" + "c" * 40,),
        "threshold": 1,
        "signer_kind": 0,
        "max_window_seconds": 3600,
        "idle_wad": 0,
        "total_supply": nav * 10**6,
        "share_decimals": 12,
        "share_price_wad": WAD,
        "nav": nav,
        "nav_low": nav,
        "limits": UNLIMITED,
        "tokens": listed,
        "positions": valued,
        "tags": tuple(tags),
        "pools": tuple(pools),
    }
    return Snapshot(**(fields | changes))


def make_signals(snapshot: Snapshot, **changes: Any) -> Signals:
    """Signals of a still market: nothing is expected, nothing moves, gas is free.

    `volatility`: symbol -> per year, uncorrelated; `returns`: symbol -> per year.
    """
    volatility: Mapping[str, float] = changes.pop("volatility", {})
    returns: Mapping[str, float] = changes.pop("returns", {})
    symbols = [token.symbol for token in snapshot.tokens]
    sigma = np.array([volatility.get(s, 0.0) for s in symbols])
    fields: dict[str, Any] = {
        "expected_returns": np.array([returns.get(s, 0.0) for s in symbols]),
        "covariance": np.diag(sigma**2),
        "pool_fees_per_year": {},
        "vault_yield_per_year": {},
        "gas_price_wei": 0,
        "native_price_e36": 2000 * 10**6 * 10**18,  # 2,000 USDC per 1e18 wei
        "default_failure_probability_per_year": 0.0,
    }
    return Signals(**(fields | changes))


def range_of(pool: Concentrated, below: int, above: int, liquidity: int) -> RangeState:
    """A range of the vault's own; the pool must hold its liquidity already."""
    spacing = pool.tick_spacing
    lower = (pool.tick - below) // spacing * spacing
    upper = -(-(pool.tick + above) // spacing) * spacing
    assert get_sqrt_ratio_at_tick(lower) < get_sqrt_ratio_at_tick(upper)
    return RangeState(
        tick_lower=lower, tick_upper=upper, liquidity=liquidity, fees=(0, 0)
    )
