# SPDX-License-Identifier: MIT
"""Ways out that the tests take."""

from support import USDC, World
from web3.types import TxReceipt

from steelyard.chain.transactions import call, send
from steelyard.demo import tokens

IN_SAVINGS = 10_000 * USDC  # of the invested vault
INTEREST = 1_000  # raw USDC that Aave pays on as much in 200 s


def leave(world: World, name: str, amount: int) -> TxReceipt:
    """Alice withdraws assets or redeems shares."""
    move = world.vault.functions[name](amount, world.alice, world.alice)
    return send(world.web3, move, world.alice)


def redeem_in_kind(world: World, shares: int, skip: int = 0) -> TxReceipt:
    view = world.vault.functions
    exit_ = view.redeemInKind(shares, world.alice, world.alice, skip)
    return send(world.web3, exit_, world.alice)


def shares_of(world: World, who: str) -> int:
    return int(call(world.vault.functions.balanceOf(who)))


def idle_of(world: World) -> int:
    return tokens.balance_of(world.asset, world.vault.address)


def pause_aave(world: World, paused: bool) -> None:
    set_ = world.market.aave.configurator.functions.setReservePause
    send(world.web3, set_(world.asset.address, paused), world.curator)
