# SPDX-License-Identifier: MIT
"""Small vaults to plan on: USDC (6 decimals) as the asset and WETH at 2,000.

Markets: a v2 pair and a v3 pool of USDC and WETH at the oracle's price, an Aave reserve
and an ERC-4626 vault of USDC.
"""

from dataclasses import dataclass, field, replace
from math import isqrt

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.tick_math import get_tick_at_sqrt_ratio
from steelyard.fair import sqrt_price_x96
from steelyard.lending import RAY, AaveReserve, Erc4626
from steelyard.plan.valuation import book, position_amounts
from steelyard.plan.world import world_of
from steelyard.state import (
    UNLIMITED,
    Cap,
    OrderLimits,
    PoolState,
    PositionState,
    RangeState,
    Snapshot,
    TagState,
    TokenState,
)

WAD = 10**18
USD = 10**6
ETH = 10**18
USDC, WETH = 0, 1
V2, V3, AAVE, SAVINGS = 0, 1, 2, 3
FREE = Cap(assets=2**255, wad=WAD)
TICK_AT_2000 = 200310  # of raw WETH per raw USDC: 5e8
LOWER, UPPER = TICK_AT_2000 // 60 * 60 - 1200, TICK_AT_2000 // 60 * 60 + 1260


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    output_tolerance_wad: int = 10**15
    liquidity_tolerance_wad: int = 10**16
    weight_tolerance_wad: int = 5 * 10**15
    share_price_tolerance_wad: int = 10**15


@dataclass(frozen=True, kw_only=True)
class Aim:
    position: int
    value: float
    current_value: float = 0.0
    tick_lower: int = 0
    tick_upper: int = 0


@dataclass(frozen=True, kw_only=True)
class Flow:
    pool: int
    zero_for_one: bool
    amount_in: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    positions: tuple[Aim, ...] = ()
    swaps: tuple[Flow, ...] = ()
    inventory: tuple[float, ...] = field(default=(0.0, 0.0))


def address(tail: int) -> str:
    return "0x" + f"{tail:040x}"


def bytes32(tail: int) -> str:
    return "0x" + f"{tail:064x}"


def token(symbol: str, decimals: int, price_wad: int, **changes: object) -> TokenState:
    state = TokenState(
        address=address(0xA0 + decimals),
        symbol=symbol,
        decimals=decimals,
        unit_scale=10 ** (18 + 6 - decimals),
        price_wad=price_wad,
        uncertainty_wad=0,
        price_updated_at=1_700_000_000,
        inventory=0,
        tags=frozenset(),
        cap=FREE,
        slippage_wad=10**16,
        deviation_wad=2 * 10**16,
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def pair(usd: int = 10_000_000, **changes: int) -> ConstantProduct:
    """A v2 pair of this many USDC at 2,000 a WETH."""
    reserve0, reserve1 = usd * USD, usd * ETH // 2000
    pool = ConstantProduct(
        reserve0=reserve0, reserve1=reserve1, total_supply=isqrt(reserve0 * reserve1)
    )
    return replace(pool, **changes)  # type: ignore[arg-type]


def pool(liquidity: int = 2 * 10**17, price_wad: int = 2000 * WAD) -> Concentrated:
    """A v3 pool with one wide range of others."""
    sqrt_x96 = sqrt_price_x96(WAD * WAD, price_wad * 10**6)
    wide = 60 * 1000
    centre = TICK_AT_2000 // 60 * 60
    return Concentrated(
        sqrt_price_x96=sqrt_x96,
        tick=get_tick_at_sqrt_ratio(sqrt_x96),
        liquidity=liquidity,
        fee_pips=3000,
        tick_spacing=60,
        ticks=((centre - wide, liquidity), (centre + wide, -liquidity)),
    )


def with_range(
    curve: Concentrated, liquidity: int, fees: tuple[int, int] = (0, 0)
) -> tuple[Concentrated, RangeState]:
    """The pool with a range of the vault's own in it, LOWER to UPPER."""
    low, high = curve.ticks
    active = curve.liquidity
    if LOWER <= curve.tick < UPPER:
        active += liquidity
    ticks = (low, (LOWER, liquidity), (UPPER, -liquidity), high)
    held = RangeState(
        tick_lower=LOWER, tick_upper=UPPER, liquidity=liquidity, fees=fees
    )
    return replace(curve, liquidity=active, ticks=ticks), held


def reserve(available: int = 5_000_000, index_ray: int = RAY) -> AaveReserve:
    return AaveReserve(
        index_ray=index_ray,
        available_liquidity=available * USD,
        total_variable_debt=available * USD,
        reserve_factor_bps=1000,
        optimal_usage_ray=8 * RAY // 10,
        base_rate_ray=0,
        slope1_ray=4 * RAY // 100,
        slope2_ray=RAY,
    )


def savings() -> Erc4626:
    """Shares worth 1.1 USDC each."""
    return Erc4626(total_assets=1_100_000 * USD, total_supply=1_000_000 * USD)


def position(index: int, state: object, **changes: object) -> PositionState:
    names = ("v2 USDC/WETH", "v3 USDC/WETH", "aave USDC", "savings USDC")
    protocols = ("uniswap-v2", "uniswap-v3", "aave-v3", "erc4626")
    tokens = (USDC, WETH) if index in (V2, V3) else (USDC,)
    made = PositionState(
        name=names[index],
        protocol=protocols[index],
        adapter=address(0xAD00 + index),
        market=bytes32(0x3A00 + index),
        tokens=tokens,
        units=0,
        amounts=(0,) * len(tokens),
        ranges=(),
        tags=frozenset(),
        cap=FREE,
        state=state,  # type: ignore[arg-type]
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def snapshot(
    *,
    usdc: int = 1_000_000 * USD,
    weth: int = 0,
    v2: ConstantProduct | None = None,
    v2_units: int = 0,
    v3: Concentrated | None = None,
    v3_range: RangeState | None = None,
    lent: int = 0,
    savings_shares: int = 0,
    position_caps: tuple[Cap, ...] = (FREE,) * 4,
    token_caps: tuple[Cap, Cap] = (FREE, FREE),
    tags: tuple[TagState, ...] = (),
    position_tags: frozenset[int] = frozenset(),
    idle_wad: int = 0,
    slippage_wad: int = 10**16,
    deviation_wad: int = 2 * 10**16,
    uncertainty_wad: int = 0,
    limits: OrderLimits = UNLIMITED,
) -> Snapshot:
    """The vault with these holdings; amounts and NAV are worked out."""
    pair_state, pool_state = v2 or pair(), v3 or pool()
    own = {"slippage_wad": slippage_wad, "deviation_wad": deviation_wad}
    doubt = {"uncertainty_wad": uncertainty_wad}
    usdc_cap, weth_cap = token_caps
    tokens = (
        token("USDC", 6, WAD, inventory=usdc, cap=usdc_cap, **own),
        token("WETH", 18, 2000 * WAD, inventory=weth, cap=weth_cap, **own, **doubt),
    )
    ranges = (v3_range,) if v3_range else ()
    units = (v2_units, v3_range.liquidity if v3_range else 0, lent, savings_shares)
    states = (pair_state, pool_state, reserve(), savings())
    positions = tuple(
        position(
            i,
            states[i],
            units=units[i],
            ranges=ranges if i == V3 else (),
            amounts=(lent,) if i == AAVE else ((0, 0) if i < 2 else (0,)),
            cap=position_caps[i],
            tags=position_tags,
        )
        for i in range(4)
    )
    pools = tuple(
        PoolState(
            name=positions[i].name,
            protocol=positions[i].protocol,
            venue=address(0xBE00 + i),
            pool=positions[i].market,
            tokens=(USDC, WETH),
            state=states[i],  # type: ignore[arg-type]
        )
        for i in (V2, V3)
    )
    made = Snapshot(
        chain_id=31337,
        block_number=100,
        timestamp=1_700_000_000,
        base_fee_wei=10**9,
        vault=address(0xFA),
        name="Steelyard USDC",
        config=address(0xCF),
        config_hash=bytes32(0xCF),
        nonce=3,
        signers=(address(0x51),),
        threshold=1,
        signer_kind=0,
        max_window_seconds=600,
        idle_wad=idle_wad,
        total_supply=0,
        share_decimals=12,
        share_price_wad=WAD,
        nav=0,
        nav_low=0,
        limits=limits,
        tokens=tokens,
        positions=positions,
        tags=tags,
        pools=pools,
    )
    return valued(made)


def with_index(made: Snapshot, index_ray: int, scaled: int | None = None) -> Snapshot:
    """The snapshot at this liquidity index; `scaled` units are worth what is lent."""
    lent = made.positions[AAVE]
    units = lent.amounts[0] * RAY // index_ray if scaled is None else scaled
    lent = replace(lent, units=units, state=reserve(index_ray=index_ray))
    positions = (*made.positions[:AAVE], lent, *made.positions[AAVE + 1 :])
    return replace(made, positions=positions)


def valued(made: Snapshot) -> Snapshot:
    """The snapshot with position amounts, NAV and a supply at a share price of 1."""
    world = world_of(made)
    positions = tuple(
        replace(p, amounts=position_amounts(world, i))
        for i, p in enumerate(made.positions)
    )
    made = replace(made, positions=positions)
    nav = book(world_of(made)).nav
    return replace(made, nav=nav, nav_low=nav, total_supply=nav * 10**6)
