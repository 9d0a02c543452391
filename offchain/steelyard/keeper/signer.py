# SPDX-License-Identifier: MIT
"""Keys out of encrypted keystores. A key lives in memory alone and is never printed."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address, to_checksum_address

from steelyard.errors import SteelyardError
from steelyard.order import Rebalance, order_digest, signable
from steelyard.state import Snapshot

Prompt = Callable[[str], str]
ECDSA = 0  # Types.sol's SignerKind


class KeystoreInvalid(SteelyardError):
    """A file that is no keystore."""

    def __init__(self, path: Path, expected: str) -> None:
        super().__init__(f"keystore is {path}, expected {expected}")


class KeystoreLocked(SteelyardError):
    """No password, or the wrong one."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"keystore {path} stays locked: {reason}")


class StrategistMismatch(SteelyardError):
    """The vault takes orders from someone else."""

    def __init__(self, signers: Sequence[str], listed: Sequence[str]) -> None:
        super().__init__(
            f"keystores are of {', '.join(signers)}, expected the strategist's, "
            f"{' or '.join(listed)}"
        )


class SignaturesMissing(SteelyardError):
    """Fewer keys than the vault wants signatures."""

    def __init__(self, count: int, threshold: int) -> None:
        super().__init__(
            f"keystores are {count}, expected {threshold}: an order of this vault "
            f"needs {threshold} signatures"
        )


def unlock(path: Path, password: str) -> LocalAccount:
    """The account in a keystore. Raises KeystoreInvalid, KeystoreLocked."""
    document = _document(path)
    try:
        key = Account.decrypt(document, password)
    except ValueError as error:
        if "MAC" in str(error):
            raise KeystoreLocked(path, "the password is wrong") from None
        raise KeystoreInvalid(path, "a keystore of version 3") from None
    except (KeyError, TypeError, NotImplementedError):
        raise KeystoreInvalid(path, "a keystore of version 3") from None
    account: LocalAccount = Account.from_key(key)
    return account


def keystore_address(path: Path) -> str | None:
    """Whose key it is, where the file says so; needs no password."""
    text = str(_document(path).get("address", "")).lower()
    text = text if text.startswith("0x") else "0x" + text
    return to_checksum_address(text) if is_address(text) else None


def read_password(
    path: Path,
    *,
    password_file: Path | None,
    password_env: str | None,
    prompt: Prompt | None,
    environ: Mapping[str, str] | None = None,
) -> str:
    """The password of the keystore at `path`: from the file, the variable, or asked.

    Raises KeystoreLocked when there is none of them.
    """
    if password_file is not None:
        try:
            return password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            reason = f"password file {password_file}: {error.strerror}"
            raise KeystoreLocked(path, reason) from None
    if password_env is not None:
        value = (os.environ if environ is None else environ).get(password_env)
        if value is None:
            raise KeystoreLocked(path, f"variable {password_env} is not set")
        return value
    if prompt is None:
        reason = "no password_file, no password_env, and nobody to ask"
        raise KeystoreLocked(path, reason)
    return prompt(f"Password of {path}: ")


def unlocked(
    path: Path,
    *,
    password_file: Path | None,
    password_env: str | None,
    prompt: Prompt | None,
) -> LocalAccount:
    """`unlock` by `read_password`."""
    password = read_password(
        path, password_file=password_file, password_env=password_env, prompt=prompt
    )
    return unlock(path, password)


def check_signers(snapshot: Snapshot, signers: Sequence[str]) -> None:
    """Raises StrategistMismatch, SignaturesMissing.

    An ERC-1271 contract decides for itself.
    """
    if snapshot.signer_kind != ECDSA:
        return
    if not set(signers) <= set(snapshot.signers):
        raise StrategistMismatch(signers, snapshot.signers)
    if len(set(signers)) < snapshot.threshold:
        raise SignaturesMissing(len(set(signers)), snapshot.threshold)


def sign_order(
    snapshot: Snapshot, order: Rebalance, accounts: Sequence[LocalAccount]
) -> tuple[bytes, bytes]:
    """(digest, signature) of an order for the snapshot's vault and chain.

    As many signatures as the vault wants, 65 bytes each, by ascending address; all of
    them where a wallet decides how many it wants.
    """
    domain = (snapshot.chain_id, snapshot.vault, snapshot.name)
    message = signable(order, *domain)
    by_address = {int(account.address, 16): account for account in accounts}
    chosen = [by_address[key] for key in sorted(by_address)]
    if snapshot.signer_kind == ECDSA:
        chosen = chosen[: snapshot.threshold]
    signature = b"".join(bytes(a.sign_message(message).signature) for a in chosen)
    return order_digest(order, *domain), signature


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeystoreInvalid(path, f"a readable file ({error.strerror})") from None
    except ValueError:
        raise KeystoreInvalid(path, "JSON") from None
    if not isinstance(document, dict):
        raise KeystoreInvalid(path, "a JSON object")
    return document
