# SPDX-License-Identifier: MIT
"""The vault's doors for depositors, and what of it is tested somewhere."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from support import (
    POOLS,
    POSITIONS,
    SEED,
    TOKENS,
    USDC,
    World,
    book,
    deposit,
    events,
    make_order,
    net_assets,
    order_events,
    relay,
    set_param,
    stored_rows,
)
from web3 import Web3

from steelyard.bench.sizes import CONTRACTS
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.deploy import addresses, deploy_system
from steelyard.chain.spec_fields import InvalidSpec
from steelyard.chain.spec_json import spec_from_json, spec_to_json
from steelyard.chain.transactions import call, send
from steelyard.demo import tokens

TESTS = Path(__file__).parents[1]
ERRORS = TESTS.parent / "contracts" / "libraries" / "Errors.sol"
NOT_OURS = {"AuthorityUpdated", "EIP712DomainChanged"}  # OpenZeppelin emits them


def named_in_tests(in_python: str, in_solidity: str) -> set[str]:
    """Names that these patterns find in the tests on chain and of Forge."""
    found: set[str] = set()
    for pattern, paths in (
        (in_python, (TESTS / "onchain").glob("*.py")),
        (in_solidity, (TESTS / "forge").rglob("*.sol")),
    ):
        for path in paths:
            found |= set(re.findall(pattern, path.read_text()))
    return found


def test_errors__each_is_raised_by_some_test():
    declared = re.findall(r"^error (\w+)\(", ERRORS.read_text(), re.MULTILINE)

    tested = named_in_tests(r'"([A-Z]\w+)"', r"\b([A-Z]\w+)\.selector\b")

    assert len(declared) > 70
    assert declared == sorted(declared)
    assert [name for name in declared if name not in tested] == []


def test_events__each_is_read_by_some_test():
    declared = {
        entry["name"]
        for name in (*CONTRACTS, "IOrderEvents", "IExitEvents", "IUpkeepEvents")
        for entry in own_artifact(name).abi
        if entry["type"] == "event"
    }

    tested = named_in_tests(r'"([A-Z]\w+)"', r"\bemit (?:\w+\.)?([A-Z]\w+)\(")

    assert len(declared) > 25
    assert sorted(declared - tested - NOT_OURS) == []


def test_deploy_system__as_specified__and_every_part_knows_the_vault(world):
    system, view = world.system, world.vault.functions

    assert call(view.asset()) == world.asset.address
    assert call(view.authority()) == system.authority.address
    assert call(view.nonce()) == 0
    assert set(system.adapters) == {"uniswap-v2", "uniswap-v3", "aave-v3", "erc4626"}
    assert set(system.venues) == {"uniswap-v2", "uniswap-v3"}
    assert set(system.sources) == {"ETH", "BTC"}
    listed = addresses(system)
    assert listed["vault"] == world.vault.address
    for adapter in listed["adapters"].values():
        assert Web3.is_checksum_address(adapter)


def test_deploy_system__spec_through_json__same_configuration(world):
    spec = spec_from_json(spec_to_json(world.system.spec))

    other = deploy_system(world.web3, spec, world.curator)

    assert spec == world.system.spec
    of_both = [stored_rows(world), stored_rows(replace(world, system=other))]
    for rows in of_both:
        set_param(rows, "queue", None)
        for item in (*rows[POSITIONS], *rows[POOLS]):
            item[0] = None  # adapters and venues are each vault's own
        for token in rows[TOKENS]:
            token[1] = None  # and so are sources
    assert of_both[0] == of_both[1]
    assert call(other.vault.functions.totalSupply()) == SEED * 10**6


def test_deploy_system__market_of_unlisted_tokens__one_clear_line(world):
    spec = world.system.spec
    without_eth = replace(spec, tokens=(spec.tokens[0], spec.tokens[2]))

    with pytest.raises(InvalidSpec, match="expected a listed token"):
        deploy_system(world.web3, without_eth, world.curator)


def test_permit__signed_allowance__redeems_for_the_owner(world):
    owner = Account.from_key("0x" + "0a" * 32)
    send(
        world.web3,
        world.vault.functions.transfer(owner.address, 10**6 * USDC),
        world.alice,
    )
    value, deadline = 10**6 * USDC, world.now() + 1000
    signature = owner.sign_typed_data(
        {
            "name": world.system.spec.name,
            "version": "1",
            "chainId": world.web3.eth.chain_id,
            "verifyingContract": world.vault.address,
        },
        {
            "Permit": [
                {"name": "owner", "type": "address"},
                {"name": "spender", "type": "address"},
                {"name": "value", "type": "uint256"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ]
        },
        {
            "owner": owner.address,
            "spender": world.bob,
            "value": value,
            "nonce": 0,
            "deadline": deadline,
        },
    )
    view, purse = world.vault.functions, tokens.balance_of(world.asset, world.bob)

    send(
        world.web3,
        view.permit(
            owner.address,
            world.bob,
            value,
            deadline,
            signature.v,
            signature.r.to_bytes(32, "big"),
            signature.s.to_bytes(32, "big"),
        ),
        world.bob,
    )
    send(world.web3, view.redeem(value, world.bob, owner.address), world.bob)

    assert tokens.balance_of(world.asset, world.bob) - purse == USDC
    assert call(view.nonces(owner.address)) == 1
    assert call(view.nonce()) == 0, "orders count for themselves"


def test_deposit__between_signing_and_sending__order_still_runs(world):
    signed = make_order(
        world.system,
        world.strategist,
        share_price_floor_before=10**18,
        share_price_ceil_before=10**18,
        share_price_floor_after=10**18,
    )
    deposit(world, world.bob, 33_333 * USDC)

    receipt = relay(world, signed)

    (event,) = order_events(world, receipt, "Rebalanced")
    assert event["navBefore"] == 133_333 * USDC == book(world)["nav"]


def test_withdraw__half_of_everything__the_rest_is_still_there(world: World):
    view = world.vault.functions
    shares = call(view.balanceOf(world.alice)) // 2

    receipt = send(
        world.web3, view.redeem(shares, world.alice, world.alice), world.alice
    )

    (event,) = events(receipt, world.vault, "Withdraw")
    assert event["assets"] == 50_000 * USDC - SEED // 2
    assert net_assets(world) == (50_000 * USDC + SEED // 2,) * 3
