# SPDX-License-Identifier: MIT
"""Gas of the vault's main moves, from real transactions on a local chain.

Three ERC-4626 positions in the asset; then the same with one priced token listed. The
figures are those of the receipts: with calldata, after refunds.
"""

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.deploy import VaultSystem, deploy_system
from steelyard.chain.spec import FeedSpec, PositionSpec, TokenSpec, VaultSpec
from steelyard.chain.transactions import call, send
from steelyard.demo import erc4626, feeds, tokens
from steelyard.demo.node import LocalNode, local_account, local_node
from steelyard.order import (
    UINT_MAX,
    ZERO_ADDRESS,
    Rebalance,
    Supply,
    Target,
    Withdraw,
    signable,
)
from steelyard.wad import WAD

ASSETS = 10**12  # one million of 6 decimals
STRATEGIST = 3  # index of the local account that signs


def measure_gas() -> dict[str, dict[str, int]]:
    """Gas by operation, for the asset alone and with one more priced token."""
    with local_node("anvil") as node:
        asset_only = _measure(node, priced_tokens=0)
        one_priced = _measure(node, priced_tokens=1)
    return {"asset_only": asset_only, "one_priced_token": one_priced}


def _measure(node: LocalNode, *, priced_tokens: int) -> dict[str, int]:
    web3, admin, alice, bob = node.web3, *node.accounts[:3]
    asset = tokens.deploy_token(web3, "USDC", 6, sender=admin)
    targets = [
        erc4626.deploy_savings_vault(web3, asset, f"sv{i}", sender=admin)
        for i in range(3)
    ]
    strategist = local_account(STRATEGIST)
    spec = _spec(web3, asset, targets, strategist, priced_tokens)
    for who in (admin, alice, bob):
        tokens.give(web3, asset, who, 10 * ASSETS, sender=admin)
    system = deploy_system(web3, spec, admin)
    for who in (alice, bob):
        tokens.approve(web3, asset, system.vault.address, sender=who)

    vault, used = system.vault, {}
    send(web3, vault.functions.deposit(ASSETS, alice), alice)
    first = _order(web3, system, targets, ASSETS // 4, (), (0, 1, 2))
    _execute(web3, system, first, strategist, admin)
    deposit = vault.functions.deposit(ASSETS, bob)
    used["deposit_new_holder"] = int(send(web3, deposit, bob)["gasUsed"])
    used["deposit_existing_holder"] = int(send(web3, deposit, bob)["gasUsed"])
    part = call(vault.functions.balanceOf(bob)) // 10
    withdraw = vault.functions.withdraw(ASSETS // 10, bob, bob)
    used["withdraw_partial"] = int(send(web3, withdraw, bob)["gasUsed"])
    redeem = vault.functions.redeem(part, bob, bob)
    used["redeem_partial"] = int(send(web3, redeem, bob)["gasUsed"])
    second = _order(web3, system, targets, ASSETS // 8, (0,), (1,))
    used["rebalance_two_legs"] = _execute(web3, system, second, strategist, admin)
    return used


def _spec(
    web3: Web3,
    asset: Contract,
    targets: list[Contract],
    strategist: LocalAccount,
    priced_tokens: int,
) -> VaultSpec:
    listed = [TokenSpec(symbol="USDC", address=asset.address, feed=None)]
    admin = web3.eth.accounts[0]
    for i in range(priced_tokens):
        token = tokens.deploy_token(web3, f"T{i}", 18, sender=admin)
        feed = feeds.deploy_feed(web3, f"T{i} / USDC", sender=admin)
        now = int(web3.eth.get_block("latest")["timestamp"])
        feeds.push_answer(web3, feed, 10**8, now, sender=admin)
        source = FeedSpec(address=feed.address, heartbeat_seconds=86_400)
        listed.append(TokenSpec(symbol=f"T{i}", address=token.address, feed=source))
    return VaultSpec(
        name="Bench",
        symbol="BENCH",
        signers=(strategist.address,),
        tokens=tuple(listed),
        positions=tuple(
            PositionSpec(protocol="erc4626", market=target.address)
            for target in targets
        ),
    )


def _order(
    web3: Web3,
    system: VaultSystem,
    targets: list[Contract],
    assets: int,
    withdraws: tuple[int, ...],
    supplies: tuple[int, ...],
) -> Rebalance:
    """Moves `assets` out of and into positions, by index; three wide targets."""
    now = int(web3.eth.get_block("latest")["timestamp"])
    adapter = system.adapters["erc4626"].address
    markets = ["0x" + target.address[2:].rjust(64, "0") for target in targets]
    legs = {"adapter": adapter, "tick_lower": 0, "tick_upper": 0}
    return Rebalance(
        nonce=call(system.vault.functions.nonce()),
        valid_after=now,
        deadline=now + 600,
        relayer=ZERO_ADDRESS,
        public_after=0,
        config_hash="0x" + call(system.vault.functions.configHash()).hex(),
        share_price_floor_before=0,
        share_price_ceil_before=UINT_MAX,
        share_price_floor_after=WAD * 99 // 100,
        inputs_hash="0x" + "11" * 32,
        targets=tuple(
            Target(item=adapter, market=m, min_weight_wad=0, max_weight_wad=WAD)
            for m in markets
        ),
        withdraws=tuple(
            Withdraw(
                market=markets[i],
                units=assets,
                min_amounts=(assets - 1,),
                **legs,  # type: ignore[arg-type]
            )
            for i in withdraws
        ),
        swaps=(),
        supplies=tuple(
            Supply(
                market=markets[i],
                max_amounts=(assets - 1,),
                min_units=0,
                **legs,  # type: ignore[arg-type]
            )
            for i in supplies
        ),
    )


def _execute(
    web3: Web3,
    system: VaultSystem,
    order: Rebalance,
    strategist: LocalAccount,
    relayer: ChecksumAddress,
) -> int:
    """Gas used by the signed order."""
    name, vault = system.spec.name, system.vault
    message = signable(order, web3.eth.chain_id, vault.address, name)
    signature = strategist.sign_message(message).signature
    move = vault.functions.rebalance(order.as_tuple(), signature)
    return int(send(web3, move, relayer)["gasUsed"])
