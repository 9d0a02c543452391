# SPDX-License-Identifier: MIT
"""An order signed on several machines: each checks it against the chain."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from order_cases import ORDER
from snapshots import make_snapshot

from steelyard.keeper.order_file import (
    OrderFile,
    OrderFileInvalid,
    OrderMismatch,
    check_order_file,
    joined_signature,
    load_order_file,
    save_order_file,
    unsigned,
    with_signature,
)
from steelyard.keeper.order_text import order_text
from steelyard.keeper.signer import sign_order
from steelyard.order import Rebalance, Swap
from steelyard.state import Snapshot

ACCOUNTS = sorted(
    (Account.from_key("0x" + digit * 64) for digit in "123"),
    key=lambda account: int(account.address, 16),
)
NOW = 1_700_000_000  # of make_snapshot


def vault() -> Snapshot:
    """Wants two of three signatures."""
    return replace(
        make_snapshot(),
        vault="0x" + "5a" * 20,
        signers=tuple(account.address for account in ACCOUNTS),
        threshold=2,
        nonce=4,
    )


def order_for(snapshot: Snapshot, **changes: object) -> Rebalance:
    fields = {
        "nonce": snapshot.nonce,
        "config_hash": snapshot.config_hash,
        "valid_after": NOW,
        "deadline": NOW + 600,
        **changes,
    }
    return replace(ORDER, **fields)  # type: ignore[arg-type]


def test_with_signature__two_of_three__are_joined_by_ascending_address() -> None:
    snapshot = vault()
    file = unsigned(snapshot, order_for(snapshot))
    for account in (ACCOUNTS[2], ACCOUNTS[0]):
        file = with_signature(file, snapshot, account)

    joined = joined_signature(check_order_file(file, snapshot), snapshot)

    digest = bytes.fromhex(file.digest[2:])
    found = [
        Account._recover_hash(digest, signature=joined[65 * i : 65 * (i + 1)])
        for i in range(2)
    ]
    assert found == [ACCOUNTS[0].address, ACCOUNTS[2].address]
    assert len(joined) == 130


def test_save_order_file__read_back__is_the_same_and_a_wallet_can_sign_it(
    tmp_path: Path,
) -> None:
    snapshot, path = vault(), tmp_path / "order.json"
    file = with_signature(
        unsigned(snapshot, order_for(snapshot)), snapshot, ACCOUNTS[1]
    )

    save_order_file(path, file)

    assert load_order_file(path) == file
    typed = json.loads(path.read_text())["typed_data"]
    wallet = Account.from_key(ACCOUNTS[0].key)
    message = wallet.sign_typed_data(full_message=typed)
    assert "0x" + bytes(message.message_hash).hex() == file.digest


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda f: replace(f, chain_id=1), "chain"),
        (lambda f: replace(f, vault="0x" + "5b" * 20), "vault"),
        (lambda f: replace(f, name="Another"), "vault name"),
        (lambda f: replace(f, digest="0x" + "00" * 32), "digest"),
        (lambda f: replace(f, order=replace(f.order, nonce=5)), "nonce"),
        (lambda f: replace(f, order=replace(f.order, deadline=NOW - 1)), "deadline"),
        (lambda f: replace(f, order=replace(f.order, deadline=NOW + 3601)), "window"),
        (
            lambda f: replace(f, order=replace(f.order, config_hash="0x" + "11" * 32)),
            "configuration hash",
        ),
        (
            lambda f: replace(f, order=replace(f.order, relayer="0x" + "27" * 20)),
            "digest",
        ),
        (lambda f: replace(f, signatures={"0x" + "11" * 20: "0x00"}), "signer"),
        (
            lambda f: replace(f, signatures={ACCOUNTS[0].address: "0x00"}),
            f"signature of {ACCOUNTS[0].address}",
        ),
    ],
)
def test_check_order_file__anything_else_than_said__is_named(change, field) -> None:  # type: ignore[no-untyped-def]
    snapshot = vault()
    file: OrderFile = change(unsigned(snapshot, order_for(snapshot)))

    with pytest.raises(OrderMismatch) as caught:
        check_order_file(file, snapshot)

    assert caught.value.field == field


def test_with_signature__strangers_key__is_refused() -> None:
    snapshot = vault()
    file = unsigned(snapshot, order_for(snapshot))

    with pytest.raises(OrderMismatch, match="signer"):
        with_signature(file, snapshot, Account.from_key("0x" + "9" * 64))


def test_joined_signature__one_of_two__says_how_many_are_wanted() -> None:
    snapshot = vault()
    file = with_signature(
        unsigned(snapshot, order_for(snapshot)), snapshot, ACCOUNTS[0]
    )

    with pytest.raises(OrderMismatch, match="signatures is 1, expected 2"):
        joined_signature(file, snapshot)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"chain_id": 1}'])
def test_load_order_file__no_order__is_one_clear_line(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "order.json"
    path.write_text(text)

    with pytest.raises(OrderFileInvalid, match="what `steelyard plan --out` writes"):
        load_order_file(path)
    with pytest.raises(OrderFileInvalid, match="No such file"):
        load_order_file(tmp_path / "none.json")


def test_joined_signature__a_wallet__gets_all_of_them() -> None:
    snapshot = replace(vault(), signer_kind=1, threshold=1)
    file = unsigned(snapshot, order_for(snapshot))
    for account in ACCOUNTS:
        file = with_signature(file, snapshot, account)

    _, signed_at_once = sign_order(snapshot, file.order, ACCOUNTS)

    assert joined_signature(file, snapshot) == signed_at_once
    assert len(signed_at_once) == 3 * 65


@pytest.mark.parametrize(
    ("signer", "signature"), [("0x" + "11" * 20, "0xzz"), ("nobody", "0x" + "22" * 65)]
)
def test_load_order_file__signature_that_cannot_be__is_one_clear_line(
    signer: str, signature: str, tmp_path: Path
) -> None:
    snapshot, path = vault(), tmp_path / "order.json"
    file = unsigned(snapshot, order_for(snapshot))
    save_order_file(path, replace(file, signatures={signer: signature}))

    with pytest.raises(OrderFileInvalid, match=r"order\.json, expected what"):
        load_order_file(path)


def test_save_order_file__no_such_folder__is_one_clear_line(tmp_path: Path) -> None:
    snapshot = vault()
    file = unsigned(snapshot, order_for(snapshot))

    with pytest.raises(OrderFileInvalid, match="a file that can be written"):
        save_order_file(tmp_path / "nowhere" / "order.json", file)


def test_order_text__every_action__is_told_with_its_minimum() -> None:
    snapshot = vault()
    usdc = snapshot.asset
    swap = Swap(
        venue="0x" + "aa" * 20,
        pool="0x" + "bb" * 32,
        token_in=usdc.address,
        token_out="0x" + "cc" * 20,
        amount_in=5 * 10**6,
        min_amount_out=7,
    )
    order = order_for(snapshot, withdraws=(), swaps=(swap,), supplies=())

    text = order_text(order, snapshot)

    assert f"order 4 of {snapshot.name}" in text
    assert "swap 5 USDC for at least 7 raw units of a token that the vault" in text
    assert "share price " in text
    nothing = order_text(replace(order, swaps=()), snapshot)
    assert nothing.endswith("nothing moves")
