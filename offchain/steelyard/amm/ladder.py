# SPDX-License-Identifier: MIT
"""All whole steps of a swap in one direction, summed once: exact quotes by bisection.

A step of Uniswap v3 or v4 that reaches its stop costs and pays the same whatever is
left of the trade, and it reaches it exactly when what is left covers that cost. So a
swap of any size is a number of whole steps, known from running sums, and one part.

UNITS, ROUNDING  As the pool's own swaps, to which every result is equal.
COST             Building: one swap through the whole window. A quote: two bisections.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from steelyard.amm.concentrated import Concentrated, swap_rules
from steelyard.amm.errors import FeeTakesAll, InsufficientAmount, TickWindowExceeded
from steelyard.amm.sqrt_price import PIPS
from steelyard.amm.tick_curve import stops
from steelyard.amm.tick_math import get_sqrt_ratio_at_tick, get_tick_at_sqrt_ratio
from steelyard.amm.uniswap_v4 import ConcentratedV4, swap_rules_v4
from steelyard.amm.walk import INT256_MAX, Rules, Swap, checked_limit, moved
from steelyard.wad import UINT128_MAX, checked_uint

AnyCurve = Concentrated | ConcentratedV4
NEVER = 1 << 300  # more than any amount


class Rung(NamedTuple):
    """Where a swap stands before a step, and what it has moved until then."""

    sqrt_price_x96: int
    tick: int
    liquidity: int
    target_x96: int  # of the step that comes; 0 where the ladder ends
    amount_in: int = 0
    amount_out: int = 0
    fee: int = 0
    protocol_fee: int = 0
    growth_x128: int = 0
    crossed: int = 0


@dataclass(frozen=True, kw_only=True)
class Ladder:
    pool: AnyCurve
    zero_for_one: bool
    exact_in: Rules
    exact_out: Rules
    rungs: tuple[Rung, ...]  # one more than steps
    amounts_in: tuple[int, ...]  # sum to the end of each step, fees included
    amounts_out: tuple[int, ...]
    crossings: tuple[tuple[int, int], ...]
    ends_at_window: bool  # not at the end of all prices


def rules_of(pool: AnyCurve, zero_for_one: bool, *, exact_in: bool) -> Rules:
    """The rules of the pool's version."""
    if isinstance(pool, ConcentratedV4):
        return swap_rules_v4(pool, zero_for_one, exact_in=exact_in)
    return swap_rules(pool, zero_for_one, exact_in=exact_in)


def ladder_of(pool: AnyCurve, zero_for_one: bool) -> Ladder:
    """The steps from the pool's price to the end of its window."""
    rules = rules_of(pool, zero_for_one, exact_in=True)
    crossings: list[tuple[int, int]] = []
    rungs = list(_rungs(pool, rules, zero_for_one, crossings))
    limit = checked_limit(pool, zero_for_one, None)
    return Ladder(
        pool=pool,
        zero_for_one=zero_for_one,
        exact_in=rules,
        exact_out=rules_of(pool, zero_for_one, exact_in=False),
        rungs=tuple(rungs),
        amounts_in=tuple(rung.amount_in for rung in rungs[1:]),
        amounts_out=tuple(rung.amount_out for rung in rungs[1:]),
        crossings=tuple(crossings),
        ends_at_window=rungs[-1].sqrt_price_x96 != limit,
    )


def _rungs(
    pool: AnyCurve,
    rules: Rules,
    zero_for_one: bool,
    crossings: list[tuple[int, int]],
) -> Iterator[Rung]:
    """The rungs in turn; `crossings` grows with them."""
    limit = checked_limit(pool, zero_for_one, None)
    price, tick, liquidity = pool.sqrt_price_x96, pool.tick, pool.liquidity
    amount_in = amount_out = fees = protocol_fees = growth_x128 = 0
    for stop, change, known in stops(pool, zero_for_one):
        stop_price = get_sqrt_ratio_at_tick(stop)
        target = max(stop_price, limit) if zero_for_one else min(stop_price, limit)
        sums = (amount_in, amount_out, fees, protocol_fees, growth_x128)
        yield Rung(price, tick, liquidity, target, *sums, len(crossings))
        after, net_in, out, fee = rules.step(
            price, target, liquidity, INT256_MAX, rules.fee_pips
        )
        if after != target:  # a fee of everything: no step is ever whole
            net_in = NEVER
        price = target
        amount_in += net_in + fee
        amount_out += out
        fees += fee
        if rules.share:
            taken = rules.share(net_in, fee)
            protocol_fees += taken
            fee -= taken
        if liquidity:
            growth_x128 += (fee << 128) // liquidity
        if price == stop_price and known:
            tick = stop - 1 if zero_for_one else stop
            if change is not None:
                liquidity = checked_uint(liquidity + change, "liquidity", UINT128_MAX)
                crossings.append((stop, growth_x128))
        else:
            tick = get_tick_at_sqrt_ratio(price)
        if price == limit or not known:
            break
    sums = (amount_in, amount_out, fees, protocol_fees, growth_x128)
    yield Rung(price, tick, liquidity, 0, *sums, len(crossings))


def amount_out(ladder: Ladder, amount_in: int) -> int:
    """What `amount_in` buys; all there is when it is more than the pool takes.

    Raises `InsufficientAmount`, `TickWindowExceeded`.
    """
    index, step = _stand(ladder, amount_in, exact_in=True)
    return ladder.rungs[index].amount_out + (step[2] if step else 0)


def amount_in(ladder: Ladder, amount_out: int) -> int:
    """What buying `amount_out` costs, or all there is when that is less.

    Raises `InsufficientAmount`, `TickWindowExceeded`, `FeeTakesAll`.
    """
    index, step = _stand(ladder, amount_out, exact_in=False)
    return ladder.rungs[index].amount_in + (step[1] + step[3] if step else 0)


PartStep = tuple[int, int, int, int]  # price, net in, out, fee


def _stand(
    ladder: Ladder, specified: int, *, exact_in: bool
) -> tuple[int, PartStep | None]:
    """The last rung that a swap reaches, and the part of a step that follows."""
    if specified <= 0:
        raise InsufficientAmount("amount_in" if exact_in else "amount_out", specified)
    rules = ladder.exact_in if exact_in else ladder.exact_out
    if not exact_in and rules.fee_pips >= PIPS:
        raise FeeTakesAll(rules.fee_pips)
    sums = ladder.amounts_in if exact_in else ladder.amounts_out
    index = bisect_left(sums, specified)
    whole = index < len(sums) and sums[index] == specified
    if index + whole >= len(sums) and ladder.ends_at_window:
        raise TickWindowExceeded(ladder.rungs[-1].tick, ladder.pool.window)
    if whole or index == len(sums):
        return index + whole, None
    rung = ladder.rungs[index]
    left = specified - (rung.amount_in if exact_in else rung.amount_out)
    return index, rules.step(
        rung.sqrt_price_x96, rung.target_x96, rung.liquidity, left, rules.fee_pips
    )


def swap_on(
    ladder: Ladder, specified: int, *, exact_in: bool = True
) -> Swap[Concentrated | ConcentratedV4]:
    """The swap without a price limit, as the pool's own functions return it."""
    checked_uint(specified, "amount_in" if exact_in else "amount_out", INT256_MAX)
    index, step = _stand(ladder, specified, exact_in=exact_in)
    rung, rules = ladder.rungs[index], ladder.exact_in
    if step is None:
        return _swap(ladder, rung, rung.growth_x128, ladder.crossings[: rung.crossed])
    price, net_in, out, fee = step
    taken = rules.share(net_in, fee) if rules.share else 0
    growth_x128 = rung.growth_x128
    if rung.liquidity:
        growth_x128 += (fee - taken << 128) // rung.liquidity
    stand, crossings = rung, ladder.crossings[: rung.crossed]
    if price == rung.target_x96:  # an amount out may round the price onto the stop
        stand = ladder.rungs[index + 1]
        fresh = ladder.crossings[rung.crossed : stand.crossed]
        crossings += tuple((tick, growth_x128) for tick, _ in fresh)
    elif price != rung.sqrt_price_x96:
        stand = rung._replace(sqrt_price_x96=price, tick=get_tick_at_sqrt_ratio(price))
    after = stand._replace(
        amount_in=rung.amount_in + net_in + fee,
        amount_out=rung.amount_out + out,
        fee=rung.fee + fee,
        protocol_fee=rung.protocol_fee + taken,
    )
    return _swap(ladder, after, growth_x128, crossings)


def _swap(
    ladder: Ladder,
    after: Rung,
    growth_x128: int,
    crossings: tuple[tuple[int, int], ...],
) -> Swap[Concentrated | ConcentratedV4]:
    checked_uint(after.amount_in, "amount_in", ladder.exact_in.most + 1)
    checked_uint(after.amount_out, "amount_out", ladder.exact_in.most)
    return Swap(
        pool=moved(
            ladder.pool,
            ladder.zero_for_one,
            growth_x128,
            after.sqrt_price_x96,
            after.tick,
            after.liquidity,
        ),
        amount_in=after.amount_in,
        amount_out=after.amount_out,
        fee=after.fee,
        protocol_fee=after.protocol_fee,
        crossings=crossings,
    )
