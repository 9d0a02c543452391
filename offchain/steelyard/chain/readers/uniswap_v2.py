# SPDX-License-Identifier: MIT
"""Uniswap V2 pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.amm.constant_product import ConstantProduct
from steelyard.chain.readers.base import MarketReader
from steelyard.chain.reads import Read, Rounds

NOBODY = "0x" + "00" * 20


@dataclass(frozen=True, kw_only=True)
class Facts:
    pair: str
    factory: str


def _facts(pair: str) -> Rounds[Facts]:
    (factory,) = yield [Read(pair, "factory()", "address")]
    return Facts(pair=pair, factory=factory)


def _state(facts: Facts, _lens: str) -> Rounds[ConstantProduct]:
    reserves, supply, k_last, fee_to = yield [
        Read(facts.pair, "getReserves()", "uint112 uint112 uint32"),
        Read(facts.pair, "totalSupply()", "uint256"),
        Read(facts.pair, "kLast()", "uint256"),
        Read(facts.factory, "feeTo()", "address"),
    ]
    return ConstantProduct(
        reserve0=reserves[0],
        reserve1=reserves[1],
        total_supply=supply,
        k_last=k_last,
        fee_on=fee_to != NOBODY,
    )


def _name(_facts: Facts, symbols: Sequence[str]) -> str:
    return "uniswap-v2 " + "/".join(symbols)


READER = MarketReader(protocol="uniswap-v2", facts=_facts, state=_state, name=_name)
