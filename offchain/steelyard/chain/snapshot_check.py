# SPDX-License-Identifier: MIT
"""A snapshot computed again from its parts, to the wei, before anyone decides on it."""

from collections.abc import Sequence
from typing import Any

from steelyard.amm.constant_product import ConstantProduct
from steelyard.charges import share_price_wad_down
from steelyard.errors import SteelyardError
from steelyard.fair import (
    constant_product_amounts,
    ranges_amounts,
    value_down,
)
from steelyard.lending import RAY, AaveReserve, Erc4626, assets_of_shares_down
from steelyard.state import Held, PositionState, Snapshot
from steelyard.wad import mul_div_down


class SnapshotInconsistent(SteelyardError):
    """The vault values something otherwise than this program: it must not act."""

    def __init__(self, field: str, value: object, expected: object) -> None:
        super().__init__(f"{field} is {value} by the vault, {expected} computed here")
        self.field, self.value, self.expected = field, value, expected


def check_snapshot(snapshot: Snapshot, book: Sequence[Any]) -> Snapshot:
    """`snapshot` itself, once `book` (Types.sol's Book) is what its parts make.

    Raises SnapshotInconsistent, which names the first part that differs.
    """
    prices, inventory, amounts, _held, token_assets, *_rest, nav = book
    for i, token in enumerate(snapshot.tokens):
        _same(f"price_e36 of {token.symbol}", prices[i], token.price_e36)
    held = list(inventory)
    for i, position in enumerate(snapshot.positions):
        computed = _amounts(snapshot, position)
        _same(f"amounts of {position.name}", tuple(amounts[i]), computed)
        for token_index, amount in zip(position.tokens, amounts[i], strict=True):
            held[token_index] += amount
    for i, token in enumerate(snapshot.tokens):
        assets = value_down(held[i], token.price_e36)
        _same(f"exposure to {token.symbol}", token_assets[i], assets)
    _same("nav", nav, sum(token_assets))

    share_price_wad = share_price_wad_down(nav, snapshot.total_supply)
    _same("share_price_wad", snapshot.share_price_wad, share_price_wad)
    return snapshot


def _amounts(snapshot: Snapshot, position: PositionState) -> tuple[int, ...]:
    """What the adapter should answer; of an impaired position, what counts."""
    state = position.state
    if position.is_impaired:
        return (0,) * len(position.tokens)
    if isinstance(state, AaveReserve):
        return (mul_div_down(position.units, state.index_ray, RAY),)
    if isinstance(state, Erc4626):
        return (assets_of_shares_down(state, position.units),)
    if isinstance(state, Held):
        return position.amounts  # nothing here to compute them from
    price0_e36, price1_e36 = (snapshot.tokens[t].price_e36 for t in position.tokens)
    if isinstance(state, ConstantProduct):
        return constant_product_amounts(state, position.units, price0_e36, price1_e36)
    return ranges_amounts(position.ranges, price0_e36, price1_e36)


def _same(field: str, value: object, expected: object) -> None:
    if value != expected:
        raise SnapshotInconsistent(field, value, expected)
