# SPDX-License-Identifier: MIT
"""What liquidity positions earned and lost between two readings of a vault.

Between two orders the vault's own liquidity changes by exits alone, which take a slice
of it. The change of what is left splits into prices (what holding would have given),
fees, and the rest: impermanent loss.

UNITS     assets and amounts raw.
ROUNDING  Each amount's worth down, so that a result may be off by a raw unit a token.
"""

from dataclasses import dataclass, replace
from math import isqrt

from steelyard.amm.constant_product import ConstantProduct, pending_fee_liquidity
from steelyard.fair import value_down
from steelyard.state import PositionState, Snapshot
from steelyard.wad import mul_div_down

RESOLUTION = 10**27  # of growth factors: sqrt(k) per LP token


@dataclass(frozen=True, kw_only=True)
class Carry:
    """One position's result over one interval, in raw asset units at its end prices."""

    position: str
    protocol: str
    fees: int  # trading fees or interest
    impermanent_loss: int  # against holding the amounts of the interval's start

    @property
    def net(self) -> int:
        return self.fees - self.impermanent_loss


def carries(start: Snapshot, end: Snapshot) -> list[Carry]:
    """What each position earned from `start` to `end`, with no order in between.

    Positions that hold nothing at the start are left out.
    """
    before = {(p.adapter, p.market): p for p in start.positions}
    found = []
    for position in end.positions:
        was = before.get((position.adapter, position.market))
        if was is not None and was.units:
            found.append(_carry(_left(was, position), position, end))
    return found


def _left(before: PositionState, now: PositionState) -> PositionState:
    """The part of a position that exits have left, down."""
    units, held = min(now.units, before.units), before.units
    if units == held:
        return before

    def part(amounts: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(mul_div_down(amount, units, held) for amount in amounts)

    ranges = tuple(
        replace(r, fees=(part(r.fees)[0], part(r.fees)[1])) for r in before.ranges
    )
    return replace(before, amounts=part(before.amounts), ranges=ranges)


def _carry(before: PositionState, after: PositionState, end: Snapshot) -> Carry:
    principal = _principal(before, after)
    held = _principal(before, before)
    worth = _worth(after.amounts, after, end)
    principal_worth = _worth(principal, after, end)
    loss = _worth(held, after, end) - principal_worth
    is_pool = len(after.tokens) > 1
    # fees that lay uncollected at the start were earned before it
    older = _worth(_fees(before), after, end)
    return Carry(
        position=after.name,
        protocol=after.protocol,
        fees=worth - principal_worth - older,
        impermanent_loss=loss if is_pool else 0,
    )


def _principal(before: PositionState, now: PositionState) -> tuple[int, ...]:
    """Amounts of `now` without what was earned since `before`, down."""
    if isinstance(before.state, ConstantProduct) and isinstance(
        now.state, ConstantProduct
    ):
        old, new = _root_k_per_lp_down(before.state), _root_k_per_lp_down(now.state)
        return tuple(mul_div_down(amount, old, new) for amount in now.amounts)
    if now.ranges:
        pairs = zip(now.amounts, _fees(now), strict=True)
        return tuple(amount - fees for amount, fees in pairs)
    return before.amounts


def _fees(position: PositionState) -> tuple[int, ...]:
    """Fees of concentrated liquidity that can be collected, per token."""
    count = len(position.tokens)
    return tuple(sum(r.fees[j] for r in position.ranges) for j in range(count))


def _root_k_per_lp_down(pool: ConstantProduct) -> int:
    """sqrt(reserve0 * reserve1) per LP token, the protocol's due counted; 1e27 = 1."""
    root = isqrt(pool.reserve0 * pool.reserve1 * RESOLUTION**2)
    return root // (pool.total_supply + pending_fee_liquidity(pool))


def _worth(amounts: tuple[int, ...], position: PositionState, at: Snapshot) -> int:
    return sum(
        value_down(amount, at.tokens[index].price_e36)
        for amount, index in zip(amounts, position.tokens, strict=True)
    )
