# SPDX-License-Identifier: MIT
"""Compound V2 from the bytecode that Set Protocol publishes: comptroller and cTokens.

UNITS  raw token units; `*_wad` 1e18 = 1; rates per year of 2,102,400 blocks.
"""

from dataclasses import dataclass

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import Artifact, own_artifact, package_artifact
from steelyard.chain.transactions import contract_at, deploy, send
from steelyard.demo.tokens import approve
from steelyard.wad import WAD

PACKAGE = "@setprotocol/set-protocol-v2/external/abi/compound/"
BASE_RATE_WAD = WAD // 50  # of a market that nobody borrows from
SLOPE_WAD = WAD // 5  # more when all of it is borrowed
COLLATERAL_WAD = 75 * WAD // 100
CLOSE_FACTOR_WAD = WAD // 2
LIQUIDATION_WAD = 108 * WAD // 100
MOST_ASSETS = 20
C_TOKEN_DECIMALS = 8
FIRST_RATE = 2 * 10 ** (18 - C_TOKEN_DECIMALS - 2)  # times 10^decimals: 0.02 a cToken


@dataclass(frozen=True, kw_only=True)
class CompoundV2:
    """The contracts that all cTokens share."""

    comptroller: Contract
    prices: Contract
    rates: Contract


def deploy_compound_v2(web3: Web3, *, sender: ChecksumAddress) -> CompoundV2:
    """A comptroller behind its proxy, administered by `sender`, without markets."""
    proxy = deploy(web3, _artifact("Unitroller"), sender=sender)
    code = deploy(web3, _artifact("Comptroller"), sender=sender)
    pending = proxy.functions._setPendingImplementation(code.address)
    send(web3, pending, sender)
    send(web3, code.functions._become(proxy.address, 0, [], []), sender)
    comptroller = contract_at(web3, _artifact("Comptroller"), proxy.address)
    prices = deploy(web3, own_artifact("SettablePrices"), sender=sender)
    model = _artifact("WhitePaperInterestRateModel")
    for setting in (
        comptroller.functions._setPriceOracle(prices.address),
        comptroller.functions._setCloseFactor(CLOSE_FACTOR_WAD),
        comptroller.functions._setLiquidationIncentive(LIQUIDATION_WAD),
        comptroller.functions._setMaxAssets(MOST_ASSETS),
    ):
        send(web3, setting, sender)
    return CompoundV2(
        comptroller=comptroller,
        prices=prices,
        rates=deploy(web3, model, BASE_RATE_WAD, SLOPE_WAD, sender=sender),
    )


def list_market(
    web3: Web3,
    compound: CompoundV2,
    token: Contract,
    decimals: int,
    dollars: int,
    *,
    sender: ChecksumAddress,
) -> Contract:
    """The cToken of a new market in `token`, worth `dollars` a whole one."""
    comptroller = compound.comptroller
    c_token = deploy(
        web3,
        _artifact("CERc20"),
        token.address,
        comptroller.address,
        compound.rates.address,
        FIRST_RATE * 10**decimals,
        "cToken",
        "cToken",
        C_TOKEN_DECIMALS,
        sender=sender,
    )
    mantissa = dollars * 10 ** (36 - decimals)
    for setting in (
        compound.prices.functions.set(c_token.address, mantissa),
        comptroller.functions._supportMarket(c_token.address),
        comptroller.functions._setCollateralFactor(c_token.address, COLLATERAL_WAD),
    ):
        send(web3, setting, sender)
    return c_token


def lend(
    web3: Web3,
    c_token: Contract,
    token: Contract,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Supplies `amount` of the underlying token."""
    approve(web3, token, c_token.address, sender=sender)
    send(web3, c_token.functions.mint(amount), sender)


def borrow(
    web3: Web3,
    compound: CompoundV2,
    pledged: Contract,
    taken: Contract,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Takes `amount` from one market against what `sender` has lent in another."""
    enter = compound.comptroller.functions.enterMarkets([pledged.address])
    send(web3, enter, sender)
    send(web3, taken.functions.borrow(amount), sender)


def _artifact(name: str) -> Artifact:
    return package_artifact(f"{PACKAGE}{name}.json")
