# SPDX-License-Identifier: MIT
"""Ticks and square-root prices, equal to Uniswap v3's TickMath to the last bit.

UNITS  `sqrt_price_x96`: sqrt(raw token1 per raw token0) · 2^96. Tick i: 1.0001^i.
"""

from functools import lru_cache
from math import floor, log, log1p

from steelyard.amm.errors import SqrtPriceOutOfRange, TickOutOfRange

MIN_TICK = -887272
MAX_TICK = 887272
MIN_SQRT_RATIO = 4295128739
MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342
Q32 = 1 << 32
Q96 = 1 << 96
Q128 = 1 << 128
Q192 = 1 << 192

# Entry n is 1.0001^(-2^n / 2) as a Q128.128: TickMath's constants.
_POWERS_X128 = (
    0xFFFCB933BD6FAD37AA2D162D1A594001,
    0xFFF97272373D413259A46990580E213A,
    0xFFF2E50F5F656932EF12357CF3C7FDCC,
    0xFFE5CACA7E10E4E61C3624EAA0941CD0,
    0xFFCB9843D60F6159C9DB58835C926644,
    0xFF973B41FA98C081472E6896DFB254C0,
    0xFF2EA16466C96A3843EC78B326B52861,
    0xFE5DEE046A99A2A811C461F1969C3053,
    0xFCBE86C7900A88AEDCFFC83B479AA3A4,
    0xF987A7253AC413176F2B074CF7815E54,
    0xF3392B0822B70005940C7A398E4B70F3,
    0xE7159475A2C29B7443B29C7FA6E889D9,
    0xD097F3BDFD2022B8845AD8F792AA5825,
    0xA9F746462D870FDF8A65DC1F90E061E5,
    0x70D869A156D2A1B890BB3DF62BAF32F7,
    0x31BE135F97D08FD981231505542FCFA6,
    0x9AA508B5B7A84E1C677DE54F3E99BC9,
    0x5D6AF8DEDB81196699C329225EE604,
    0x2216E584F5FA1EA926041BEDFE98,
    0x48A170391F7DC42444E8FA2,
)
_HALF_LOG_BASE = log1p(1e-4) / 2
_LOG_Q96 = 96 * log(2)


@lru_cache(maxsize=16384)
def get_sqrt_ratio_at_tick(tick: int) -> int:
    """sqrt(1.0001^tick) · 2^96, rounded up from Q128.128 as the contract does.

    Raises `TickOutOfRange` beyond MIN_TICK or MAX_TICK.
    """
    if not MIN_TICK <= tick <= MAX_TICK:
        raise TickOutOfRange(tick, MAX_TICK)

    ratio_x128 = Q128
    rest, bit = abs(tick), 0
    while rest:
        if rest & 1:
            ratio_x128 = ratio_x128 * _POWERS_X128[bit] >> 128
        rest >>= 1
        bit += 1
    if tick > 0:
        ratio_x128 = (2**256 - 1) // ratio_x128
    return -(-ratio_x128 // Q32)


def get_tick_at_sqrt_ratio(sqrt_price_x96: int) -> int:
    """The highest tick whose square-root ratio is at most `sqrt_price_x96`.

    Raises `SqrtPriceOutOfRange` outside MIN_SQRT_RATIO (in) to MAX_SQRT_RATIO (out).
    """
    check_sqrt_price(sqrt_price_x96)

    # The logarithm is good to 1e-9 ticks; the exact ratios next to it decide.
    tick = floor((log(sqrt_price_x96) - _LOG_Q96) / _HALF_LOG_BASE)
    tick = min(max(tick, MIN_TICK), MAX_TICK - 1)
    while get_sqrt_ratio_at_tick(tick) > sqrt_price_x96:
        tick -= 1
    while get_sqrt_ratio_at_tick(tick + 1) <= sqrt_price_x96:
        tick += 1
    return tick


def check_sqrt_price(sqrt_price_x96: int) -> None:
    """Raises `SqrtPriceOutOfRange` where TickMath would revert."""
    if not MIN_SQRT_RATIO <= sqrt_price_x96 < MAX_SQRT_RATIO:
        raise SqrtPriceOutOfRange(sqrt_price_x96, MIN_SQRT_RATIO, MAX_SQRT_RATIO)


def price_of_sqrt(sqrt_price_x96: int) -> float:
    """Raw token1 per raw token0, as a float."""
    return (sqrt_price_x96 / Q96) ** 2
