# SPDX-License-Identifier: MIT
"""An order's way onto the chain: simulated, paid for, sent, waited for.

Units: gas in gas units, fees in wei per gas, funds in wei.
"""

import time
from dataclasses import dataclass
from typing import Any, cast

from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from web3 import Web3
from web3.contract.contract import ContractFunction
from web3.exceptions import MethodUnavailable, TransactionNotFound, Web3RPCError
from web3.types import Nonce, TxParams, TxReceipt, Wei

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.errors import ContractReverted, TransactionPending
from steelyard.chain.transactions import call, contract_at, decoded_reverts
from steelyard.errors import SteelyardError
from steelyard.order import Rebalance

GAS_MARGIN_PERCENT = 25  # the estimate is for the state now
FEE_HISTORY_BLOCKS = 5
TIP_PERCENTILE = 50
LEAST_TIP_WEI = 10**6  # where nobody tips
BASE_FEE_FACTOR = 2  # holds for six full blocks
FIRST_POLL_SECONDS = 0.002
LAST_POLL_SECONDS = 1.0


class KeeperUnderfunded(SteelyardError):
    """The relayer cannot pay for the gas that the order may use."""

    def __init__(self, account: str, balance_wei: int, needed_wei: int) -> None:
        super().__init__(
            f"balance of relayer {account} is {balance_wei} wei, expected at least "
            f"{needed_wei} (gas limit times highest fee)"
        )
        self.balance_wei, self.needed_wei = balance_wei, needed_wei


class RelayerBusy(SteelyardError):
    """A transaction of the relayer is still waiting; another would queue behind it."""

    def __init__(self, account: str, mined: int, pending: int) -> None:
        super().__init__(
            f"relayer {account} has {pending - mined} transactions waiting, "
            "expected none"
        )


@dataclass(frozen=True, kw_only=True)
class Fees:
    """What a transaction may pay per gas; a `tip` of None is a legacy gas price."""

    max_fee_wei: int
    tip_wei: int | None
    expected_wei: int  # next base fee and tip: what it will likely pay

    def params(self) -> TxParams:
        """The fields of a transaction."""
        if self.tip_wei is None:
            return {"gasPrice": Wei(self.max_fee_wei)}
        return {
            "maxFeePerGas": Wei(self.max_fee_wei),
            "maxPriorityFeePerGas": Wei(self.tip_wei),
        }


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A transaction that has passed its simulation and can be paid for."""

    to: str
    data: str
    gas_limit: int
    fees: Fees
    nonce: int
    chain_id: int


def read_gas_fees(web3: Web3) -> Fees:
    """Fees for the next block, in one call; a gas price where there is no base fee."""
    try:
        history = web3.eth.fee_history(FEE_HISTORY_BLOCKS, "latest", [TIP_PERCENTILE])
        base_fee_wei = int(history["baseFeePerGas"][-1])
        tips = [int(row[0]) for row in history.get("reward") or [] if row]
    except (MethodUnavailable, Web3RPCError, KeyError, IndexError, TypeError):
        price_wei = int(web3.eth.gas_price)
        return Fees(max_fee_wei=price_wei, tip_wei=None, expected_wei=price_wei)
    paid = sorted(tip for tip in tips if tip > 0)
    tip_wei = max(paid[len(paid) // 2] if paid else 0, LEAST_TIP_WEI)
    return Fees(
        max_fee_wei=BASE_FEE_FACTOR * base_fee_wei + tip_wei,
        tip_wei=tip_wei,
        expected_wei=base_fee_wei + tip_wei,
    )


def rebalance_call(
    web3: Web3, vault: str, order: Rebalance, signature: bytes
) -> ContractFunction:
    """`vault.rebalance(order, signature)`, not sent."""
    contract = contract_at(web3, own_artifact("Vault"), vault)
    return contract.functions.rebalance(order.as_tuple(), signature)


def simulate(function: ContractFunction, relayer: str) -> None:
    """The call as the relayer would make it, at the newest block.

    Raises ContractReverted with the vault's own error.
    """
    call(function, sender=Web3.to_checksum_address(relayer))


def prepare(web3: Web3, function: ContractFunction, relayer: str) -> Envelope:
    """Gas, fees and nonce of the transaction.

    Raises KeeperUnderfunded, RelayerBusy, ContractReverted.
    """
    account = Web3.to_checksum_address(relayer)
    data = function.build_transaction(
        {"from": account, "gas": 0, "gasPrice": Wei(0), "chainId": 0, "nonce": Nonce(0)}
    )["data"]
    fees = read_gas_fees(web3)
    to = function.address
    with decoded_reverts(function.fn_name):
        estimate = web3.eth.estimate_gas({"from": account, "to": to, "data": data})
    gas_limit = estimate * (100 + GAS_MARGIN_PERCENT) // 100
    check_funds(web3, relayer, gas_limit * fees.max_fee_wei)
    return Envelope(
        to=to,
        data=str(data),
        gas_limit=gas_limit,
        fees=fees,
        nonce=_free_nonce(web3, relayer),
        chain_id=web3.eth.chain_id,
    )


def check_funds(web3: Web3, relayer: str, needed_wei: int) -> None:
    """Raises KeeperUnderfunded."""
    balance_wei = int(web3.eth.get_balance(Web3.to_checksum_address(relayer)))
    if balance_wei < needed_wei:
        raise KeeperUnderfunded(relayer, balance_wei, needed_wei)


def sign_envelope(envelope: Envelope, account: LocalAccount) -> tuple[bytes, str]:
    """The raw transaction and its hash, known before it is sent."""
    params: TxParams = {
        "to": Web3.to_checksum_address(envelope.to),
        "data": cast(HexBytes, envelope.data),
        "value": Wei(0),
        "gas": envelope.gas_limit,
        "nonce": Nonce(envelope.nonce),
        "chainId": envelope.chain_id,
        **envelope.fees.params(),
    }
    signed = account.sign_transaction(cast(Any, params))
    return bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex()


def broadcast(web3: Web3, raw_transaction: bytes) -> None:
    """Hands the transaction to the node. Raises TransactionRefused."""
    with decoded_reverts("rebalance"):
        web3.eth.send_raw_transaction(raw_transaction)


def confirm(web3: Web3, transaction_hash: str, timeout_seconds: float) -> TxReceipt:
    """The receipt once it is mined. Raises TransactionPending."""
    pause_seconds = FIRST_POLL_SECONDS
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        try:
            return web3.eth.get_transaction_receipt(HexBytes(transaction_hash))
        except TransactionNotFound:
            time.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LAST_POLL_SECONDS)
    raise TransactionPending(transaction_hash, timeout_seconds)


def raise_failure(function: ContractFunction, relayer: str, receipt: TxReceipt) -> None:
    """Says why a mined order failed: the call again, on the block before.

    Raises ContractReverted always.
    """
    block = receipt["blockNumber"] - 1
    call(function, sender=Web3.to_checksum_address(relayer), block=block)
    raise ContractReverted("NoReason", {}, b"", "rebalance")


def _free_nonce(web3: Web3, relayer: str) -> int:
    account = Web3.to_checksum_address(relayer)
    mined = web3.eth.get_transaction_count(account, "latest")
    pending = web3.eth.get_transaction_count(account, "pending")
    if pending > mined:
        raise RelayerBusy(relayer, mined, pending)
    return mined
