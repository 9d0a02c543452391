# SPDX-License-Identifier: MIT
"""Lists of tokens that pools of several tokens share: checks and raw against scaled.

UNITS     `scaling`: 10^(36 - decimals), times the token's rate where it has one, so
          that raw · scaling / 1e18 counts all tokens of a pool alike.
"""

from collections.abc import Sequence
from typing import TypeVar

from steelyard.amm.errors import InsufficientAmount, PoolFieldInvalid, TokenIndexInvalid
from steelyard.wad import WAD, checked_uint

T = TypeVar("T")


def check_lists(count: tuple[int, int], **lists: Sequence[int]) -> None:
    """Raises `PoolFieldInvalid` unless all are as long, from `count` to `count`."""
    least, most = count
    first = len(next(iter(lists.values())))
    for name, values in lists.items():
        if len(values) != first or not least <= first <= most:
            expected = f"{least} to {most}, as many as balances"
            raise PoolFieldInvalid(f"number of {name}", len(values), expected)
        for value in values:
            checked_uint(value, name)


def check_pair(count: int, token_in: int, token_out: int) -> None:
    """Raises `TokenIndexInvalid`."""
    inside = 0 <= token_in < count and 0 <= token_out < count
    if not inside or token_in == token_out:
        raise TokenIndexInvalid(token_in, token_out, count)


def check_amount(amount: int, name: str) -> None:
    """Raises `InsufficientAmount`, `UintRangeExceeded`."""
    if amount <= 0:
        raise InsufficientAmount(name, amount)
    checked_uint(amount, name)


def upscaled(raw: int, scaling: int) -> int:
    """floor(raw · scaling / 1e18)."""
    return checked_uint(raw * scaling, "raw · scaling") // WAD


def all_upscaled(raw: Sequence[int], scaling: Sequence[int]) -> list[int]:
    return [upscaled(r, s) for r, s in zip(raw, scaling, strict=True)]


def downscaled(scaled: int, scaling: int) -> int:
    """floor(scaled · 1e18 / scaling)."""
    return checked_uint(scaled * WAD, "scaled · 1e18") // scaling


def downscaled_up(scaled: int, scaling: int) -> int:
    """ceil(scaled · 1e18 / scaling)."""
    return -(-checked_uint(scaled * WAD, "scaled · 1e18") // scaling)


def replaced(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    """`values` with one of them changed."""
    return (*values[:index], value, *values[index + 1 :])
