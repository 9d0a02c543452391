# SPDX-License-Identifier: MIT
"""A DeFi market as data: tokens, pools, reserves and their sizes in dollars."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from steelyard.demo.aave_v3 import RateCurve
from steelyard.demo.errors import InvalidMarket
from steelyard.demo.uniswap_v3 import TICK_SPACINGS

WETH_SYMBOL = "WETH"
WETH_DECIMALS = 18
DOLLAR_E8 = 10**8


@dataclass(frozen=True, kw_only=True)
class TokenSpec:
    """A token and its first price: dollars with 8 decimals per whole token."""

    symbol: str
    decimals: int
    price_e8: int


@dataclass(frozen=True, kw_only=True)
class PairSpec:
    """A Uniswap v2 pair; `depth_usd` is both sides together."""

    token_a: str
    token_b: str
    depth_usd: int


@dataclass(frozen=True, kw_only=True)
class RangeSpec:
    """Liquidity around the price; None is the full range. Depth: both sides."""

    half_width_ticks: int | None
    depth_usd: int


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """A Uniswap v3 pool with its ranges; `fee` in 1e-6."""

    token_a: str
    token_b: str
    fee: int
    ranges: tuple[RangeSpec, ...]


@dataclass(frozen=True, kw_only=True)
class ReserveSpec:
    """An Aave reserve: what lenders bring, what borrowers pledge and take."""

    symbol: str
    lent_usd: int
    collateral_usd: int
    borrowed_usd: int
    rates: RateCurve = field(default_factory=RateCurve)


@dataclass(frozen=True, kw_only=True)
class MarketSpec:
    """Everything `deploy_market` puts up; the first token is the asset."""

    tokens: tuple[TokenSpec, ...]
    pairs: tuple[PairSpec, ...] = ()
    pools: tuple[PoolSpec, ...] = ()
    reserves: tuple[ReserveSpec, ...] = ()
    savings_usd: int = 0  # in the ERC-4626 vault over the asset; 0: no vault


DEFAULT_TOKENS = (
    TokenSpec(symbol="USDC", decimals=6, price_e8=DOLLAR_E8),
    TokenSpec(symbol="WETH", decimals=18, price_e8=2_000 * DOLLAR_E8),
    TokenSpec(symbol="WBTC", decimals=8, price_e8=40_000 * DOLLAR_E8),
    TokenSpec(symbol="LINK", decimals=18, price_e8=15 * DOLLAR_E8),
)


def default_market(tokens: Sequence[TokenSpec] = DEFAULT_TOKENS) -> MarketSpec:
    """A market for any list of tokens, asset first, most traded next.

    The second token has a deep v2 pair and two v3 pools, the third a v3 pool and a
    v2 pair with the second, every other a shallow v2 pair; the first three can be
    borrowed. Raises InvalidMarket.
    """
    symbols = [token.symbol for token in tokens]
    _expect(bool(symbols), "tokens", symbols, "at least one")
    asset, others = symbols[0], symbols[1:]
    pairs = [PairSpec(token_a=asset, token_b=s, depth_usd=40_000_000) for s in others]
    pairs[1:] = [
        PairSpec(token_a=asset, token_b=s, depth_usd=1_500_000) for s in others[2:]
    ]
    if len(others) > 1:
        pairs.append(
            PairSpec(token_a=others[0], token_b=others[1], depth_usd=8_000_000)
        )
    spec = MarketSpec(
        tokens=tuple(tokens),
        pairs=tuple(pairs),
        pools=_default_pools(asset, others),
        reserves=_default_reserves(symbols),
        savings_usd=5_000_000,
    )
    check_market(spec)
    return spec


def check_market(spec: MarketSpec) -> None:
    """Raises InvalidMarket for the first value that cannot be put up."""
    symbols = [token.symbol for token in spec.tokens]
    _expect(bool(symbols), "tokens", symbols, "at least one")
    _expect(len(set(symbols)) == len(symbols), "tokens", symbols, "no symbol twice")
    for token in spec.tokens:
        name = token.symbol
        _expect(
            0 <= token.decimals <= 18, f"{name} decimals", token.decimals, "0 to 18"
        )
        _expect(token.price_e8 > 0, f"{name} price_e8", token.price_e8, "above 0")
        if name == WETH_SYMBOL:
            right = token.decimals == WETH_DECIMALS
            _expect(right, "WETH decimals", token.decimals, "18, as in WETH9")
    venues: list[PairSpec | PoolSpec] = [*spec.pairs, *spec.pools]
    for venue in venues:
        ends = (venue.token_a, venue.token_b)
        known = set(ends) <= set(symbols) and len(set(ends)) == 2
        _expect(known, "pool tokens", ends, f"two of {symbols}")
    for pool in spec.pools:
        _expect(
            pool.fee in TICK_SPACINGS,
            "pool fee",
            pool.fee,
            f"one of {[*TICK_SPACINGS]}",
        )
    for reserve in spec.reserves:
        known = reserve.symbol in symbols
        _expect(known, "reserve token", reserve.symbol, f"one of {symbols}")


def amount_of_usd_down(token: TokenSpec, usd: int) -> int:
    """Raw units of `token` that `usd` whole dollars buy at its first price."""
    return int(usd * DOLLAR_E8 * 10**token.decimals // token.price_e8)


def _default_pools(asset: str, others: Sequence[str]) -> tuple[PoolSpec, ...]:
    plans = [
        (0, 500, ((600, 15_000_000), (3_000, 15_000_000), (None, 5_000_000))),
        (0, 3000, ((1_200, 6_000_000), (6_000, 6_000_000), (None, 4_000_000))),
        (1, 3000, ((600, 2_000_000), (1_800, 3_000_000), (None, 4_000_000))),
    ]
    return tuple(
        PoolSpec(
            token_a=asset,
            token_b=others[index],
            fee=fee,
            ranges=tuple(
                RangeSpec(half_width_ticks=width, depth_usd=depth)
                for width, depth in ranges
            ),
        )
        for index, fee, ranges in plans
        if index < len(others)
    )


def _default_reserves(symbols: Sequence[str]) -> tuple[ReserveSpec, ...]:
    millions = [(60, 10, 42), (10, 90, 16), (10, 80, 5)]  # lent, pledged, borrowed
    return tuple(
        ReserveSpec(
            symbol=symbol,
            lent_usd=lent * 10**6,
            collateral_usd=pledged * 10**6,
            borrowed_usd=borrowed * 10**6,
        )
        for symbol, (lent, pledged, borrowed) in zip(symbols, millions, strict=False)
    )


def _expect(right: bool, field_name: str, value: object, expected: str) -> None:
    if not right:
        raise InvalidMarket(field_name, value, expected)
