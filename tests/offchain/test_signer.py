# SPDX-License-Identifier: MIT
"""Keys out of keystores, and signatures of orders."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from snapshots import (
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
)

from steelyard.keeper.config import (
    OrderConfig,
)
from steelyard.keeper.decide import decide
from steelyard.keeper.signer import (
    KeystoreInvalid,
    KeystoreLocked,
    SignaturesMissing,
    StrategistMismatch,
    check_signers,
    keystore_address,
    read_password,
    sign_order,
    unlock,
)
from steelyard.optimize.preferences import Preferences
from steelyard.plan import build_order
from steelyard.state import Snapshot

WAD = 10**18
DAY = 86_400
ORDER = OrderConfig()
KEY = "0x" + "31" * 32
PASSWORD = "a password"


def lending_snapshot(available: float = 10_000_000) -> Snapshot:
    """A million idle USDC beside a lending market at its kink."""
    reserve = make_reserve(available, 4 * available)
    aave = make_position("aave-v3 USDC", (0,), reserve, market=1)
    return make_snapshot(positions=[aave])


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(Account.encrypt(KEY, PASSWORD, "pbkdf2", 2)))
    return path


def test_unlock__right_password__is_the_account(keystore: Path) -> None:
    assert unlock(keystore, PASSWORD).address == Account.from_key(KEY).address
    assert keystore_address(keystore) == Account.from_key(KEY).address


def test_unlock__wrong_password__stays_locked_and_shows_no_secret(
    keystore: Path,
) -> None:
    with pytest.raises(KeystoreLocked) as caught:
        unlock(keystore, "wrong")

    assert "wrong" in str(caught.value)
    assert KEY[2:] not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 3, "crypto": {}}'])
def test_unlock__no_keystore__is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)

    with pytest.raises(KeystoreInvalid, match=str(path)):
        unlock(path, PASSWORD)


def test_unlock__no_file__is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeystoreInvalid, match="No such file"):
        unlock(tmp_path / "none.json", PASSWORD)


def test_read_password__each_source__in_turn(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from file\n")
    key = tmp_path / "key.json"

    def read(**given: Any) -> str:
        defaults = {"password_file": None, "password_env": None, "prompt": None}
        return read_password(key, **(defaults | {"environ": {"PW": "of env"}} | given))

    assert read(password_file=file) == "from file"
    assert read(password_env="PW") == "of env"
    assert read(prompt=lambda question: question) == f"Password of {key}: "
    with pytest.raises(KeystoreLocked, match="nobody to ask"):
        read()
    with pytest.raises(KeystoreLocked, match="variable NONE is not set"):
        read(password_env="NONE")
    with pytest.raises(KeystoreLocked, match="No such file"):
        read(password_file=tmp_path / "none")


def test_check_signers__stranger__is_refused_unless_a_contract_decides() -> None:
    snapshot = make_snapshot()
    (strategist,) = snapshot.signers
    stranger = "0x" + "99" * 20

    check_signers(snapshot, [strategist])
    check_signers(replace(snapshot, signer_kind=1), [stranger])
    with pytest.raises(StrategistMismatch, match=strategist):
        check_signers(snapshot, [stranger])


def test_check_signers__one_key_of_two__says_how_many_are_needed() -> None:
    listed = ("0x" + "aa" * 20, "0x" + "bb" * 20, "0x" + "cc" * 20)
    snapshot = replace(make_snapshot(), signers=listed, threshold=2)

    check_signers(snapshot, listed[1:])
    with pytest.raises(SignaturesMissing, match="keystores are 1, expected 2"):
        check_signers(snapshot, [listed[0], listed[0]])


def test_sign_order__signature__recovers_to_the_signer() -> None:
    snapshot = replace(lending_snapshot(), vault="0x" + "5a" * 20)
    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)
    order = build_order(
        snapshot,
        decision.plan,
        relayer="0x" + "11" * 20,
        valid_after=1,
        deadline=2,
        public_after=2,
        inputs_hash=b"\1" * 32,
    )
    account = Account.from_key(KEY)

    digest, signature = sign_order(snapshot, order, [account])

    assert Account._recover_hash(digest, signature=signature) == account.address
    assert len(signature) == 65


def test_sign_order__two_of_three__signatures_by_ascending_address() -> None:
    accounts = [Account.from_key("0x" + f"{digit}" * 64) for digit in (1, 2, 3)]
    by_address = sorted(accounts, key=lambda account: int(account.address, 16))
    snapshot = replace(
        lending_snapshot(),
        vault="0x" + "5a" * 20,
        signers=tuple(account.address for account in by_address),
        threshold=2,
    )
    order = build_order(
        snapshot,
        decide(snapshot, make_signals(snapshot), Preferences(), ORDER).plan,
        relayer="0x" + "11" * 20,
        valid_after=1,
        deadline=2,
        public_after=2,
        inputs_hash=b"\1" * 32,
    )

    digest, signature = sign_order(snapshot, order, accounts)

    assert len(signature) == 2 * 65
    for i, account in enumerate(by_address[:2]):
        own = signature[65 * i : 65 * (i + 1)]
        assert Account._recover_hash(digest, signature=own) == account.address
