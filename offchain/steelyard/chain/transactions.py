# SPDX-License-Identifier: MIT
"""Calls, transactions and deployments whose reverts come back as decoded errors."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractConstructor, ContractFunction
from web3.exceptions import (
    ContractLogicError,
    TransactionNotFound,
    Web3RPCError,
)
from web3.types import BlockData, BlockIdentifier, TxParams, TxReceipt, Wei

from steelyard.chain.artifacts import Artifact, deployable_bytecode
from steelyard.chain.errors import (
    ContractReverted,
    TransactionPending,
    TransactionRefused,
)
from steelyard.chain.errors_abi import decode_revert

Sender = ChecksumAddress | LocalAccount
GAS_MARGIN_PERCENT = 25  # the estimate is for the state now
UNLOCKED_GAS = 16_000_000  # under EIP-7825's 2**24
UNLOCKED_TIP_WEI = Wei(10**9)
FIRST_POLL_SECONDS = 0.002
LAST_POLL_SECONDS = 1.0


def deploy(
    web3: Web3, artifact: Artifact, *args: Any, sender: Sender, gas: int | None = None
) -> Contract:
    """The new contract, mined. Raises ContractReverted, UnlinkedLibrary."""
    factory = web3.eth.contract(
        abi=artifact.abi, bytecode=deployable_bytecode(artifact)
    )
    creation = factory.constructor(*args)
    receipt = _transact(web3, artifact.name, creation, sender, 0, gas)
    return contract_at(web3, artifact, str(receipt["contractAddress"]))


def send(
    web3: Web3,
    contract_function: ContractFunction,
    sender: Sender,
    value: int = 0,
    gas: int | None = None,
) -> TxReceipt:
    """Receipt of the mined transaction; `value` in wei.

    `sender` is an address the node signs for, or a local account.
    Raises ContractReverted, TransactionRefused or TransactionPending.
    """
    where = contract_function.fn_name
    return _transact(web3, where, contract_function, sender, value, gas)


def call(
    contract_function: ContractFunction,
    *,
    sender: ChecksumAddress | None = None,
    value: int = 0,
    block: BlockIdentifier = "latest",
) -> Any:
    """What the function returns at `block`. Raises ContractReverted."""
    params: TxParams = {"value": Wei(value)}
    if sender is not None:
        params["from"] = sender
    with decoded_reverts(contract_function.fn_name):
        return contract_function.call(params, block_identifier=block)


def contract_at(web3: Web3, artifact: Artifact, address: str) -> Contract:
    """The contract at `address` with the ABI of `artifact`."""
    checksummed = Web3.to_checksum_address(address)
    return web3.eth.contract(address=checksummed, abi=artifact.abi)


def fee_params(
    web3: Web3, block: BlockData | None = None, tip_wei: Wei | None = None
) -> TxParams:
    """Fees a transaction may carry now: EIP-1559, or a gas price on older chains.

    `block` is the latest, `tip_wei` what the node suggests, unless given. The cap
    is twice the base fee plus the tip, so it lasts for five full blocks.
    """
    base_fee_wei = (block or web3.eth.get_block("latest")).get("baseFeePerGas")
    if base_fee_wei is None:
        return {"gasPrice": web3.eth.gas_price}
    if tip_wei is None:
        tip_wei = web3.eth.max_priority_fee
    return {
        "maxFeePerGas": Wei(2 * base_fee_wei + tip_wei),
        "maxPriorityFeePerGas": tip_wei,
    }


@contextmanager
def decoded_reverts(where: str) -> Iterator[None]:
    """Turns the reverts that web3 reports inside into ContractReverted."""
    try:
        yield
    except KeyError as error:
        # web3 looks a Panic's code up in its table and fails so on other codes
        raise ContractReverted("Panic", {"code": str(error)}, b"", where) from None
    except (ContractLogicError, Web3RPCError) as error:
        data = revert_data(error)
        if data is None:
            raise TransactionRefused(where, _message(error)) from None
        name, arguments = decode_revert(data)
        raise ContractReverted(name, arguments, data, where) from None


def revert_data(error: ContractLogicError | Web3RPCError) -> bytes | None:
    """Bytes the contract reverted with; None when `error` is no revert.

    Anvil sends them as hex; Ganache as hex for calls, inside a record for
    transactions.
    """
    if isinstance(error, ContractLogicError):
        data: Any = error.data
        reverted = True
    else:
        details = cast(dict[str, Any], (error.rpc_response or {}).get("error") or {})
        data = details.get("data")
        reverted = "revert" in str(details.get("message", ""))
    if isinstance(data, dict):
        data = data.get("result")
    if isinstance(data, str) and data.startswith("0x"):
        return bytes.fromhex(data[2:])
    return b"" if reverted else None


def _transact(
    web3: Web3,
    where: str,
    action: ContractFunction | ContractConstructor,
    sender: Sender,
    value: int,
    gas: int | None,
) -> TxReceipt:
    params = _bare_params(action, _address(sender), value)
    with decoded_reverts(where):
        if isinstance(sender, LocalAccount):
            params = _priced(web3, params, gas)
            transaction_hash = _sign_and_send(web3, params, sender)
        else:
            params = _priced_unlocked(web3, params, gas)
            transaction_hash = web3.eth.send_transaction(params)
    receipt = _wait(web3, transaction_hash)
    if receipt["status"] != 1:
        _raise_revert(web3, where, params, receipt)
    return receipt


def _address(sender: Sender) -> ChecksumAddress:
    return sender.address if isinstance(sender, LocalAccount) else sender


def _bare_params(
    action: ContractFunction | ContractConstructor, sender: ChecksumAddress, value: int
) -> TxParams:
    # every field is given, so that building asks the node nothing
    built = action.build_transaction(
        {
            "from": sender,
            "value": Wei(value),
            "gas": 0,
            "gasPrice": Wei(0),
            "chainId": 0,
        }
    )
    params: TxParams = {"from": sender, "value": Wei(value), "data": built["data"]}
    if built.get("to"):
        params["to"] = built["to"]
    return params


def _priced(web3: Web3, params: TxParams, gas: int | None) -> TxParams:
    if gas is None:
        gas = web3.eth.estimate_gas(params) * (100 + GAS_MARGIN_PERCENT) // 100
    return cast(TxParams, {**params, **fee_params(web3), "gas": gas})


def _priced_unlocked(web3: Web3, params: TxParams, gas: int | None) -> TxParams:
    # only development nodes sign for others; there gas is free and estimates slow
    block = web3.eth.get_block("latest")
    if gas is None:
        gas = min(UNLOCKED_GAS, block["gasLimit"])
    fees = fee_params(web3, block, UNLOCKED_TIP_WEI)
    return cast(TxParams, {**params, **fees, "gas": gas})


def _sign_and_send(web3: Web3, params: TxParams, sender: LocalAccount) -> HexBytes:
    complete: dict[str, Any] = {
        **params,
        "nonce": web3.eth.get_transaction_count(sender.address, "pending"),
        "chainId": web3.eth.chain_id,
    }
    signed = sender.sign_transaction(complete)
    return web3.eth.send_raw_transaction(signed.raw_transaction)


def _wait(
    web3: Web3, transaction_hash: HexBytes, timeout_seconds: float = 120.0
) -> TxReceipt:
    pause_seconds = FIRST_POLL_SECONDS
    waited_until = time.monotonic() + timeout_seconds
    while time.monotonic() < waited_until:
        try:
            return web3.eth.get_transaction_receipt(transaction_hash)
        except TransactionNotFound:
            time.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LAST_POLL_SECONDS)
    raise TransactionPending(transaction_hash.to_0x_hex(), timeout_seconds)


def _raise_revert(web3: Web3, where: str, params: TxParams, receipt: TxReceipt) -> None:
    """Repeats a failed transaction as a call on the block before, to learn why."""
    if receipt["gasUsed"] >= params["gas"]:
        raise ContractReverted("OutOfGas", {"gas": params["gas"]}, b"", where)
    with decoded_reverts(where):
        web3.eth.call(params, receipt["blockNumber"] - 1)
    raise ContractReverted("NoReason", {}, b"", where)


def _message(error: ContractLogicError | Web3RPCError) -> str:
    details = getattr(error, "rpc_response", None) or {}
    message = details.get("error", {}).get("message") or error.message or str(error)
    return " ".join(str(message).split())
