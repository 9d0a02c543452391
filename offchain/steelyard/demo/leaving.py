# SPDX-License-Identifier: MIT
"""The chapters in which depositors leave, and what the vault's fees came to."""

from steelyard.chain.transactions import call
from steelyard.demo import exits, people
from steelyard.demo.progress import Days
from steelyard.demo.record import FeesPaid
from steelyard.demo.stage import FIRST_DEPOSITOR, TREASURY, Stage
from steelyard.state import Snapshot
from steelyard.wad import WAD

WITHDRAWAL_ASSETS = 100_000 * 10**6


def leave(stage: Stage, days: Days) -> None:
    """In the middle of the demo: a part at once, a half in kind, all by the queue."""
    web3, system = stage.web3, stage.system
    first, second, third = stage.node.accounts[FIRST_DEPOSITOR : FIRST_DEPOSITOR + 3]
    alice, bob, carol = people.NAMES
    paid = exits.take_out(web3, system.vault, first, alice, WITHDRAWAL_ASSETS)
    slice_, words = exits.leave_in_kind(
        web3, system.vault, stage.market, stage.snapshot(), second, bob
    )
    asked = exits.ask_queue(web3, system, third, carol)
    stage.movements += [paid, slice_, asked]
    days.say(f"  {alice} withdraws {paid.assets / 1e6:,.2f} USDC")
    days.say(f"  {bob} leaves with half of his shares in kind: {words}")
    days.say(f"  {carol} asks the queue for {asked.assets / 1e6:,.2f} USDC")


def fill(stage: Stage, days: Days) -> None:
    """At the end a stranger fills the queue; who waited there claims."""
    web3, system, carol = stage.web3, stage.system, people.NAMES[-1]
    third = stage.node.accounts[FIRST_DEPOSITOR + 2]
    filled = exits.fill_queue(web3, system, stage.market.actors.trader, "a stranger")
    claimed = exits.claim_from_queue(web3, system, third, carol)
    stage.movements += [filled, claimed]
    words = f"{carol} claims {claimed.assets / 1e6:,.2f} USDC"
    days.say(f"  a stranger fills the queue, {words}")


def fees_paid(stage: Stage, closed: Snapshot) -> FeesPaid:
    """What lies with the treasury at the close."""
    vault, fees = stage.system.vault, stage.system.spec.fees
    shares = call(vault.functions.balanceOf(stage.node.accounts[TREASURY]))
    whole = 10**closed.share_decimals
    value_wad = shares * closed.share_price_wad // whole
    return FeesPaid(
        management_wad=0 if fees is None else fees.management_wad_per_year,
        performance_wad=0 if fees is None else fees.performance_wad,
        shares=shares,
        assets=value_wad * 10**closed.asset.decimals // WAD,
    )
