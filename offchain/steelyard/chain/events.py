# SPDX-License-Identifier: MIT
"""What the vault said while it executed an order, read back from the receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eth_utils.abi import event_abi_to_log_topic
from web3 import Web3
from web3._utils.events import get_event_data
from web3.types import TxReceipt

from steelyard.chain.artifacts import own_artifact


@dataclass(frozen=True, kw_only=True)
class VaultEvent:
    """One event; arguments as Solidity names them, bytes as 0x-hex."""

    name: str
    arguments: Mapping[str, Any]
    log_index: int


def vault_events(web3: Web3, receipt: TxReceipt, vault: str) -> tuple[VaultEvent, ...]:
    """The vault's own events in the order it emitted them, but unknown ones."""
    events = []
    for log in receipt["logs"]:
        topics = log["topics"]
        if log["address"].lower() != vault.lower() or not topics:
            continue
        abi = _table().get(bytes(topics[0]))
        if abi is None:
            continue
        decoded = get_event_data(web3.codec, abi, log)
        events.append(
            VaultEvent(
                name=abi["name"],
                arguments={k: _plain(v) for k, v in decoded["args"].items()},
                log_index=log["logIndex"],
            )
        )
    return tuple(events)


@lru_cache(maxsize=1)
def _table() -> dict[bytes, dict[str, Any]]:
    entries = [*own_artifact("IOrderEvents").abi, *own_artifact("Vault").abi]
    return {
        event_abi_to_log_topic(entry): entry  # type: ignore[arg-type]
        for entry in entries
        if entry.get("type") == "event"
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_plain(item) for item in value)
    return "0x" + bytes(value).hex() if isinstance(value, bytes) else value
