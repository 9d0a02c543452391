# SPDX-License-Identifier: MIT
"""Gas of moves that are rarer than deposits, withdrawals and orders."""

from eth_account.signers.local import LocalAccount
from web3.contract import Contract

from steelyard.bench.gas_vault import (
    ASSETS,
    GasVault,
    execute,
    open_vault,
    pass_time,
)
from steelyard.chain.config_args import market_id
from steelyard.chain.deploy import system_config
from steelyard.chain.transactions import call, send
from steelyard.demo.node import LocalNode, local_account

ALICE, BOB, PERMITTER = 1, 2, 5  # local accounts
# changes of ConfigEdit: its Field, an index, a value
FIRST_CAP_WAD = (5, 0, 10**17)  # of position 0, a tenth of net asset value
ASSET_SLIPPAGE_WAD = (2, 0, 1)
TWO_HOURS, TWO_DAYS = 7_200, 172_800


def other_moves(node: LocalNode) -> dict[str, int]:
    """Gas by move: exits in kind, the queue, permits, upkeep, configurations."""
    plain = open_vault(node)
    used = _exits(plain) | _queue(plain) | _permit(plain)
    return used | _management(plain) | _upkeep(open_vault(node)) | _checkpoints(node)


def _exits(bench: GasVault) -> dict[str, int]:
    alice = bench.node.accounts[ALICE]
    tenth = call(bench.vault.functions.balanceOf(alice)) // 10
    in_kind = bench.move("redeemInKind", tenth, alice, alice, 0, by=alice)
    idle = call(bench.asset.functions.balanceOf(bench.vault.address))
    beyond = idle + ASSETS // 50
    return {
        "redeem_in_kind": in_kind,
        "withdraw_drawing_a_position": bench.move(
            "withdraw", beyond, alice, alice, by=alice
        ),
    }


def _queue(bench: GasVault) -> dict[str, int]:
    alice, bob = bench.node.accounts[ALICE], bench.node.accounts[BOB]
    bench.move("deposit", ASSETS, bob, by=bob)
    queue, tenth = bench.system.queue, ASSETS // 10 * 10**6
    send(bench.web3, bench.vault.functions.approve(queue.address, 10 * tenth), alice)
    return {
        "queue_request": bench.used(queue.functions.request(tenth), alice),
        "withdraw_while_one_waits": bench.move(
            "withdraw", ASSETS // 10, bob, bob, by=bob
        ),
        "queue_fill_one": bench.used(queue.functions.fill(10), bob),
        "queue_claim": bench.used(queue.functions.claim(0, alice), alice),
    }


def _permit(bench: GasVault) -> dict[str, int]:
    """A holder's permit and its use, in one call by the spender."""
    owner, bob = local_account(PERMITTER), bench.node.accounts[BOB]
    shares = ASSETS // 10 * 10**6
    bench.move("transfer", owner.address, 2 * shares, by=bob)
    deadline = 2**40
    permit = _permit_call(bench.vault, owner, bob, shares, deadline)
    redeem = bench.vault.encode_abi("redeem", args=[shares, bob, owner.address])
    return {
        "multicall_permit_and_redeem": bench.move("multicall", [permit, redeem], by=bob)
    }


def _permit_call(
    vault: Contract, owner: LocalAccount, spender: str, value: int, deadline: int
) -> str:
    message = {
        "owner": owner.address,
        "spender": spender,
        "value": value,
        "nonce": call(vault.functions.nonces(owner.address)),
        "deadline": deadline,
    }
    types = {
        "owner": "address",
        "spender": "address",
        "value": "uint256",
        "nonce": "uint256",
        "deadline": "uint256",
    }
    domain = {
        "name": call(vault.functions.name()),
        "version": "1",
        "chainId": vault.w3.eth.chain_id,
        "verifyingContract": vault.address,
    }
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    signed = owner.sign_typed_data(domain, {"Permit": fields}, message)
    r, s = (part.to_bytes(32, "big") for part in (signed.r, signed.s))
    args = [owner.address, spender, value, deadline, signed.v, r, s]
    return str(vault.encode_abi("permit", args=args))


def _management(bench: GasVault) -> dict[str, int]:
    admin, web3 = bench.node.accounts[0], bench.web3
    config = system_config(web3, bench.system)
    return {
        "submit": bench.move("submit", config, by=admin),
        "tighten_one_field": bench.move("tighten", [ASSET_SLIPPAGE_WAD], by=admin),
        "brake": bench.move("brake", True, by=admin),
        "release_brake": bench.move("releaseBrake", by=admin),
        "cancel_order": bench.move("cancelOrder", by=bench.strategist),
    }


def _upkeep(bench: GasVault) -> dict[str, int]:
    """A reading of the share price, and a position brought back under its cap."""
    admin, bob = bench.node.accounts[0], bench.node.accounts[BOB]
    execute(bench, supplies=(0,), assets=ASSETS // 4)
    pass_time(bench.web3, TWO_HOURS)
    poke = bench.move("poke", by=bob)
    bench.move("tighten", [FIRST_CAP_WAD], by=admin)
    adapter = bench.system.adapters["erc4626"].address
    market = market_id(bench.targets[0].address)
    return {
        "poke_with_a_reading": poke,
        "heal": bench.move("heal", adapter, market, by=bob),
    }


def _checkpoints(node: LocalNode) -> dict[str, int]:
    """Moves that look at the performance fee, once a day; with a fee to be paid."""
    bench, bob = open_vault(node, fees=True), node.accounts[BOB]
    pass_time(bench.web3, TWO_DAYS)
    first = bench.move("deposit", ASSETS, bob, by=bob)
    gain = bench.asset.functions.transfer(bench.vault.address, ASSETS // 10)
    send(bench.web3, gain, bob)
    pass_time(bench.web3, TWO_DAYS)
    poke = bench.move("poke", by=bob)
    alice = node.accounts[ALICE]
    pass_time(bench.web3, TWO_DAYS)
    tenth = call(bench.vault.functions.balanceOf(alice)) // 10
    in_kind = bench.move("redeemInKind", tenth, alice, alice, 0, by=alice)
    return {
        "deposit_new_holder_at_a_checkpoint": first,
        "poke_at_a_checkpoint": poke,
        "redeem_in_kind_at_a_checkpoint": in_kind,
    }
