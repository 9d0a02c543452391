# SPDX-License-Identifier: MIT
"""Every limit that the vault checks, in its integers: Limits.sol.

ROUNDING  Bounds down, buffers up: against the order. Where the last unit is not known,
          exposures and buffers count it, what is set against them does not.
"""

from steelyard.amm.tick_math import MAX_TICK, Q96, get_sqrt_ratio_at_tick
from steelyard.charges import share_price_wad_down
from steelyard.fair import value_down
from steelyard.headroom import base_down, least_half_width_wad
from steelyard.order import Supply, Swap, Target, Withdraw
from steelyard.plan.budgets import exposure_checks, may_stand, queue_checks
from steelyard.plan.pools import deviation_wad_up
from steelyard.plan.records import Check, Tolerances, at_least, at_most
from steelyard.plan.valuation import Book, capped
from steelyard.plan.world import World
from steelyard.state import PoolCurve, Snapshot
from steelyard.wad import E36, WAD, div_wad_down, mul_div_up, mul_wad_down, mul_wad_up

ZERO_MARKET = "0x" + "00" * 32


def deviation(
    limit: str, subject: str, world: World, market: str, tokens: tuple[int, ...]
) -> tuple[Check, ...]:
    """The pool's distance from the oracle; no check where the market has no price."""
    state = world.markets[market.lower()]
    if not isinstance(state, PoolCurve):
        return ()
    first, second = (world.snapshot.tokens[t] for t in tokens)
    value = deviation_wad_up(state, first.price_e36, second.price_e36)
    most = max(first.deviation_wad, second.deviation_wad)
    return (at_most(limit, subject, value, most, "wad"),)


def range_width(
    snapshot: Snapshot, subject: str, tokens: tuple[int, ...], ticks: tuple[int, int]
) -> tuple[Check, ...]:
    """A range's half-width against four times the uncertainty of its pair's price:
    Limits.checkRange. A market without ranges, or all of a pool, has none."""
    width = ticks[1] - ticks[0]
    if not 0 < width <= MAX_TICK:
        return ()
    least_wad = least_half_width_wad(*(snapshot.tokens[t] for t in tokens))
    half_wad = get_sqrt_ratio_at_tick(width) * WAD // Q96 - WAD
    return (at_least("range width", subject, half_wad, least_wad, "wad"),)


def swap_price(
    snapshot: Snapshot, subject: str, tokens: tuple[int, int], moved: tuple[int, int]
) -> Check:
    """Proceeds at the oracle's prices against what was paid less the slippage limit."""
    token_in, token_out = (snapshot.tokens[t] for t in tokens)
    in_assets = mul_div_up(moved[0], token_in.price_e36, E36)
    slippage_wad = max(token_in.slippage_wad, token_out.slippage_wad)
    least = mul_wad_up(in_assets, WAD - slippage_wad)
    out_assets = value_down(moved[1], token_out.price_e36)
    return at_least("swap price", subject, out_assets, least, "assets")


def limits_after(
    snapshot: Snapshot, before: Book, after: Book, high: Book
) -> tuple[Check, ...]:
    """Caps, the idle buffer, leverage, reduce-only, and what the queue is owed."""
    checks: list[Check] = []

    books = (before, after, high)
    for was, now, top in zip(*(capped(snapshot, b) for b in books), strict=True):
        # what rounding may add to the exposure, it adds to NAV as well
        slack = top.assets - now.assets
        nav = after.nav + min(slack, high.nav - after.nav)
        # an exposure above its cap may only fall, but for what rounding may add
        stays = min(was.assets + slack, may_stand(was.assets))
        bound = max(now.cap.bound(base_down(snapshot, nav)), stays)
        limit = f"{now.kind} cap"
        checks.append(at_most(limit, now.name, top.assets, bound, "assets"))

    least = min(idle_least(snapshot, high.nav), before.inventory[0])
    symbol = snapshot.asset.symbol
    checks.append(at_least("idle buffer", symbol, after.inventory[0], least, "assets"))
    checks += exposure_checks(snapshot, before, after, high)
    checks += queue_checks(snapshot, before, after, high)
    return tuple(checks)


def idle_least(snapshot: Snapshot, nav: int) -> int:
    """Least of the asset that fills the buffer; a flash deposit does not."""
    base = base_down(snapshot, nav)
    buffer = mul_wad_up(base, snapshot.idle_wad)
    return buffer + nav - base if buffer else 0


def weights(snapshot: Snapshot, book: Book) -> tuple[tuple[str, str, str, int], ...]:
    """(name, item, market, weight wad) of positions, then of tokens held idle."""

    def weight_wad(assets: int) -> int:
        return div_wad_down(assets, book.nav) if book.nav else 0

    positions = [
        (p.name, p.adapter, p.market, weight_wad(book.position_assets[i]))
        for i, p in enumerate(snapshot.positions)
    ]
    idle = [
        (
            f"idle {t.symbol}",
            t.address,
            ZERO_MARKET,
            weight_wad(value_down(book.inventory[i], t.price_e36)),
        )
        for i, t in enumerate(snapshot.tokens)
    ]
    return tuple(positions + idle)


def target_bands(
    snapshot: Snapshot, after: Book, tolerances: Tolerances
) -> tuple[tuple[Target, ...], tuple[Check, ...]]:
    """(targets to sign, checks): predicted weights plus and minus the tolerance."""
    targets: list[Target] = []
    checks: list[Check] = []
    for name, item, market, weight_wad in weights(snapshot, after):
        low = max(0, weight_wad - tolerances.weight_tolerance_wad)
        top = min(WAD, weight_wad + tolerances.weight_tolerance_wad)
        targets.append(
            Target(item=item, market=market, min_weight_wad=low, max_weight_wad=top)
        )
        checks.append(at_least("lowest weight", name, weight_wad, low, "wad"))
        checks.append(at_most("highest weight", name, weight_wad, top, "wad"))
    return tuple(targets), tuple(checks)


def share_price_bounds(
    snapshot: Snapshot, before: Book, after: Book, tolerances: Tolerances
) -> tuple[tuple[int, int, int], tuple[Check, ...]]:
    """((floor before, ceiling before, floor after) [wad], checks of them)."""
    slack = tolerances.share_price_tolerance_wad
    was = share_price_wad_down(before.nav, snapshot.total_supply)
    now = share_price_wad_down(after.nav, snapshot.total_supply)
    floor, ceil = mul_wad_down(was, WAD - slack), mul_wad_up(was, WAD + slack)
    floor_after = mul_wad_down(now, WAD - slack)
    name = snapshot.name
    checks = (
        at_least("share price before, floor", name, was, floor, "wad"),
        at_most("share price before, ceiling", name, was, ceil, "wad"),
        at_least("share price after, floor", name, now, floor_after, "wad"),
    )
    return (floor, ceil, floor_after), checks


def minimum_outputs(
    action: Withdraw | Swap | Supply, subject: str, got: tuple[int, ...]
) -> tuple[Check, ...]:
    """The predicted outputs against the minimums that will be signed."""
    if isinstance(action, Withdraw):
        least = action.min_amounts
    elif isinstance(action, Swap):
        least = (action.min_amount_out,)
    else:
        least = (action.min_units,)
    return tuple(
        at_least("minimum out", subject, amount, bound, "raw")
        for amount, bound in zip(got, least, strict=True)
    )
