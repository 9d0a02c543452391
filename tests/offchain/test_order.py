# SPDX-License-Identifier: MIT
"""The signed order: digest against EIP-712 done by hand, ABI tuple, JSON."""

from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st
from order_cases import ORDER, VAULT

from steelyard.order import (
    ENCODED,
    UINT_MAX,
    Rebalance,
    order_digest,
    signable,
)

ROOT = Path(__file__).parents[2]
UINT256 = st.integers(0, UINT_MAX)
TICK = st.integers(-(2**23), 2**23 - 1)


def word(value: int | str) -> bytes:
    """One ABI word: two's complement for integers, left-padded for hex."""
    if isinstance(value, int):
        return (value % 2**256).to_bytes(32, "big")
    return bytes.fromhex(value[2:]).rjust(32, b"\0")


def struct(type_hash: bytes, *words: int | str | bytes) -> bytes:
    parts = [part if isinstance(part, bytes) else word(part) for part in words]
    return keccak(type_hash + b"".join(parts))


def list_hash(items: list[bytes]) -> bytes:
    return keccak(b"".join(items))


def by_hand(order: Rebalance, chain_id: int, vault: str, name: str) -> bytes:
    """EIP-712 as the contract does it, without the library under test."""
    text = {key: f"{key}({members})".encode() for key, members in ENCODED.items()}
    root = b"".join(
        text[key] for key in ("Rebalance", "Supply", "Swap", "Target", "Withdraw")
    )
    hashes = {key: keccak(value) for key, value in text.items()} | {
        "Rebalance": keccak(root)
    }
    targets = [
        struct(hashes["Target"], t.item, t.market, t.min_weight_wad, t.max_weight_wad)
        for t in order.targets
    ]
    withdraws = [
        struct(
            hashes["Withdraw"],
            w.adapter,
            w.market,
            w.tick_lower,
            w.tick_upper,
            w.units,
            list_hash([word(a) for a in w.min_amounts]),
        )
        for w in order.withdraws
    ]
    swaps = [
        struct(
            hashes["Swap"],
            s.venue,
            s.pool,
            s.token_in,
            s.token_out,
            s.amount_in,
            s.min_amount_out,
        )
        for s in order.swaps
    ]
    supplies = [
        struct(
            hashes["Supply"],
            s.adapter,
            s.market,
            s.tick_lower,
            s.tick_upper,
            list_hash([word(a) for a in s.max_amounts]),
            s.min_units,
        )
        for s in order.supplies
    ]
    struct_hash = struct(
        hashes["Rebalance"],
        order.nonce,
        order.valid_after,
        order.deadline,
        order.relayer,
        order.public_after,
        order.config_hash,
        order.share_price_floor_before,
        order.share_price_ceil_before,
        order.share_price_floor_after,
        order.inputs_hash,
        list_hash(targets),
        list_hash(withdraws),
        list_hash(swaps),
        list_hash(supplies),
    )
    domain = struct(
        keccak(
            b"EIP712Domain(string name,string version,uint256 chainId,"
            b"address verifyingContract)"
        ),
        keccak(name.encode()),
        keccak(b"1"),
        chain_id,
        vault,
    )
    return keccak(b"\x19\x01" + domain + struct_hash)


def test_order_digest__every_list_filled__equals_eip712_by_hand():
    digest = order_digest(ORDER, 31337, VAULT, "Steelyard USDC")

    assert digest == by_hand(ORDER, 31337, VAULT, "Steelyard USDC")


def test_order_digest__empty_lists__equals_eip712_by_hand():
    order = replace(ORDER, targets=(), withdraws=(), swaps=(), supplies=())

    digest = order_digest(order, 1, VAULT, "V")

    assert digest == by_hand(order, 1, VAULT, "V")


@given(number=UINT256, tick=TICK, amounts=st.lists(UINT256, max_size=3))
def test_order_digest__random_words__equals_eip712_by_hand(number, tick, amounts):
    withdraw = replace(
        ORDER.withdraws[0], tick_lower=tick, units=number, min_amounts=tuple(amounts)
    )
    supply = replace(ORDER.supplies[0], tick_upper=tick, max_amounts=tuple(amounts))
    order = replace(
        ORDER, nonce=number, withdraws=(withdraw,) * 2, supplies=(supply,) * 3
    )

    digest = order_digest(order, 1, VAULT, "Vault \u00e9")

    assert digest == by_hand(order, 1, VAULT, "Vault \u00e9")


@pytest.mark.parametrize(
    "changed",
    [
        replace(ORDER, nonce=8),
        replace(ORDER, valid_after=0),
        replace(ORDER, deadline=0),
        replace(ORDER, relayer=VAULT),
        replace(ORDER, public_after=0),
        replace(ORDER, config_hash="0x" + "c1" * 32),
        replace(ORDER, share_price_floor_before=0),
        replace(ORDER, share_price_ceil_before=0),
        replace(ORDER, share_price_floor_after=0),
        replace(ORDER, inputs_hash="0x" + "1e" * 32),
        replace(ORDER, targets=ORDER.targets[::-1]),
        replace(ORDER, withdraws=()),
        replace(ORDER, swaps=()),
        replace(ORDER, supplies=()),
    ],
)
def test_order_digest__any_field_changed__differs(changed):
    digest = order_digest(changed, 31337, VAULT, "V")

    assert digest != order_digest(ORDER, 31337, VAULT, "V")


def test_signable__signed__recovers_the_strategist():
    account = Account.from_key(b"\x01" * 32)
    message = signable(ORDER, 31337, VAULT, "V")

    signed = account.sign_message(message)

    assert Account.recover_message(message, signature=signed.signature) == (
        account.address
    )
    assert bytes(signed.message_hash) == order_digest(ORDER, 31337, VAULT, "V")


def test_encoded__order_hash_in_solidity__holds_the_hashes_of_the_same_types():
    source = (ROOT / "contracts/libraries/OrderHash.sol").read_text()
    texts = {key: f"{key}({members})" for key, members in ENCODED.items()}
    others = sorted(set(texts) - {"Rebalance"})
    texts["Rebalance"] += "".join(texts[key] for key in others)  # EIP-712, encodeType

    missing = [
        key for key, text in texts.items() if keccak(text.encode()).hex() not in source
    ]

    assert missing == []


def test_as_tuple__order__has_abi_shape():
    values = ORDER.as_tuple()

    assert len(values) == 14
    assert values[0] == 7
    assert values[5] == b"\xc0" * 32
    assert values[11][0][2:] == (-60, 60, UINT_MAX, [3, 4])
    assert values[12][0][1] == bytes(12) + b"\x3c" * 20
    assert values[13][0][4:] == ([8, 9], 10)
