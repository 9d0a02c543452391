# SPDX-License-Identifier: MIT
"""People who trade in the market's pools: arbitrageurs, and everyone else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from web3 import Web3

from steelyard.demo import uniswap_v2, uniswap_v3
from steelyard.demo.market_spec import DOLLAR_E8
from steelyard.demo.protocols import Market, Pair, Pool, feed_prices_e8
from steelyard.demo.tokens import balance_of

FEE_SCALE = 10**6
V3_TURNOVER = 4  # concentrated liquidity is deeper at the price: trades go there
PAIR_FEE = 3000  # of FEE_SCALE, in every v2 pair
FINEST_DECIMALS = 36


class Randomness(Protocol):
    """random.Random and numpy.random.Generator both will do."""

    def random(self) -> float:
        """Uniform in [0, 1)."""


@dataclass(frozen=True, kw_only=True)
class Trade:
    """A swap as it happened, in raw units."""

    pool: str
    token_in: str
    token_out: str
    amount_in: int
    amount_out: int


def arbitrage(
    web3: Web3,
    market: Market,
    prices_e8: Mapping[str, int],
    *,
    within_fee: bool = False,
) -> list[Trade]:
    """Moves every pool's spot to `prices_e8`, each with one swap of the trader.

    With `within_fee` a trade ends where the next unit would not pay its fee, as a
    real arbitrageur's does; pools already within their fee are left alone.
    """
    trades = [
        _arbitrage_pair(web3, market, pair, prices_e8, within_fee)
        for pair in market.pairs
    ]
    trades += [
        _arbitrage_pool(web3, market, pool, prices_e8, within_fee)
        for pool in market.pools
    ]
    return [trade for trade in trades if trade is not None]


def noise_trades(
    web3: Web3,
    market: Market,
    rng: Randomness,
    volume_usd: int,
    *,
    trades_per_pool: int = 2,
) -> list[Trade]:
    """Swaps worth about `volume_usd` in random directions, in all pools.

    The volume is shared by the pools' depth, a dollar in a v3 pool drawing as much
    as V3_TURNOVER in a v2 pair; sizes are uniform around the mean.
    """
    prices_e8 = feed_prices_e8(market)
    venues: list[Pair | Pool] = [*market.pairs, *market.pools]
    total_usd = sum(_draw_usd(venue) for venue in venues)
    trades = []
    for venue in venues:
        mean_usd = volume_usd * _draw_usd(venue) / total_usd / trades_per_pool
        for _ in range(trades_per_pool):
            ends = (venue.spec.token_a, venue.spec.token_b)
            token_in, token_out = ends if rng.random() < 0.5 else ends[::-1]
            usd_e8 = int(mean_usd * (0.5 + rng.random()) * DOLLAR_E8)
            unit = 10 ** _decimals(market, token_in)
            amount_in = usd_e8 * unit // prices_e8[token_in]
            if amount_in:
                trade = swap(web3, market, venue, token_in, token_out, amount_in)
                trades.append(trade)
    return trades


def swap(
    web3: Web3,
    market: Market,
    venue: Pair | Pool,
    token_in: str,
    token_out: str,
    amount_in: int,
    *,
    sqrt_price_limit_x96: int = 0,
) -> Trade:
    """The trader sells `amount_in` in one pool, through the protocol's router.

    In a v3 pool less is sold when the price limit is reached first.
    """
    trader = market.actors.trader
    sold, bought = market.tokens[token_in], market.tokens[token_out]
    before = balance_of(sold, trader)
    if isinstance(venue, Pair):
        amount_out = uniswap_v2.swap_exact_in(
            web3, market.v2, (sold, bought), amount_in, sender=trader
        )
    else:
        amount_out = uniswap_v3.swap_exact_in(
            web3,
            market.v3,
            sold,
            bought,
            venue.spec.fee,
            amount_in,
            sender=trader,
            sqrt_price_limit_x96=sqrt_price_limit_x96,
        )
    return Trade(
        pool=venue.name,
        token_in=token_in,
        token_out=token_out,
        amount_in=before - balance_of(sold, trader),
        amount_out=amount_out,
    )


def depth_usd(venue: Pair | Pool) -> int:
    """Dollars the pool was opened with."""
    if isinstance(venue, Pair):
        return venue.spec.depth_usd
    return sum(part.depth_usd for part in venue.spec.ranges)


def _draw_usd(venue: Pair | Pool) -> int:
    return depth_usd(venue) * (1 if isinstance(venue, Pair) else V3_TURNOVER)


def unit_worth(market: Market, symbol: str, price_e8: int) -> int:
    """Worth of one raw unit, in 1e-44 dollars: whole for up to 36 decimals."""
    return int(price_e8 * 10 ** (FINEST_DECIMALS - _decimals(market, symbol)))


def _arbitrage_pair(
    web3: Web3,
    market: Market,
    pair: Pair,
    prices_e8: Mapping[str, int],
    within_fee: bool,
) -> Trade | None:
    kept = FEE_SCALE - PAIR_FEE if within_fee else FEE_SCALE
    reserve = _pair_reserves(market, pair)
    worth = {end: unit_worth(market, end, prices_e8[end]) for end in reserve}
    ends = (pair.spec.token_a, pair.spec.token_b)
    for token_in, token_out in (ends, ends[::-1]):
        amount_in = uniswap_v2.amount_in_to_price_down(
            reserve[token_in],
            reserve[token_out],
            worth[token_out] * kept,
            worth[token_in] * FEE_SCALE,
        )
        if amount_in and _pays_out(market, token_in, token_out, amount_in):
            return swap(web3, market, pair, token_in, token_out, amount_in)
    return None


def _pays_out(market: Market, token_in: str, token_out: str, amount_in: int) -> bool:
    path = [market.tokens[token_in].address, market.tokens[token_out].address]
    return uniswap_v2.quote_exact_in(market.v2, path, amount_in) > 0


def _pair_reserves(market: Market, pair: Pair) -> dict[str, int]:
    reserve_0, reserve_1 = uniswap_v2.reserves(pair.contract)
    symbol_0, symbol_1 = sorted_symbols(market, pair)
    return {symbol_0: reserve_0, symbol_1: reserve_1}


def _arbitrage_pool(
    web3: Web3,
    market: Market,
    pool: Pool,
    prices_e8: Mapping[str, int],
    within_fee: bool,
) -> Trade | None:
    kept = FEE_SCALE - pool.spec.fee if within_fee else FEE_SCALE
    symbol_0, symbol_1 = sorted_symbols(market, pool)
    worth_0 = unit_worth(market, symbol_0, prices_e8[symbol_0])
    worth_1 = unit_worth(market, symbol_1, prices_e8[symbol_1])
    highest = uniswap_v3.sqrt_price_x96_down(worth_1 * kept, worth_0 * FEE_SCALE)
    lowest = uniswap_v3.sqrt_price_x96_down(worth_1 * FEE_SCALE, worth_0 * kept)
    sqrt_price_x96, _tick = uniswap_v3.slot0(pool.contract)
    if sqrt_price_x96 > highest:
        token_in, token_out, limit_x96 = symbol_0, symbol_1, highest
    elif sqrt_price_x96 < lowest:
        token_in, token_out, limit_x96 = symbol_1, symbol_0, lowest
    else:
        return None
    all_of_it = balance_of(market.tokens[token_in], market.actors.trader)
    return swap(
        web3,
        market,
        pool,
        token_in,
        token_out,
        all_of_it,
        sqrt_price_limit_x96=limit_x96,
    )


def sorted_symbols(market: Market, venue: Pair | Pool) -> tuple[str, str]:
    """Symbols of token0 and token1: Uniswap sorts by address."""
    first, second = venue.spec.token_a, venue.spec.token_b
    if int(market.tokens[first].address, 16) > int(market.tokens[second].address, 16):
        return second, first
    return first, second


def _decimals(market: Market, symbol: str) -> int:
    return next(t.decimals for t in market.spec.tokens if t.symbol == symbol)
