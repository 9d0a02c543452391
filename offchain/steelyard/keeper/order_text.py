# SPDX-License-Identifier: MIT
"""An order in words, for whoever is asked to sign it: what moves, and its minimums."""

from collections.abc import Iterator
from fractions import Fraction

from steelyard.headroom import time_text
from steelyard.order import UINT_MAX, ZERO_ADDRESS, Rebalance
from steelyard.state import Snapshot, TokenState


def order_text(order: Rebalance, snapshot: Snapshot) -> str:
    """Lines: when and by whom it may be relayed, share prices, each action."""
    relayer = "anyone" if order.relayer == ZERO_ADDRESS else order.relayer
    lines = [
        f"order {order.nonce} of {snapshot.name}, {snapshot.vault}",
        f"from {time_text(order.valid_after)} to {time_text(order.deadline)}",
        f"relayed by {relayer}",
        f"share price {_share(order.share_price_floor_before)} to "
        f"{_share(order.share_price_ceil_before)} before, at least "
        f"{_share(order.share_price_floor_after)} after",
        *_actions(order, snapshot),
    ]
    return "\n".join(lines)


def _actions(order: Rebalance, snapshot: Snapshot) -> Iterator[str]:
    markets = {
        _key(p.adapter, p.market): (p.name, [snapshot.tokens[t] for t in p.tokens])
        for p in snapshot.positions
    }
    pools = {_key(p.venue, p.pool): p.name for p in snapshot.pools}
    tokens = {token.address.lower(): token for token in snapshot.tokens}
    for out in order.withdraws:
        name, held = markets.get(_key(out.adapter, out.market), (out.market, []))
        units = "all" if out.units == UINT_MAX else str(out.units)
        least = _sums(held, out.min_amounts)
        yield f"withdraw {units} units of {name} for at least {least}"
    for swap in order.swaps:
        pool = pools.get(_key(swap.venue, swap.pool), swap.pool)
        sold, bought = (tokens.get(t.lower()) for t in (swap.token_in, swap.token_out))
        yield (
            f"swap {_sum(sold, swap.amount_in)} for at least "
            f"{_sum(bought, swap.min_amount_out)} in {pool}"
        )
    for supply in order.supplies:
        name, held = markets.get(
            _key(supply.adapter, supply.market), (supply.market, [])
        )
        yield (
            f"supply at most {_sums(held, supply.max_amounts)} to {name} for at least "
            f"{supply.min_units} units"
        )
    if not (order.withdraws or order.swaps or order.supplies):
        yield "nothing moves"


def _key(contract: str, market: str) -> tuple[str, str]:
    return contract.lower(), market.lower()


def _sums(tokens: list[TokenState], amounts: tuple[int, ...]) -> str:
    held: list[TokenState | None] = [*tokens]
    held += [None] * (len(amounts) - len(tokens))
    pairs = zip(held, amounts, strict=True)
    return " and ".join(_sum(token, amount) for token, amount in pairs)


def _sum(token: TokenState | None, amount: int) -> str:
    if token is None:
        return f"{amount} raw units of a token that the vault does not list"
    return f"{float(Fraction(amount, 10**token.decimals)):,.8g} {token.symbol}"


def _share(price_wad: int) -> str:
    return f"{float(Fraction(price_wad, 10**18)):.6f}"
