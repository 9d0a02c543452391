# SPDX-License-Identifier: MIT
"""The vault's doors for depositors, and that its code stays deployable."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from support import (
    USDC,
    World,
    book,
    deposit,
    events,
    make_order,
    net_assets,
    order_events,
    relay,
)
from web3 import Web3

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.deploy import LIBRARIES, addresses, deploy_system
from steelyard.chain.spec_json import spec_from_json, spec_to_json
from steelyard.chain.spec_fields import InvalidSpec
from steelyard.chain.transactions import call, send
from steelyard.demo import tokens

MOST_CODE_BYTES = 24_576  # EIP-170
ERRORS = Path(__file__).parents[2] / "contracts" / "libraries" / "Errors.sol"
EVENTS = ("SetConfig", "CancelOrder", "Rebalanced", "Withdrawn", "Swapped", "Supplied")


def test_errors__each_is_raised_by_some_test():
    declared = re.findall(r"^error (\w+)\(", ERRORS.read_text(), re.MULTILINE)
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_*.py")]
    quoted = {name for text in texts for name in re.findall(r'"([A-Z]\w+)"', text)}

    missing = [name for name in declared if name not in quoted]

    assert len(declared) > 40
    assert declared == sorted(declared)
    assert missing == []


@pytest.mark.parametrize("name", ["Vault", *LIBRARIES, "Lens", "UniswapV3Adapter"])
def test_code__below_the_limit_of_a_contract(name):
    code = own_artifact(name).deployed_bytecode

    assert 0 < len(code) // 2 <= MOST_CODE_BYTES


def test_events__the_abi_names_them_all():
    declared = {
        entry["name"]
        for name in ("IVault", "IOrderEvents")
        for entry in own_artifact(name).abi
        if entry["type"] == "event"
    }

    assert set(EVENTS) <= declared


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
    configs = [
        call(world.system.lens.functions.config(vault.address))
        for vault in (world.vault, other.vault)
    ]
    assert configs[0][0] == configs[1][0]
    assert configs[0][3:4] == configs[1][3:4]
    assert call(other.vault.functions.totalSupply()) == 0


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
    assert event["assets"] == 50_000 * USDC
    assert net_assets(world) == (50_000 * USDC,) * 3
