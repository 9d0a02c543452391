# SPDX-License-Identifier: MIT
"""Which orders the vault runs: the right one, once, in time, by whoever may."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from support import (
    ETH,
    SAVINGS,
    USDC,
    V2,
    V2_POOL,
    ZERO_HASH,
    Signed,
    World,
    double,
    events,
    make_order,
    order_events,
    position_target,
    rebalance,
    reconfigure,
    relay,
    reverts,
    sign,
    supply,
    swap,
    token_target,
    with_limits,
    withdraw,
)
from web3 import Web3
from worlds import unconfigured

from steelyard.chain.deploy import deploy_system
from steelyard.chain.errors import ContractReverted
from steelyard.chain.snapshot import read_snapshot
from steelyard.chain.transactions import call, send
from steelyard.demo import clock
from steelyard.keeper.signer import sign_order
from steelyard.order import order_digest
from steelyard.wad import WAD

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
NOBODY = "0x" + "00" * 20

HONEST, REFUSE, SHORT, REVERT = range(4)  # modes of SignerWallet


@pytest.fixture
def full_order(invested: World) -> Signed:
    """A valid order with something in every one of its lists."""
    world = invested
    return make_order(
        world.system,
        world.strategist,
        withdraws=[withdraw(world, SAVINGS, 10**9, min_amounts={"USDC": 10**6})],
        swaps=[swap(world, V2_POOL, "USDC", "ETH", 1_000 * USDC, 1)],
        supplies=[supply(world, V2, {"USDC": 500 * USDC, "ETH": ETH // 4})],
        targets=(position_target(world, V2), token_target(world, "ETH", 0, WAD)),
        share_price_floor_before=1,
        share_price_floor_after=1,
    )


def leaves(value: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Paths to every number, address and hash inside nested tuples and lists."""
    if not isinstance(value, tuple | list):
        yield path
        return
    for i, item in enumerate(value):
        yield from leaves(item, (*path, i))


def with_leaf(value: Any, path: tuple[int, ...]) -> Any:
    """The same nest with the lowest bit of one leaf flipped."""
    if not path:
        if isinstance(value, int):
            return value ^ 1
        if isinstance(value, bytes):
            return value[:-1] + bytes([value[-1] ^ 1])
        return f"0x{int(value, 16) ^ 1:040x}"
    items = list(value)
    items[path[0]] = with_leaf(items[path[0]], path[1:])
    return type(value)(items)


def error_of(world: World, order: Any, signature: bytes) -> str:
    """Name of the error that the vault answers an order with."""
    rebalance_ = world.vault.functions.rebalance(order, signature)
    with pytest.raises(ContractReverted) as caught:
        call(rebalance_, sender=world.relayer)
    return caught.value.name


def checksummed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(checksummed(item) for item in value)
    if isinstance(value, str) and len(value) == 42:
        return Web3.to_checksum_address(value)
    return value


def test_rebalance__as_signed__runs_and_says_so(invested, full_order):
    world = invested
    nonce = call(world.vault.functions.nonce())

    receipt = relay(world, full_order)

    (event,) = order_events(world, receipt, "Rebalanced")
    chain_id = world.web3.eth.chain_id
    name = world.system.spec.name
    order = full_order.order
    assert event["digest"] == order_digest(order, chain_id, world.vault.address, name)
    assert event["nonce"] == nonce
    assert event["relayer"] == world.relayer
    assert event["inputsHash"] == bytes.fromhex(ZERO_HASH[2:])
    assert event["navAfter"] == call(world.vault.functions.totalAssets())
    assert event["sharePriceAfter"] == call(world.vault.functions.sharePriceWad())
    assert event["navBefore"] > event["navAfter"]
    assert event["sharePriceBefore"] > event["sharePriceAfter"]
    assert call(world.vault.functions.nonce()) == nonce + 1


def test_rebalance__no_action__changes_nothing_but_the_nonce(world):
    receipt = rebalance(world)

    (event,) = order_events(world, receipt, "Rebalanced")
    assert event["navBefore"] == event["navAfter"] == 100_000 * USDC
    assert event["sharePriceBefore"] == event["sharePriceAfter"] == WAD


def test_rebalance__any_one_field_changed__refused(invested, full_order):
    order, signature = full_order.order.as_tuple(), full_order.signature
    own_errors = {
        (0,): "WrongNonce",
        (3,): "WrongRelayer",
        (5,): "ConfigHashMismatch",
    }
    late = invested.now() + 10_000

    for path in leaves(order):
        changed = checksummed(with_leaf(order, path))
        if path == (3,):  # another relayer is refused only while he has it alone
            changed = (*changed[:4], late, *changed[5:])

        expected = own_errors.get(path, "InvalidSignature")
        assert error_of(invested, changed, signature) == expected, path

    assert len(list(leaves(order))) > 35


@pytest.mark.parametrize("field", ["targets", "withdraws", "swaps", "supplies"])
def test_rebalance__item_dropped_or_doubled__refused(invested, full_order, field):
    order, items = full_order.order, getattr(full_order.order, field)

    for changed in (items[:-1], (*items, items[-1])):
        other = replace(order, **{field: changed})
        error = error_of(invested, other.as_tuple(), full_order.signature)
        assert error == "InvalidSignature"


def test_rebalance__any_byte_of_the_call_changed__refused(invested, full_order):
    data = invested.vault.encode_abi(
        "rebalance", args=[full_order.order.as_tuple(), full_order.signature]
    )
    encoded = bytes.fromhex(data[2:])
    end = len(encoded) - 31  # a signature's padding carries nothing
    params = {"from": invested.relayer, "to": invested.vault.address}
    invested.web3.eth.call({**params, "data": encoded})

    for i in range(4, end, 7):  # 7 and 32 share no factor: every place in a word
        changed = encoded[:i] + bytes([encoded[i] ^ 1]) + encoded[i + 1 :]
        response = invested.web3.provider.make_request(
            "eth_call", [{**params, "data": "0x" + changed.hex()}, "latest"]
        )
        assert "error" in response, i


def test_rebalance__replayed__refused(world):
    signed = make_order(world.system, world.strategist)
    relay(world, signed)

    with reverts("WrongNonce", signed=0, current=1):
        relay(world, signed)


def test_rebalance__nonce_of_later__refused(world):
    with reverts("WrongNonce", signed=1, current=0):
        rebalance(world, nonce=1)


def test_rebalance__sent_late__refused(world):
    signed = make_order(world.system, world.strategist)
    clock.time_travel(world.web3, 1000)

    with reverts("OrderExpired", deadline=signed.order.deadline):
        relay(world, signed)


def test_rebalance__sent_early__refused(world):
    later = world.now() + 1000

    with reverts("OrderNotYetValid", validAfter=later):
        rebalance(world, valid_after=later, deadline=later + 60)


def test_rebalance__window_one_second_too_long__refused(world):
    now = world.now()
    world_window = world.system.spec.limits.max_window_seconds
    rebalance(world, valid_after=now - 100, deadline=now - 100 + world_window)

    with reverts("OrderWindowTooLong", windowSeconds=601, maxWindowSeconds=600):
        rebalance(world, valid_after=now - 100, deadline=now - 99 + world_window)


def test_rebalance__relayer_alone__others_refused_until_public(world):
    public = world.now() + 200
    signed = make_order(
        world.system, world.strategist, relayer=world.relayer, public_after=public
    )

    with reverts(
        "WrongRelayer",
        caller=world.alice,
        relayer=world.relayer,
        publicAfter=public,
    ):
        relay(world, signed, sender=world.alice)
    clock.time_travel(world.web3, 250)
    receipt = relay(world, signed, sender=world.alice)

    assert order_events(world, receipt, "Rebalanced")[0]["relayer"] == world.alice


def test_rebalance__relayer_himself__before_public(world):
    receipt = rebalance(world, relayer=world.relayer, public_after=world.now() + 400)

    assert order_events(world, receipt, "Rebalanced")[0]["relayer"] == world.relayer


def test_rebalance__caps_changed_since__refused(world):
    signed = make_order(world.system, world.strategist)
    changed = reconfigure(world, with_limits(world.system.spec, idle_wad=1))

    with reverts(
        "ConfigHashMismatch",
        signed=signed.order.config_hash,
        current=call(changed.vault.functions.configHash()),
    ):
        relay(world, signed)


def test_rebalance__same_configuration_set_again__still_runs(world):
    signed = make_order(world.system, world.strategist)
    reconfigure(world, world.system.spec)

    receipt = relay(world, signed)

    assert receipt["status"] == 1


def test_rebalance__other_key__refused_with_the_digest(world):
    thief = Account.from_key("0x" + "13" * 32)
    signed = make_order(world.system, thief)
    digest = order_digest(
        signed.order,
        world.web3.eth.chain_id,
        world.vault.address,
        world.system.spec.name,
    )

    with reverts("InvalidSignature", strategist=thief.address, digest=digest):
        relay(world, signed)


def test_rebalance__signed_for_another_vault__refused(world):
    other = deploy_system(world.web3, world.system.spec, world.curator)
    order = make_order(world.system, world.strategist).order
    signed = sign(other, world.strategist, order)

    with reverts("InvalidSignature"):
        relay(world, signed)


def malleable(signature: bytes) -> bytes:
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    return r + (SECP256K1_ORDER - s).to_bytes(32, "big") + bytes([55 - v])


def compact(signature: bytes) -> bytes:
    s = int.from_bytes(signature[32:64], "big") | (signature[64] - 27) << 255
    return signature[:32] + s.to_bytes(32, "big")


@pytest.mark.parametrize(
    ("spoil", "length"),
    [
        (compact, 64),
        (lambda signature: signature[:64], 64),
        (lambda signature: signature + b"\0", 66),
        (lambda signature: signature * 2, 130),
        (lambda _: b"", 0),
    ],
    ids=["compact", "short", "long", "twice", "empty"],
)
def test_rebalance__signature_of_another_length__refused(world, spoil, length):
    signed = make_order(world.system, world.strategist)

    with reverts("SignatureLengthMismatch", length=length, expected=65):
        relay(world, replace(signed, signature=spoil(signed.signature)))


@pytest.mark.parametrize(
    "spoil",
    [
        malleable,
        lambda _: b"\0" * 65,
        lambda _: b"\x01" * 65,
        lambda signature: signature[:64] + bytes([signature[64] ^ 1]),  # 26 or 29
    ],
    ids=["malleable", "zeros", "ones", "wrong v"],
)
def test_rebalance__signature_that_is_nobodys__refused(world, spoil):
    signed = make_order(world.system, world.strategist)

    with reverts("InvalidSignature", strategist=NOBODY):
        relay(world, replace(signed, signature=spoil(signed.signature)))


def test_rebalance__signature_of_the_other_point__is_another_signers(world):
    signed = make_order(world.system, world.strategist)
    spoilt = signed.signature[:64] + bytes([signed.signature[64] ^ 7])  # 27 and 28

    with pytest.raises(ContractReverted) as caught:
        relay(world, replace(signed, signature=spoilt))

    assert caught.value.name == "InvalidSignature"
    named = caught.value.arguments["strategist"].lower()
    assert named not in (NOBODY, world.strategist.address.lower())


COUNCIL = sorted(
    (Account.from_key(f"0x{number:064x}") for number in (0xA1, 0xB2, 0xC3)),
    key=lambda account: int(account.address, 16),
)


@pytest.fixture
def council(world: World) -> World:
    """A vault whose orders need two of three keys."""
    signers = tuple(account.address for account in COUNCIL)
    spec = replace(world.system.spec, signers=signers, threshold=2)
    return reconfigure(world, spec)


def joined(world: World, *signers: Any) -> Signed:
    """An order with a signature of each, in this order."""
    order = make_order(world.system, world.strategist).order
    parts = [sign(world.system, signer, order).signature for signer in signers]
    return Signed(order=order, signature=b"".join(parts))


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 2)])
def test_rebalance__two_of_three__runs(council, pair):
    signed = joined(council, *(COUNCIL[i] for i in pair))

    assert relay(council, signed)["status"] == 1


@pytest.mark.parametrize("pair", [(1, 0), (2, 0), (0, 0), (1, 1), (2, 2)])
def test_rebalance__signatures_not_ascending__refused(council, pair):
    second = COUNCIL[pair[1]]

    with reverts("InvalidSignature", strategist=second.address):
        relay(council, joined(council, *(COUNCIL[i] for i in pair)))


@pytest.mark.parametrize("count", [1, 3])
def test_rebalance__too_few_or_too_many_signatures__refused(council, count):
    with reverts("SignatureLengthMismatch", length=65 * count, expected=130):
        relay(council, joined(council, *COUNCIL[:count]))


def test_rebalance__stranger_among_the_signers__refused(council):
    stranger = council.strategist

    for signers in ((stranger, COUNCIL[2]), (COUNCIL[0], stranger)):
        with reverts("InvalidSignature", strategist=stranger.address):
            relay(council, joined(council, *signers))


def test_sign_order__council__the_vault_takes_what_the_keeper_signs(council):
    order = make_order(council.system, council.strategist).order
    vault, lens = council.vault.address, council.system.lens.address
    snapshot = read_snapshot(council.web3, vault, lens)

    digest, signature = sign_order(snapshot, order, COUNCIL[::-1])

    receipt = relay(council, Signed(order=order, signature=signature))
    (event,) = order_events(council, receipt, "Rebalanced")
    assert event["digest"] == digest


@pytest.fixture
def wallet_world(world: World) -> tuple[World, Any]:
    """A vault whose strategist is an ERC-1271 wallet of the same key."""
    wallet = double(world, "SignerWallet", world.strategist.address)
    spec = world.system.spec
    spec = replace(spec, signers=(wallet.address,), signer_kind="erc1271")
    return reconfigure(world, spec), wallet


def test_rebalance__wallet_says_yes__runs(wallet_world):
    world, _ = wallet_world

    receipt = rebalance(world)

    assert receipt["status"] == 1


def test_rebalance__wallet_of_another_key__refused(wallet_world):
    world, wallet = wallet_world
    thief = Account.from_key("0x" + "13" * 32)

    with reverts("InvalidSignature", strategist=wallet.address):
        relay(world, make_order(world.system, thief))


@pytest.mark.parametrize("mode", [REFUSE, SHORT, REVERT])
def test_rebalance__wallet_misbehaves__refused(wallet_world, mode):
    world, wallet = wallet_world
    send(world.web3, wallet.functions.setMode(mode), world.curator)

    with reverts("InvalidSignature", strategist=wallet.address):
        rebalance(world)


def test_rebalance__wallet_without_code__refused(world):
    spec = replace(world.system.spec, signer_kind="erc1271")

    with reverts("InvalidSignature", strategist=world.strategist.address):
        rebalance(reconfigure(world, spec))


def test_rebalance__contract_as_ecdsa_signer__not_asked(world):
    wallet = double(world, "SignerWallet", world.strategist.address)
    spec = replace(world.system.spec, signers=(wallet.address,))

    with reverts("InvalidSignature", strategist=world.strategist.address):
        rebalance(reconfigure(world, spec))


def test_cancel_order__by_strategist__kills_the_order_in_hand(world):
    signed = make_order(world.system, world.strategist)
    cancel = world.vault.functions.cancelOrder()

    receipt = send(world.web3, cancel, world.strategist)

    (event,) = events(receipt, world.vault, "CancelOrder")
    assert event == {"caller": world.strategist.address, "nonce": 0}
    with reverts("WrongNonce", signed=0, current=1):
        relay(world, signed)


def test_cancel_order__by_outsider__refused(world):
    with reverts("AccessManagedUnauthorized", caller=world.bob):
        send(world.web3, world.vault.functions.cancelOrder(), world.bob)


def test_cancel_order__by_granted_guardian__skips_the_nonce(world):
    guardian_role, authority = 7, world.system.authority
    selector = bytes.fromhex(world.vault.encode_abi("cancelOrder")[2:10])
    for step in (
        authority.functions.setTargetFunctionRole(
            world.vault.address, [selector], guardian_role
        ),
        authority.functions.grantRole(guardian_role, world.bob, 0),
    ):
        send(world.web3, step, world.curator)

    send(world.web3, world.vault.functions.cancelOrder(), world.bob)

    assert call(world.vault.functions.nonce()) == 1


def test_rebalance__vault_without_configuration__refused(world):
    vault = unconfigured(world)
    order = make_order(world.system, world.strategist).order

    with reverts("ConfigNotSet"):
        send(world.web3, vault.functions.rebalance(order.as_tuple(), b""), world.bob)
    with reverts("ConfigNotSet"):
        send(world.web3, vault.functions.cancelOrder(), world.curator)
