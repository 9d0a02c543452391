# SPDX-License-Identifier: MIT
"""Days pass on the local chain: feeds follow a path, people trade, interest accrues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from web3 import Web3

from steelyard.demo import erc4626
from steelyard.demo.clock import travel_to
from steelyard.demo.protocols import Market, push_prices
from steelyard.demo.traders import Trade, arbitrage, noise_trades
from steelyard.estimate.returns import log_returns
from steelyard.market.history import PriceHistory
from steelyard.wad import WAD

STEPS_PER_DAY = 4
STEP_SECONDS = 86_400 // STEPS_PER_DAY
VOLUME_USD_PER_STEP = 3_000_000  # of trades that are nobody's arbitrage
SAVINGS_RATE_WAD = WAD * 35 // 1000  # a year

Prices = Mapping[str, int]  # dollars with 8 decimals per whole token, by symbol
WRAPPED = {"ETH": "WETH", "BTC": "WBTC"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the path: when, and what a feed would say."""

    at: int  # unix seconds
    prices_e8: Prices


def symbol_of(asset: str) -> str:
    """The token that stands for an asset on the chain."""
    return WRAPPED.get(asset, asset)


def feed_answers(assets: Sequence[str], row: np.ndarray) -> dict[str, int]:
    """A row of USD prices as feed answers, rounded down to 8 decimals; USDC is 1."""
    answers = {symbol_of(a): int(p * 1e8) for a, p in zip(assets, row, strict=True)}
    return {"USDC": 10**8, **answers}


def day_path(
    history: PriceHistory,
    lead: PriceHistory,
    closes: tuple[np.ndarray, np.ndarray],
    opening: int,
    rng: np.random.Generator,
) -> list[Step]:
    """Steps from one close to the next: a Brownian bridge in logs that ends on it.

    Between two daily prices nothing is known; the bridge has each asset's own daily
    volatility over `lead` (log returns), independent between assets.
    """
    before, after = np.log(closes[0]), np.log(closes[1])
    volatility = log_returns(lead).values.std(axis=0, ddof=1)
    share = np.arange(1, STEPS_PER_DAY + 1)[:, None] / STEPS_PER_DAY
    shocks = rng.standard_normal((STEPS_PER_DAY, len(history.assets)))
    walk = np.cumsum(shocks, axis=0) * volatility / np.sqrt(STEPS_PER_DAY)
    bridge = walk - share * walk[-1]
    path = np.exp(before + share * (after - before) + bridge)
    return [
        Step(
            at=opening + (i + 1) * STEP_SECONDS,
            prices_e8=feed_answers(history.assets, row),
        )
        for i, row in enumerate(path)
    ]


def live(
    web3: Web3, market: Market, step: Step, rng: np.random.Generator
) -> list[Trade]:
    """The market lives until `step`: trades, new prices, arbitrage, interest."""
    travel_to(web3, step.at)
    trades = noise_trades(web3, market, rng, VOLUME_USD_PER_STEP)
    push_prices(web3, market, step.prices_e8, _now(web3))
    trades += arbitrage(web3, market, step.prices_e8, within_fee=True)
    if market.savings is not None:
        erc4626.pay_interest(
            web3,
            market.savings,
            market.asset,
            SAVINGS_RATE_WAD,
            STEP_SECONDS,
            sender=market.actors.maker,
        )
    return trades


def _now(web3: Web3) -> int:
    return int(web3.eth.get_block("latest")["timestamp"])
