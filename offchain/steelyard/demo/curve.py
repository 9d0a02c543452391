# SPDX-License-Identifier: MIT
"""Curve StableSwap from the bytecode that Perpetual Protocol publishes: the factory of
side chains and its plain pool of four coins.

UNITS  raw token units; a fee is in 1e-10 of what is traded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract

from steelyard.chain.artifacts import Artifact, package_artifact
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.demo.tokens import approve

PACKAGE = (
    "@perp/curie-deployments/optimism-goerli/core/artifacts/contracts/curve/"
    "{0}.vy/{0}.json"
)
COINS = 4  # of the only plain pool in the package
IMPLEMENTATIONS = 10  # that the factory has place for
AMPLIFICATION = 200
FEE_E10 = 4_000_000  # 0.04 %
ADD_LIQUIDITY = f"add_liquidity(uint256[{COINS}],uint256)"
EXCHANGE = "exchange(int128,int128,uint256,uint256)"
CREATE = (
    f"deploy_plain_pool(string,string,address[{COINS}],uint256,uint256,uint256,uint256)"
)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The factory, and the code that its pools run."""

    factory: Contract
    implementation: Contract


def deploy_curve(web3: Web3, *, sender: ChecksumAddress) -> Curve:
    """A factory, administered by `sender`, for pools of four coins."""
    factory = deploy(web3, _artifact("FactorySidechains"), sender, sender=sender)
    pool = deploy(web3, _artifact("Plain4Basic"), sender=sender)
    places = [pool.address, *[ADDRESS_ZERO] * (IMPLEMENTATIONS - 1)]
    listing = factory.functions.set_plain_implementations(COINS, places)
    send(web3, listing, sender)
    return Curve(factory=factory, implementation=pool)


def create_pool(
    web3: Web3,
    curve: Curve,
    coins: Sequence[Contract],
    amounts: Sequence[int],
    *,
    sender: ChecksumAddress,
) -> Contract:
    """A new pool with these amounts in it."""
    create = curve.factory.get_function_by_signature(CREATE)
    listed = [coin.address for coin in coins]
    send(web3, create("Plain", "PLAIN", listed, AMPLIFICATION, FEE_E10, 0, 0), sender)
    last = call(curve.factory.functions.pool_count()) - 1
    address = call(curve.factory.functions.pool_list(last))
    pool = contract_at(web3, _artifact("Plain4Basic"), address)
    for coin in coins:
        approve(web3, coin, pool.address, sender=sender)
    add_liquidity(web3, pool, amounts, sender=sender)
    return pool


def add_liquidity(
    web3: Web3, pool: Contract, amounts: Sequence[int], *, sender: ChecksumAddress
) -> None:
    """Pays these amounts in; `sender` has approved the pool."""
    add = pool.get_function_by_signature(ADD_LIQUIDITY)
    send(web3, add(list(amounts), 0), sender)


def swap(
    web3: Web3,
    pool: Contract,
    coins: tuple[int, int],
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Sells `amount` of the first coin for the second; both by index."""
    exchange = pool.get_function_by_signature(EXCHANGE)
    send(web3, exchange(*coins, amount, 0), sender)


def quote(pool: Contract, coins: tuple[int, int], amount: int) -> int:
    """What the pool would pay for `amount` of the first coin."""
    return int(call(pool.functions.get_dy(*coins, amount)))


def _artifact(name: str) -> Artifact:
    """Vyper's ABI has a number for gas where others have none."""
    artifact = package_artifact(PACKAGE.format(name))
    abi = [{k: v for k, v in item.items() if k != "gas"} for item in artifact.abi]
    return replace(artifact, abi=abi)
