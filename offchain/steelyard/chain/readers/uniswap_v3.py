# SPDX-License-Identifier: MIT
"""Uniswap V3 pools and the ranges that the vault holds in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.amm.concentrated import Concentrated
from steelyard.chain.readers.base import Holding, MarketReader, Ticks
from steelyard.chain.reads import Read, Rounds, own_read
from steelyard.state import RangeState

TICKS_AROUND = 7_000  # read on each side: the price may double or halve
WORD_TICKS = 256  # tick spacings in a word of the pool's bitmap
PIPS_PER_PERCENT = 10**4


@dataclass(frozen=True, kw_only=True)
class Facts:
    pool: str
    fee_pips: int
    tick_spacing: int

    @property
    def words(self) -> int:
        """Bitmap words to read on each side of the price, up."""
        return -(-TICKS_AROUND // (WORD_TICKS * self.tick_spacing))


def _facts(pool: str) -> Rounds[Facts]:
    fee_pips, tick_spacing = yield [
        Read(pool, "fee()", "uint24"),
        Read(pool, "tickSpacing()", "int24"),
    ]
    return Facts(pool=pool, fee_pips=fee_pips, tick_spacing=tick_spacing)


def _state(facts: Facts, lens: str) -> Rounds[Concentrated]:
    (state,) = yield [own_read("Lens", "uniswapV3", lens, (facts.pool, facts.words))]
    sqrt_price_x96, tick, liquidity, fee_pips, spacing, protocol, *rest = state
    growth0, growth1, lowest, highest, ticks = rest
    return Concentrated(
        sqrt_price_x96=sqrt_price_x96,
        tick=tick,
        liquidity=liquidity,
        fee_pips=fee_pips,
        tick_spacing=spacing,
        ticks=tuple((index, net) for index, net in ticks),
        fee_growth_global0_x128=growth0,
        fee_growth_global1_x128=growth1,
        fee_protocol=protocol,
        window=(lowest, highest),
    )


def _name(facts: Facts, symbols: Sequence[str]) -> str:
    return f"uniswap-v3 {'/'.join(symbols)} {facts.fee_pips / PIPS_PER_PERCENT:g}%"


def _holding(adapter: str, market: bytes, guess: Ticks) -> Rounds[Holding]:
    """The fees of the ranges guessed; without a right guess they are zero."""
    held, *owed = yield [
        Read(adapter, "ranges(bytes32)", "(int24,int24,uint128)[]", (market,)),
        *(
            Read(
                adapter,
                "feesOwed(bytes32,int24,int24)",
                "uint256 uint256",
                (market, lower, upper),
                is_optional=True,
            )
            for lower, upper in guess
        ),
    ]
    fees = dict(zip(guess, owed, strict=True))
    ranges = tuple(
        RangeState(
            tick_lower=lower,
            tick_upper=upper,
            liquidity=liquidity,
            fees=tuple(fees.get((lower, upper)) or (0, 0)),
        )
        for lower, upper, liquidity in held
    )
    return Holding(ranges=ranges, ticks=tuple((r[0], r[1]) for r in held))


READER = MarketReader(
    protocol="uniswap-v3", facts=_facts, state=_state, name=_name, holding=_holding
)
