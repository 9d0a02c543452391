# SPDX-License-Identifier: MIT
"""What the curator of a vault wants; the vault's own limits are in the snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from steelyard.optimize.choice_checks import check_choice
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.model_choice import ModelChoice
from steelyard.wad import WAD


@dataclass(frozen=True, kw_only=True)
class Floor:
    """Least exposure wanted, as a share of NAV after the order."""

    kind: Literal["token", "position", "tag"]
    name: str  # symbol, position's name, tag's name
    weight: float


@dataclass(frozen=True, kw_only=True)
class Band:
    """A weighted sum of exposures kept between two shares of NAV after the order: a
    net delta, the beta to a factor, a group of protocols."""

    name: str
    of: Mapping[str, float]  # "token WETH", "position savings", "tag aave": coefficient
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """Risk, horizon, margins and the price of acting."""

    risk_aversion: float = 4.0  # utility is mean - risk_aversion / 2 * variance
    horizon_days: float = 30.0  # expected holding time
    range_widths: tuple[float, ...] = (0.05, 0.15, 0.4)  # offered on each side
    margin_wad: int = 5 * 10**15  # share of each cap kept free for drift and rounding
    swap_margin_wad: int = 5 * 10**16  # of slippage and deviation limits, kept free
    budget_margin_wad: int = 10**17  # of what is left of the budgets, not used
    heal_above: float = 0.02  # share above its cap from which an exposure is cut back
    min_gain_assets: int = 0
    gas_base: int = 150_000  # once per order
    gas_withdraw: int = 250_000  # per range or position lowered
    gas_swap: int = 150_000  # per pool
    gas_supply: int = 300_000  # per range or position raised
    exit_cost_share: float = 1.0  # of the cost to sell everything at the horizon
    floors: tuple[Floor, ...] = ()
    bands: tuple[Band, ...] = ()
    model: ModelChoice | None = None  # None: by risk_aversion, mean and variance
    max_segments: int = 6  # pieces of a concentrated pool, per direction
    max_solves: int = 400  # of the convex problem, for branches and gas together


def check_preferences(preferences: Preferences) -> Preferences:
    """`preferences` itself; raises `PreferenceInvalid`."""
    p = preferences
    checks: tuple[tuple[str, float, bool, str], ...] = (
        ("risk_aversion", p.risk_aversion, 0 <= p.risk_aversion < 1e6, "0 to 1e6"),
        ("horizon_days", p.horizon_days, 0 < p.horizon_days <= 3650, "up to 3650"),
        ("margin_wad", p.margin_wad, 0 <= p.margin_wad < WAD, "0 to 1e18"),
        ("heal_above", p.heal_above, p.heal_above >= 0, "0 or more"),
        ("min_gain_assets", p.min_gain_assets, p.min_gain_assets >= 0, "0 or more"),
        ("exit_cost_share", p.exit_cost_share, 0 <= p.exit_cost_share <= 1, "0 to 1"),
        ("max_segments", p.max_segments, p.max_segments > 0, "1 or more"),
        ("max_solves", p.max_solves, p.max_solves > 0, "1 or more"),
    )
    for name, value, fits, expected in checks:
        if not fits:
            raise PreferenceInvalid(name, value, expected)
    for name in ("swap_margin_wad", "budget_margin_wad"):
        if not 0 <= getattr(p, name) < WAD:
            raise PreferenceInvalid(name, getattr(p, name), "0 to 1e18")
    for name in ("gas_base", "gas_withdraw", "gas_swap", "gas_supply"):
        if getattr(p, name) < 0:
            raise PreferenceInvalid(name, getattr(p, name), "0 or more")
    for width in p.range_widths:
        if not 0 < width < 1:
            raise PreferenceInvalid("range_widths", width, "fractions between 0 and 1")
    for floor in p.floors:
        if not 0 <= floor.weight <= 1:
            raise PreferenceInvalid(f"floor of {floor.name}", floor.weight, "0 to 1")
    for band in p.bands:
        _check_band(band)
    if p.model is not None:
        check_choice(p.model)
    return preferences


def _check_band(band: Band) -> None:
    name, lowest, highest = f"band {band.name}", band.lowest, band.highest
    for part, value in {**band.of, "lowest": lowest, "highest": highest}.items():
        if value is not None and not isfinite(value):
            raise PreferenceInvalid(f"{name}, {part}", value, "a finite number")
    if lowest is None and highest is None:
        raise PreferenceInvalid(name, "without bounds", "lowest or highest, or both")
    if lowest is not None and highest is not None and lowest > highest:
        raise PreferenceInvalid(name, f"{lowest} to {highest}", "lowest up to highest")
    if not band.of:
        raise PreferenceInvalid(name, "of nothing", "at least one exposure")
