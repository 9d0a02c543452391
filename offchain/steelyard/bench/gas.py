# SPDX-License-Identifier: MIT
"""Gas of the vault's moves, from real transactions on a local chain.

The figures are those of the receipts: with calldata, after refunds. A holder is new
when he has no share; positions are ERC-4626 vaults in the asset, all of them held.
"""

from typing import Any

from steelyard.bench.gas_others import other_moves
from steelyard.bench.gas_vault import (
    ASSETS,
    START,
    GasVault,
    even_clock,
    execute,
    open_vault,
)
from steelyard.bench.sizes import code_bytes
from steelyard.chain.transactions import call
from steelyard.demo.node import local_node

Figures = dict[str, int]
VAULTS: dict[str, dict[str, Any]] = {
    "three_positions": {},
    "three_positions_with_fees": {"fees": True},
    "four_positions": {"positions": 4},
    "ten_positions": {"positions": 10},
    "one_priced_token": {"priced_tokens": 1},
    "two_priced_tokens": {"priced_tokens": 2},
}


def measure_gas() -> dict[str, Figures]:
    """Gas by vault and move, slopes, rarer moves; and the size of all code [bytes]."""
    with local_node("anvil", timestamp=START) as node:
        even_clock(node.web3)
        figures = {name: _moves(open_vault(node, **o)) for name, o in VAULTS.items()}
        others = other_moves(node)
    return {
        **figures,
        "slopes": _slopes(figures),
        "others": others,
        "code_bytes": code_bytes(),
    }


def _moves(bench: GasVault) -> Figures:
    """Deposits, exits and an order of two legs, one after the other."""
    bob = bench.node.accounts[2]
    used = {
        "deposit_new_holder": bench.move("deposit", ASSETS, bob, by=bob),
        "deposit_existing_holder": bench.move("deposit", ASSETS, bob, by=bob),
        "withdraw_partial": bench.move("withdraw", ASSETS // 10, bob, bob, by=bob),
    }
    part = call(bench.vault.functions.balanceOf(bob)) // 10
    used["redeem_partial"] = bench.move("redeem", part, bob, bob, by=bob)
    used["rebalance_two_legs"] = execute(
        bench, withdraws=(0,), supplies=(1,), assets=ASSETS // 50
    )
    return used


def _slopes(figures: dict[str, Figures]) -> Figures:
    """What each further position or priced token adds, up."""

    def added(name: str, more: str, less: str, count: int = 1) -> int:
        return -(-(figures[more][name] - figures[less][name]) // count)

    deposit, rebalance = "deposit_new_holder", "rebalance_two_legs"
    three, four, ten = "three_positions", "four_positions", "ten_positions"
    one, two = "one_priced_token", "two_priced_tokens"
    return {
        "deposit_fourth_position": added(deposit, four, three),
        "deposit_positions_five_to_ten": added(deposit, ten, four, 6),
        "rebalance_fourth_position": added(rebalance, four, three),
        "rebalance_positions_five_to_ten": added(rebalance, ten, four, 6),
        "deposit_first_priced_token": added(deposit, one, three),
        "deposit_second_priced_token": added(deposit, two, one),
        "rebalance_first_priced_token": added(rebalance, one, three),
        "rebalance_second_priced_token": added(rebalance, two, one),
    }
