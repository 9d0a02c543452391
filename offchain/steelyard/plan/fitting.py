# SPDX-License-Identifier: MIT
"""The largest swap that the vault, and its signed minimum, let through."""

from collections.abc import Sequence

from steelyard.errors import SteelyardError
from steelyard.plan import checks, steps
from steelyard.plan.errors import ActionRefused, SwapRefused
from steelyard.plan.records import Check, Intent
from steelyard.plan.world import World
from steelyard.state import Snapshot
from steelyard.wad import WAD, mul_wad_down

_BISECTIONS = 40  # of a swap that is too large: the last 1e-12 of it is given up


def name_of(snapshot: Snapshot, intent: Intent) -> str:
    """What a report calls the market that an intent is about."""
    if intent.kind == "swap":
        pool = snapshot.pools[intent.index]
        into = pool.tokens[1 if intent.zero_for_one else 0]
        return f"{pool.name} to {snapshot.tokens[into].symbol}"
    name = snapshot.positions[intent.index].name
    return f"{name} {list(intent.ticks)}" if any(intent.ticks) else name


def require(found: Sequence[Check]) -> tuple[Check, ...]:
    """All of them; raises `ActionRefused` at the first that does not hold."""
    for check in found:
        if not check.ok:
            raise ActionRefused(check.limit, check.subject, check.value, check.bound)
    return tuple(found)


def tried(
    world: World, intent: Intent, amount_in: int
) -> tuple[World, int, tuple[Check, ...]]:
    """(world, amount out, its limits) of a swap, whether or not they hold."""
    snapshot = world.snapshot
    pool, name = snapshot.pools[intent.index], name_of(snapshot, intent)
    tokens = pool.tokens if intent.zero_for_one else (pool.tokens[1], pool.tokens[0])
    after, out = steps.swap(world, intent.index, intent.zero_for_one, amount_in)
    price = checks.swap_price(snapshot, name, tokens, (amount_in, out))
    limit = "pool deviation after swap"
    return (
        after,
        out,
        (
            price,
            *checks.deviation(limit, name, after, pool.pool, pool.tokens),
        ),
    )


def fitting(
    world: World, intent: Intent, most: int, margin_wad: int
) -> tuple[int, str | None]:
    """(about the largest amount up to `most` that passes, why it is not `most`).

    A larger swap gets a worse price and moves the pool further, so that bisection
    finds the edge. Raises `SwapRefused` when no amount passes.
    """
    refusal = _refusal(world, intent, most, margin_wad)
    if refusal is None:
        return most, None
    low, high = 0, most
    for _ in range(_BISECTIONS):
        middle = (low + high) // 2
        if middle == low:
            break
        if _refusal(world, intent, middle, margin_wad) is None:
            low = middle
        else:
            high = middle
    if low == 0:
        raise SwapRefused(refusal)
    return low, refusal


def _refusal(
    world: World, intent: Intent, amount_in: int, margin_wad: int
) -> str | None:
    """Why a swap must be smaller; None when it passes with a margin.

    The margin is the output's tolerance: at the least output that will be signed the
    price still passes, and a pool pushed away from the oracle stays as far inside.
    """
    try:
        after, out, own = tried(world, intent, amount_in)
        require(own)
    except SteelyardError as error:
        return str(error)
    snapshot = world.snapshot
    pool, name = snapshot.pools[intent.index], name_of(snapshot, intent)
    tokens = pool.tokens if intent.zero_for_one else (pool.tokens[1], pool.tokens[0])
    least = mul_wad_down(out, WAD - margin_wad)
    price = checks.swap_price(snapshot, name, tokens, (amount_in, least))
    if not price.ok:
        return f"least output of {name} is worth {price.value}, expected {price.bound}"
    limit = "pool deviation"
    (was,) = checks.deviation(limit, name, world, pool.pool, pool.tokens)
    (now,) = checks.deviation(limit, name, after, pool.pool, pool.tokens)
    if now.value > max(was.value, now.bound - margin_wad):
        return f"{limit} of {name} is {now.value}, expected {now.bound - margin_wad}"
    return None
