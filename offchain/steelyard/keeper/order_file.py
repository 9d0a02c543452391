# SPDX-License-Identifier: MIT
"""An order that several people sign, on several machines, in one JSON file.

Nothing in the file is believed: each machine computes the digest itself and compares
the order with the chain before it signs or sends.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from steelyard.errors import SteelyardError
from steelyard.headroom import time_text
from steelyard.keeper.config import KeeperConfig
from steelyard.keeper.record import RunRecord
from steelyard.keeper.signer import ECDSA, keystore_address
from steelyard.order import (
    ZERO_ADDRESS,
    Rebalance,
    order_digest,
    signable,
    typed_data,
)
from steelyard.order_json import order_from_json
from steelyard.plan import build_order, digest_of, inputs_hash
from steelyard.state import Snapshot


class OrderFileInvalid(SteelyardError):
    """A file that holds no order."""

    def __init__(self, path: Path, expected: str) -> None:
        super().__init__(f"order file is {path}, expected {expected}")


class OrderMismatch(SteelyardError):
    """An order that is not for this vault as it stands, or not what it says it is."""

    def __init__(self, field: str, value: object, expected: object) -> None:
        super().__init__(f"order's {field} is {value}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


@dataclass(frozen=True, kw_only=True)
class OrderFile:
    chain_id: int
    vault: str
    name: str  # of the vault, in the domain that is signed
    digest: str
    order: Rebalance
    signatures: Mapping[str, str]  # by signer

    def to_json(self) -> dict[str, Any]:
        """With the EIP-712 message as wallets take it (`eth_signTypedData_v4`)."""
        domain = (self.chain_id, self.vault, self.name)
        return {
            "chain_id": self.chain_id,
            "vault": self.vault,
            "name": self.name,
            "digest": self.digest,
            "order": self.order.to_json(),
            "signatures": dict(self.signatures),
            "typed_data": typed_data(self.order, *domain),
        }


def unsigned(snapshot: Snapshot, order: Rebalance) -> OrderFile:
    """The file of an order that nobody has signed yet."""
    domain = (snapshot.chain_id, snapshot.vault, snapshot.name)
    return OrderFile(
        chain_id=snapshot.chain_id,
        vault=snapshot.vault,
        name=snapshot.name,
        digest="0x" + order_digest(order, *domain).hex(),
        order=order,
        signatures={},
    )


def load_order_file(path: Path) -> OrderFile:
    """Raises OrderFileInvalid, OrderFieldInvalid."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return OrderFile(
            chain_id=int(data["chain_id"]),
            vault=str(data["vault"]),
            name=str(data["name"]),
            digest=str(data["digest"]),
            order=order_from_json(data["order"]),
            signatures=dict(_signed(k, v) for k, v in data["signatures"].items()),
        )
    except OSError as error:
        raise OrderFileInvalid(path, f"a readable file ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OrderFileInvalid(path, "what `steelyard plan --out` writes") from None


def _signed(signer: str, signature: str) -> tuple[str, str]:
    """An entry of `signatures`. Raises ValueError where it is none."""
    bytes.fromhex(signature.removeprefix("0x"))
    return to_checksum_address(signer), signature


def save_order_file(path: Path, file: OrderFile) -> None:
    """Raises OrderFileInvalid."""
    text = json.dumps(file.to_json(), indent=2, default=_hex)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        expected = f"a file that can be written ({error.strerror})"
        raise OrderFileInvalid(path, expected) from None


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def check_order_file(file: OrderFile, snapshot: Snapshot) -> OrderFile:
    """`file` itself, once all that it says is so. Raises OrderMismatch."""
    order, now = file.order, snapshot.timestamp
    _same("chain", file.chain_id, snapshot.chain_id)
    _same("vault", file.vault.lower(), snapshot.vault.lower())
    _same("vault name", file.name, snapshot.name)
    _same("configuration hash", order.config_hash, snapshot.config_hash)
    _same("nonce", order.nonce, snapshot.nonce)
    if now > order.deadline:
        ended = time_text(order.deadline)
        raise OrderMismatch("deadline", ended, f"{time_text(now)} or later")
    window, most = order.deadline - order.valid_after, snapshot.max_window_seconds
    if window > most:
        raise OrderMismatch("window", f"{window} s", f"at most {most} s")
    domain = (snapshot.chain_id, snapshot.vault, snapshot.name)
    digest = order_digest(order, *domain)
    _same("digest", file.digest, "0x" + digest.hex())
    if snapshot.signer_kind == ECDSA:
        for signer, signature in file.signatures.items():
            _check_signature(snapshot, digest, signer, signature)
    return file


def _check_signature(
    snapshot: Snapshot, digest: bytes, signer: str, signature: str
) -> None:
    if signer not in snapshot.signers:
        raise OrderMismatch("signer", signer, " or ".join(snapshot.signers))
    try:
        found = Account._recover_hash(digest, signature=signature)
    except Exception:  # whatever the library thinks of a malformed signature
        found = "nobody"
    _same(f"signature of {signer}", found, signer)


def _same(field: str, value: object, expected: object) -> None:
    if value != expected:
        raise OrderMismatch(field, value, expected)


def with_signature(
    file: OrderFile, snapshot: Snapshot, account: LocalAccount
) -> OrderFile:
    """The file with one signature more. Raises OrderMismatch for a stranger's key."""
    signer = to_checksum_address(account.address)
    if snapshot.signer_kind == ECDSA and signer not in snapshot.signers:
        raise OrderMismatch("signer", signer, " or ".join(snapshot.signers))
    message = signable(file.order, file.chain_id, file.vault, file.name)
    signature = "0x" + bytes(account.sign_message(message).signature).hex()
    return replace(file, signatures={**file.signatures, signer: signature})


def joined_signature(file: OrderFile, snapshot: Snapshot) -> bytes:
    """As many signatures as the vault wants, by ascending signer; all of them where a
    wallet decides how many it wants.

    Raises OrderMismatch when there are fewer.
    """
    count, wanted = len(file.signatures), snapshot.threshold
    if count < wanted:
        raise OrderMismatch("signatures", count, f"{wanted} of them")
    signers = sorted(file.signatures, key=lambda signer: int(signer, 16))
    if snapshot.signer_kind == ECDSA:
        signers = signers[:wanted]
    return b"".join(
        bytes.fromhex(file.signatures[s].removeprefix("0x")) for s in signers
    )


def planned_order(record: RunRecord, config: KeeperConfig) -> OrderFile:
    """The file of a planned run's order, for as long as the vault lets one live.

    It names the settings' relayer where a keystore tells who that is, else nobody.
    """
    before, signer = record.before, config.signer
    path = None if signer is None else signer.relayer_keystore or signer.keystore
    relayer = None if path is None or not path.is_file() else keystore_address(path)
    deadline = before.timestamp + before.max_window_seconds
    order = build_order(
        before,
        record.decision.plan,
        relayer=relayer or ZERO_ADDRESS,
        valid_after=before.timestamp,
        deadline=deadline,
        public_after=deadline + 1 if relayer else 0,
        inputs_hash=inputs_hash(
            before, digest_of(record.signals), config.preferences, config.order
        ),
    )
    return unsigned(before, order)
