# SPDX-License-Identifier: MIT
"""A call of a contract of this project that is deployed nowhere."""

from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from web3 import Web3
from web3.types import BlockIdentifier

from steelyard.chain.artifacts import deployable_bytecode, own_artifact
from steelyard.chain.reads import AnswerUnreadable, own_read
from steelyard.chain.transactions import decoded_reverts


def call_once(
    web3: Web3,
    contract: str,
    function: str,
    args: tuple[Any, ...],
    block: BlockIdentifier = "latest",
) -> tuple[Any, ...]:
    """What the function returns, in one `eth_call` that creates the contract first.

    Works on any node: nothing is deployed and no state is overridden. Raises
    ContractReverted, TransactionRefused, AnswerUnreadable.
    """
    artifact = own_artifact(contract)
    creation = bytes.fromhex(deployable_bytecode(artifact)[2:])
    lens = web3.eth.contract(abi=artifact.abi)
    data = bytes.fromhex(lens.encode_abi(function, list(args))[2:])
    once = deployable_bytecode(own_artifact("Once"))
    once += encode(["bytes", "bytes"], [creation, data]).hex()
    with decoded_reverts(function):
        answer = bytes(web3.eth.call({"data": once}, block))  # type: ignore[typeddict-item]
    read = own_read(contract, function, contract)
    try:
        return decode(read.returns.split(" "), answer)
    except DecodingError:
        raise AnswerUnreadable(contract, function, read.returns, len(answer)) from None
