# SPDX-License-Identifier: MIT
"""Morpho Blue from its published source: Morpho, its own test oracle and rate model.

UNITS  raw token units; `*_wad` 1e18 = 1; an oracle's price is raw loan units per raw
       collateral unit times 1e36.
"""

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import toolchain_artifact
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo.tokens import approve
from steelyard.wad import WAD

ARTIFACTS = "morpho-blue/{0}.json"
LLTV_WAD = 86 * WAD // 100  # most that may be borrowed against collateral
PARAMS_ABI = ("address", "address", "address", "address", "uint256")

Params = tuple[str, str, str, str, int]  # IMorphoBlue's MarketParams


@dataclass(frozen=True, kw_only=True)
class MorphoBlue:
    """Morpho, and the models that its markets here use."""

    morpho: Contract
    oracle: Contract
    irm: Contract  # its rate per year is the share of the supply that is lent


def deploy_morpho_blue(
    web3: Web3, *, price_e36: int, sender: ChecksumAddress
) -> MorphoBlue:
    """Morpho, owned by `sender`; every market's oracle answers `price_e36`."""
    morpho, oracle, irm = (
        deploy(web3, toolchain_artifact(ARTIFACTS.format(name)), *args, sender=sender)
        for name, args in (("Morpho", (sender,)), ("OracleMock", ()), ("IrmMock", ()))
    )
    for setting in (
        oracle.functions.setPrice(price_e36),
        morpho.functions.enableIrm(irm.address),
        morpho.functions.enableLltv(LLTV_WAD),
    ):
        send(web3, setting, sender)
    return MorphoBlue(morpho=morpho, oracle=oracle, irm=irm)


def create_market(
    web3: Web3,
    blue: MorphoBlue,
    loan: Contract,
    collateral: Contract,
    *,
    sender: ChecksumAddress,
) -> Params:
    """A new market that lends `loan` against `collateral`."""
    tokens = (loan.address, collateral.address)
    params = (*tokens, blue.oracle.address, blue.irm.address, LLTV_WAD)
    send(web3, blue.morpho.functions.createMarket(params), sender)
    return params


def market_id(params: Params) -> str:
    """What Morpho names a market by: the hash of its parameters."""
    return Web3.keccak(encode(PARAMS_ABI, params)).to_0x_hex()


def lend(
    web3: Web3,
    blue: MorphoBlue,
    params: Params,
    token: Contract,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Supplies `amount` of the loan token."""
    approve(web3, token, blue.morpho.address, sender=sender)
    supply = blue.morpho.functions.supply(params, amount, 0, sender, b"")
    send(web3, supply, sender)


def borrow(
    web3: Web3,
    blue: MorphoBlue,
    params: Params,
    collateral: Contract,
    amounts: tuple[int, int],
    *,
    sender: ChecksumAddress,
) -> None:
    """Pledges the first amount, of `collateral`, and takes the second of the loan."""
    pledged, taken = amounts
    approve(web3, collateral, blue.morpho.address, sender=sender)
    pledge = blue.morpho.functions.supplyCollateral(params, pledged, sender, b"")
    send(web3, pledge, sender)
    send(web3, blue.morpho.functions.borrow(params, taken, 0, sender, sender), sender)


def totals(blue: MorphoBlue, market: str) -> tuple[int, ...]:
    """Supplied assets and shares, borrowed assets and shares, last update, fee."""
    return tuple(call(blue.morpho.functions.market(market)))
