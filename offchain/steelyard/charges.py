# SPDX-License-Identifier: MIT
"""What the vault charges orders and takes as fees: twins of its formulas, to the wei.

Budget, Concavity, Holdings, Limits (the flash-proof base), SharePrice and Fees of
`contracts/libraries`; Marks is in `marks`.

UNITS     `assets`, `nav`: raw asset units; `prices_e36`: raw asset units per raw token
          unit · 1e36; `supply`, `shares`: raw shares; `*_wad`: 1e18 = 1, and of net
          asset value for charges and levels; seconds.
ROUNDING  Charges up, fees down.
RANGE     As on chain: `ArithmeticRevert` where a multiplication or division reverts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from steelyard.amm.tick_math import Q96, get_sqrt_ratio_at_tick
from steelyard.fair import sqrt_price_x96, value_down, value_up
from steelyard.wad import (
    E36,
    WAD,
    checked_uint,
    div_wad_up,
    mul_div_down,
    mul_div_up,
    mul_wad_down,
    mul_wad_up,
)

LEVEL_UNIT_WAD = 10**9  # of a stored level
MOST_LEVEL_WAD = (2**40 - 1) * LEVEL_UNIT_WAD
NO_NAV_SHARE_WAD = 2**64 - 1  # share of nothing: all of it and more
VIRTUAL_SHARES = 10**6
YEAR_SECONDS = 365 * 86_400


# Budget.sol


def charge_assets(
    changes: Sequence[int],
    prices_e36: Sequence[int],
    uncertainties_wad: Sequence[int],
    concavity_assets: int = 0,
) -> tuple[int, int]:
    """(loss, traded) of one action [assets, up]; an order's are the sums of its own.

    loss = max(0, -d·p) + sum |d_t| p_t u_t + concavity, traded = sum |d_t| p_t / 2, for
    the changes d of the vault's tokens, inventory and the touched position together.
    What goes out is rounded up, what comes in down.
    """
    paid = received = doubt = traded = 0
    for change, price_e36, uncertainty_wad in zip(
        changes, prices_e36, uncertainties_wad, strict=True
    ):
        assets = value_up(abs(change), price_e36)
        traded += assets
        doubt += mul_wad_up(assets, uncertainty_wad)
        if change < 0:
            paid += assets
        else:
            received += value_down(change, price_e36)
    return max(0, paid - received) + doubt + concavity_assets, -(-traded // 2)


def level_wad(
    level_wad: int, refill_wad: int, elapsed_seconds: int, charge_wad: int
) -> int:
    """max(0, level - refill · elapsed) + charge: a bucket some time after its level."""
    return max(0, level_wad - refill_wad * elapsed_seconds) + charge_wad


def packed_level_wad_up(level_wad: int) -> int:
    """A level as the vault remembers it: whole billionths, up, 2^40 - 1 at the most."""
    units = -(-level_wad // LEVEL_UNIT_WAD)
    return min(units * LEVEL_UNIT_WAD, MOST_LEVEL_WAD)


def share_wad_up(assets: int, nav: int) -> int:
    """ceil(assets · 1e18 / nav): a charge; without any value, all and more."""
    if assets == 0:
        return 0
    return NO_NAV_SHARE_WAD if nav == 0 else div_wad_up(assets, nav)


# Concavity.sol


def root_ratio_wad_up(uncertainty_wad: int) -> int:
    """sqrt((1 + u) / (1 - u)): root of the most that a ratio of two prices is off."""
    return _sqrt_up(mul_div_up(E36, WAD + uncertainty_wad, WAD - uncertainty_wad))


def liquidity_concavity_assets(
    root_amount: int, price1_e36: int, uncertainty_wad: int
) -> int:
    """What liquidity L at the price ratio P may be overstated by [assets, up].

    L sqrt(P) p1 (root ratio - 1)^2 (1 + u); `root_amount` is L sqrt(P), raw units of
    the market's second token.
    """
    if uncertainty_wad == 0:
        return 0
    bend_wad = root_ratio_wad_up(uncertainty_wad) - WAD
    bend_wad = mul_wad_up(mul_wad_up(bend_wad, bend_wad), WAD + uncertainty_wad)
    return mul_wad_up(value_up(root_amount, price1_e36), bend_wad)


def weights_concavity_assets(assets: int, uncertainty_wad: int) -> int:
    """The same of fixed weights on prices, such as a weighted pool's [assets, up].

    assets · (sqrt(1 + u) - sqrt(1 - u))^2.
    """
    most, least = WAD + uncertainty_wad, checked_uint(WAD - uncertainty_wad, "1 - u")
    bend_wad = _sqrt_up(most * WAD) - isqrt(least * WAD)
    return mul_wad_up(assets, mul_wad_up(bend_wad, bend_wad))


def range_concavity_assets(
    liquidity: int,
    ticks: tuple[int, int],
    prices_e36: tuple[int, int],
    uncertainties_wad: tuple[int, int],
) -> int:
    """`RangeAdapter.concavityAssets`: of new liquidity in a range [assets, up].

    None where no possible price is in the range: it holds one token then.
    """
    root_x96 = sqrt_price_x96(*prices_e36)
    uncertainty_wad = max(uncertainties_wad)
    root_wad = root_ratio_wad_up(uncertainty_wad)
    lower, upper = (get_sqrt_ratio_at_tick(tick) for tick in ticks)
    if mul_wad_up(root_x96 + 1, root_wad) < lower:
        return 0
    if mul_div_down(root_x96, WAD, root_wad) > upper:
        return 0
    root_amount = mul_div_up(liquidity, root_x96 + 1, Q96)
    return liquidity_concavity_assets(root_amount, prices_e36[1], uncertainty_wad)


# Holdings.sol, Limits.sol, SharePrice.sol


def hold_shortfall_assets(
    holdings: Sequence[int], prices_e36: Sequence[int], nav: int
) -> int:
    """What holdings of the last order are worth now beyond `nav` [assets, up].

    Debt, a negative holding, counts as value that is there, down. Zero before the
    first order, of which there are no holdings.
    """
    if not holdings:
        return 0
    credit, there = 0, nav
    for held, price_e36 in zip(holdings, prices_e36, strict=True):
        if held >= 0:
            credit += value_up(held, price_e36)
        else:
            there += value_down(-held, price_e36)
    return max(0, credit - there)


def without_flash_down(nav: int, supply_before: int, supply: int) -> int:
    """The part of `nav` that belongs to the shares of before this block: the base that
    relative limits are measured against."""
    if supply_before == supply:
        return nav
    return mul_div_down(nav, supply_before + VIRTUAL_SHARES, supply + VIRTUAL_SHARES)


def share_price_wad_down(nav: int, supply: int) -> int:
    """(nav + 1) · 1e6 / (supply + 1e6): whole assets a whole share, 1e18 if empty."""
    return mul_div_down((nav + 1) * VIRTUAL_SHARES, WAD, supply + VIRTUAL_SHARES)


def nav_down(share_price_wad: int, supply: int) -> int:
    """Net asset value that `share_price_wad_down` could have come from."""
    nav = mul_div_down(share_price_wad, supply + VIRTUAL_SHARES, VIRTUAL_SHARES * WAD)
    return max(0, nav - 1)


# Fees.sol


def management_shares(supply: int, fee_wad: int, elapsed_seconds: int) -> int:
    """supply · x / (1 - x) new shares [down], x = fee · elapsed / year; a year at most.

    So that the recipient ends up with the part x of all shares.
    """
    due_wad = fee_wad * min(elapsed_seconds, YEAR_SECONDS) // YEAR_SECONDS
    return mul_div_down(supply, due_wad, WAD - due_wad)


@dataclass(frozen=True, kw_only=True)
class Performance:
    """A performance fee and the share prices [wad] that are remembered after it."""

    shares: int
    high_water_wad: int  # paid up to here
    checkpoint_wad: int  # low share price after the fee


def performance(
    *,
    high_water_wad: int,
    checkpoint_wad: int,
    fee_wad: int,
    nav_low: int,
    supply: int,
) -> Performance:
    """The fee at a checkpoint [shares, down], on what the lower of the low share prices
    now and at the checkpoint before has gained above the high-water mark.

    `supply` is after the management fee.
    """
    now_wad = share_price_wad_down(nav_low, supply)
    confirmed_wad = min(now_wad, checkpoint_wad)
    if confirmed_wad <= high_water_wad:
        return Performance(
            shares=0, high_water_wad=high_water_wad, checkpoint_wad=now_wad
        )
    due_wad = mul_wad_down(confirmed_wad - high_water_wad, fee_wad)
    shares = mul_div_down(supply, due_wad, confirmed_wad - due_wad)
    return Performance(
        shares=shares,
        high_water_wad=confirmed_wad - due_wad,
        checkpoint_wad=share_price_wad_down(nav_low, supply + shares),
    )


def _sqrt_up(x: int) -> int:
    root = isqrt(x)
    return root if root * root == x else root + 1
