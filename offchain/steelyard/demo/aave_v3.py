# SPDX-License-Identifier: MIT
"""Aave v3: what a market is made of, and what lenders and borrowers do there."""

from dataclasses import dataclass, field

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.transactions import call, send
from steelyard.demo.tokens import approve

VARIABLE_RATE = 2


@dataclass(frozen=True, kw_only=True)
class RateCurve:
    """Variable borrow rate per year: base at no use, two slopes around the kink."""

    kink_wad: int = 8 * 10**17  # share of supply that is borrowed
    base_wad: int = 0
    slope_below_wad: int = 4 * 10**16
    slope_above_wad: int = 60 * 10**16


@dataclass(frozen=True, kw_only=True)
class Reserve:
    """A token to list, its dollar feed and its risk settings (1e4 = 100%)."""

    token: Contract
    symbol: str
    decimals: int
    feed: ChecksumAddress
    rates: RateCurve = field(default_factory=RateCurve)
    ltv_bps: int = 7500
    liquidation_threshold_bps: int = 8000
    liquidation_bonus_bps: int = 10500
    reserve_factor_bps: int = 1000


@dataclass(frozen=True, kw_only=True)
class AaveV3:
    """The contracts of one market."""

    provider: Contract
    pool: Contract
    configurator: Contract
    oracle: Contract
    data_provider: Contract


def supply(
    web3: Web3,
    market: AaveV3,
    token: Contract,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Lends `amount`, which then also counts as collateral."""
    approve(web3, token, market.pool.address, sender=sender)
    pay_in = market.pool.functions.supply(token.address, amount, sender, 0)
    send(web3, pay_in, sender)


def borrow(
    web3: Web3,
    market: AaveV3,
    token: ChecksumAddress,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Takes `amount` at the variable rate against what `sender` has supplied."""
    take = market.pool.functions.borrow(token, amount, VARIABLE_RATE, 0, sender)
    send(web3, take, sender)


def repay(
    web3: Web3,
    market: AaveV3,
    token: Contract,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Pays back at most `amount` of the variable debt."""
    approve(web3, token, market.pool.address, sender=sender)
    pay_back = market.pool.functions.repay(token.address, amount, VARIABLE_RATE, sender)
    send(web3, pay_back, sender)


def withdraw(
    web3: Web3,
    market: AaveV3,
    token: ChecksumAddress,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Takes `amount` of the supply back."""
    send(web3, market.pool.functions.withdraw(token, amount, sender), sender)


def rates_ray(market: AaveV3, token: ChecksumAddress) -> tuple[int, int]:
    """Supply and variable borrow rate per year, 1e27 = 100%."""
    data = call(market.pool.functions.getReserveData(token))
    return data[2], data[4]


def reserve_tokens(
    market: AaveV3, token: ChecksumAddress
) -> tuple[ChecksumAddress, ChecksumAddress]:
    """The aToken and the variable debt token of a reserve."""
    data = call(market.pool.functions.getReserveData(token))
    return data[8], data[10]
