# SPDX-License-Identifier: MIT
"""What a report says of the vault's limits: budgets charged, fees, refused orders."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ChargeRow:
    """What one order charged to one budget [wad of NAV]."""

    budget: str  # loss, turnover, hold
    predicted_wad: int
    charged_wad: int
    level_wad: int  # of the bucket afterwards
    budget_wad: int
    is_as_predicted: bool  # to the billionth of NAV


@dataclass(frozen=True, kw_only=True)
class FeesRow:
    """What the vault's fees have come to."""

    management_wad: int  # per year
    performance_wad: int  # of gains
    shares: int
    assets: int


@dataclass(frozen=True, kw_only=True)
class RefusalRow:
    """An order that the vault refused."""

    title: str
    error: str
    arguments: tuple[tuple[str, str], ...]  # name, exact value
    plain: str  # the same, for a reader
