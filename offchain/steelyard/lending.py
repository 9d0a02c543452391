# SPDX-License-Identifier: MIT
"""Lending: Aave v3.0 rates and indexes, and ERC-4626 shares, in exact integers.

UNITS     `_ray`: 1e27 = 1, rates per year; `_bps`: 1e4 = 1, as Aave stores it; the
          rest raw token units. Floats: yearly fractions, simple interest.
ROUNDING  `ray_mul`, `ray_div`, `percent_mul` half up, as Aave; ERC-4626 as named.
SOURCE    DefaultReserveInterestRateStrategy, MathUtils, WadRayMath, ReserveLogic,
          ScaledBalanceTokenBase (core-v3 1.19.3); OpenZeppelin ERC4626 5.3.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steelyard.errors import SteelyardError
from steelyard.wad import (
    UINT128_MAX,
    DivisionByZero,
    checked_uint,
    mul_div_down,
    mul_div_up,
)

RAY = 10**27
BPS = 10**4
SECONDS_PER_YEAR = 365 * 86400
WAD_RAY_RATIO = 10**9


class LendingError(SteelyardError):
    """A supply or withdrawal that the market refuses."""


class ScaledAmountZero(LendingError):
    """An amount that rounds to nothing in scaled units."""

    def __init__(self, assets: int, index_ray: int) -> None:
        super().__init__(
            f"assets is {assets}, expected enough for one scaled unit at index "
            f"{index_ray}"
        )
        self.assets, self.index_ray = assets, index_ray


class LiquidityShort(LendingError):
    """The market holds less than is taken out."""

    def __init__(self, assets: int, available: int) -> None:
        super().__init__(f"assets is {assets}, expected at most {available}")
        self.assets, self.available = assets, available


def ray_mul(x: int, y_ray: int) -> int:
    """x · y / 1e27, half up. Raises `UintRangeExceeded` where Aave reverts."""
    return checked_uint(x * y_ray + RAY // 2, "product") // RAY


def ray_div(x: int, y_ray: int) -> int:
    """x · 1e27 / y, half up. Raises `DivisionByZero`, `UintRangeExceeded`."""
    if y_ray == 0:
        raise DivisionByZero("y_ray")
    return checked_uint(x * RAY + y_ray // 2, "product") // y_ray


def percent_mul(x: int, share_bps: int) -> int:
    """x · share / 1e4, half up. Raises `UintRangeExceeded`."""
    return checked_uint(x * share_bps + BPS // 2, "product") // BPS


@dataclass(frozen=True, kw_only=True)
class AaveReserve:
    index_ray: int  # normalized income: raw units that a scaled unit is worth now
    available_liquidity: int  # what the aToken contract holds
    total_variable_debt: int
    total_stable_debt: int = 0
    average_stable_rate_ray: int = 0
    unbacked: int = 0
    reserve_factor_bps: int
    optimal_usage_ray: int
    base_rate_ray: int
    slope1_ray: int
    slope2_ray: int

    def __post_init__(self) -> None:
        checked_uint(self.index_ray, "index_ray", UINT128_MAX)
        checked_uint(self.available_liquidity, "available_liquidity")
        checked_uint(self.total_variable_debt, "total_variable_debt")
        checked_uint(self.total_stable_debt, "total_stable_debt")
        checked_uint(self.unbacked, "unbacked")
        checked_uint(self.reserve_factor_bps, "reserve_factor_bps", BPS)
        checked_uint(self.optimal_usage_ray, "optimal_usage_ray", RAY)


def with_liquidity(reserve: AaveReserve, added: int) -> AaveReserve:
    """The reserve after `added` is supplied, or withdrawn when negative.

    Raises `LiquidityShort`.
    """
    if reserve.available_liquidity + added < 0:
        raise LiquidityShort(-added, reserve.available_liquidity)
    return replace(reserve, available_liquidity=reserve.available_liquidity + added)


def total_debt(reserve: AaveReserve) -> int:
    """Variable and stable debt together."""
    return reserve.total_variable_debt + reserve.total_stable_debt


def borrow_usage_ray(reserve: AaveReserve) -> int:
    """Debt over debt and available liquidity, half up; 0 without debt."""
    debt = total_debt(reserve)
    return ray_div(debt, reserve.available_liquidity + debt) if debt else 0


def borrow_rate_ray(reserve: AaveReserve) -> int:
    """Variable borrow rate per year."""
    usage = borrow_usage_ray(reserve)
    optimal = reserve.optimal_usage_ray
    if usage > optimal:
        excess = ray_div(usage - optimal, RAY - optimal)
        rise = reserve.slope1_ray + ray_mul(reserve.slope2_ray, excess)
    else:
        rise = ray_div(ray_mul(reserve.slope1_ray, usage), optimal)
    return reserve.base_rate_ray + rise


def supply_rate_ray(reserve: AaveReserve) -> int:
    """Supply (liquidity) rate per year: debt's average rate · usage · (1 - factor)."""
    debt = total_debt(reserve)
    if debt == 0:
        return 0
    backed = reserve.available_liquidity + debt
    supply_usage = ray_div(debt, backed + reserve.unbacked)
    variable, stable = reserve.total_variable_debt, reserve.total_stable_debt
    interest = ray_mul(variable * WAD_RAY_RATIO, borrow_rate_ray(reserve))
    interest += ray_mul(stable * WAD_RAY_RATIO, reserve.average_stable_rate_ray)
    overall = ray_div(interest, debt * WAD_RAY_RATIO)
    return percent_mul(ray_mul(overall, supply_usage), BPS - reserve.reserve_factor_bps)


def supply_rate(
    reserve: AaveReserve, own_extra: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Supply rate per year once `own_extra` raw units more are supplied.

    Unrounded; negative extra is a withdrawal, and one of more than is available gives
    nan. Borrowers are assumed not to react.
    """
    debt = float(total_debt(reserve))
    extra = np.asarray(own_extra, dtype=np.float64)
    if debt == 0:
        return np.zeros_like(extra)
    available = float(reserve.available_liquidity) + extra
    usage = debt / np.where(available >= 0, available + debt, np.nan)
    variable_share = reserve.total_variable_debt / debt
    rate = variable_share * _borrow_rate(reserve, usage)
    rate += (1 - variable_share) * reserve.average_stable_rate_ray / RAY
    supply_usage = debt / (debt / usage + float(reserve.unbacked))
    return np.asarray(rate * supply_usage * (1 - reserve.reserve_factor_bps / BPS))


def _borrow_rate(
    reserve: AaveReserve, usage: NDArray[np.float64]
) -> NDArray[np.float64]:
    optimal = reserve.optimal_usage_ray / RAY
    below = np.minimum(usage, optimal) / optimal if optimal else np.ones_like(usage)
    above = np.maximum(usage - optimal, 0) / (1 - optimal) if optimal < 1 else 0.0
    rise = reserve.slope1_ray * below + reserve.slope2_ray * above
    return np.asarray((reserve.base_rate_ray + rise) / RAY)


def linear_interest_ray(rate_ray: int, elapsed_seconds: int) -> int:
    """Growth factor of a supply index: 1 + rate · time, floor."""
    return RAY + rate_ray * elapsed_seconds // SECONDS_PER_YEAR


def compound_interest_ray(rate_ray: int, elapsed_seconds: int) -> int:
    """Growth factor of a debt index: Aave's three binomial terms, floor of each."""
    n = elapsed_seconds
    if n == 0:
        return RAY
    square = ray_mul(rate_ray, rate_ray) // SECONDS_PER_YEAR**2
    cube = ray_mul(square, rate_ray) // SECONDS_PER_YEAR
    second = n * (n - 1) * square // 2
    third = n * (n - 1) * max(n - 2, 0) * cube // 6
    return RAY + rate_ray * n // SECONDS_PER_YEAR + second + third


def normalized_income_ray(index_ray: int, rate_ray: int, elapsed_seconds: int) -> int:
    """Liquidity index now, from the one stored `elapsed_seconds` ago; half up."""
    return ray_mul(linear_interest_ray(rate_ray, elapsed_seconds), index_ray)


def normalized_debt_ray(index_ray: int, rate_ray: int, elapsed_seconds: int) -> int:
    """Variable borrow index now, from the one stored `elapsed_seconds` ago; half up."""
    return ray_mul(compound_interest_ray(rate_ray, elapsed_seconds), index_ray)


def scaled_of_assets(assets: int, index_ray: int) -> int:
    """Scaled units that a supply mints or a withdrawal burns, half up.

    Raises `ScaledAmountZero` where Aave refuses; `UintRangeExceeded` beyond uint128.
    """
    scaled = checked_uint(ray_div(assets, index_ray), "scaled", UINT128_MAX)
    if scaled == 0:
        raise ScaledAmountZero(assets, index_ray)
    return scaled


def assets_of_scaled(scaled: int, index_ray: int) -> int:
    """aToken balance of a scaled balance, half up."""
    return ray_mul(scaled, index_ray)


@dataclass(frozen=True, kw_only=True)
class Erc4626:
    total_assets: int
    total_supply: int
    decimals_offset: int = 0  # decimals of the share less those of the asset

    def __post_init__(self) -> None:
        checked_uint(self.total_assets, "total_assets")
        checked_uint(self.total_supply, "total_supply")
        checked_uint(self.decimals_offset, "decimals_offset", 255)


def _virtual_shares(vault: Erc4626) -> int:
    return vault.total_supply + int(10**vault.decimals_offset)


def shares_of_assets_down(vault: Erc4626, assets: int) -> int:
    """Shares that a deposit of `assets` mints (previewDeposit, convertToShares)."""
    return mul_div_down(assets, _virtual_shares(vault), vault.total_assets + 1)


def shares_of_assets_up(vault: Erc4626, assets: int) -> int:
    """Shares that a withdrawal of `assets` burns (previewWithdraw)."""
    return mul_div_up(assets, _virtual_shares(vault), vault.total_assets + 1)


def assets_of_shares_down(vault: Erc4626, shares: int) -> int:
    """Assets that a redemption of `shares` pays (previewRedeem, convertToAssets)."""
    return mul_div_down(shares, vault.total_assets + 1, _virtual_shares(vault))


def assets_of_shares_up(vault: Erc4626, shares: int) -> int:
    """Assets that a mint of `shares` takes (previewMint)."""
    return mul_div_up(shares, vault.total_assets + 1, _virtual_shares(vault))
