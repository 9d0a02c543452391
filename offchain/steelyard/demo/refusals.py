# SPDX-License-Identifier: MIT
"""Orders that the vault refuses, and what it says to them."""

from eth_account.signers.local import LocalAccount
from web3 import Web3

from steelyard.chain.deploy import VaultSystem
from steelyard.chain.errors import ContractReverted
from steelyard.chain.transactions import call
from steelyard.demo.errors import NotRefused
from steelyard.demo.record import Refusal
from steelyard.order import (
    UINT_MAX,
    ZERO_ADDRESS,
    Rebalance,
    Supply,
    Swap,
    Withdraw,
    signable,
)
from steelyard.state import PositionState, Snapshot

LENDING = ("erc4626", "aave-v3")


def over_cap_order(snapshot: Snapshot) -> Rebalance:
    """Moves every lending position, and all idle assets, into one of them."""
    lending = [
        (i, p)
        for i, p in enumerate(snapshot.positions)
        if p.protocol in LENDING and p.tokens == (0,)
    ]
    target = min((p for _, p in lending), key=lambda p: p.cap.bound(snapshot.nav))
    others = [p for _, p in lending if p is not target and p.units]
    found = snapshot.asset.inventory + sum(p.amounts[0] for p in others)
    return blank_order(
        snapshot,
        withdraws=tuple(_take_all(p) for p in others),
        supplies=(
            Supply(
                adapter=target.adapter,
                market=target.market,
                tick_lower=0,
                tick_upper=0,
                max_amounts=(found * 99 // 100,),
                min_units=0,
            ),
        ),
    )


def blank_order(
    snapshot: Snapshot,
    *,
    withdraws: tuple[Withdraw, ...] = (),
    swaps: tuple[Swap, ...] = (),
    supplies: tuple[Supply, ...] = (),
) -> Rebalance:
    """An order that asks for no weight and no share price: the vault's own limits are
    all that stands against it."""
    return Rebalance(
        nonce=snapshot.nonce,
        valid_after=snapshot.timestamp,
        deadline=snapshot.timestamp + snapshot.max_window_seconds,
        relayer=ZERO_ADDRESS,
        public_after=0,
        config_hash=snapshot.config_hash,
        share_price_floor_before=0,
        share_price_ceil_before=UINT_MAX,
        share_price_floor_after=0,
        inputs_hash="0x" + "00" * 32,
        targets=(),
        withdraws=withdraws,
        swaps=swaps,
        supplies=supplies,
    )


def _take_all(position: PositionState) -> Withdraw:
    return Withdraw(
        adapter=position.adapter,
        market=position.market,
        tick_lower=0,
        tick_upper=0,
        units=UINT_MAX,
        min_amounts=(0,),
    )


def refused(
    web3: Web3, system: VaultSystem, title: str, order: Rebalance, signer: LocalAccount
) -> Refusal:
    """What the vault answers to a signed order. Raises NotRefused when it takes it."""
    vault = system.vault
    message = signable(order, web3.eth.chain_id, vault.address, system.spec.name)
    signature = signer.sign_message(message).signature
    try:
        call(vault.functions.rebalance(order.as_tuple(), signature))
    except ContractReverted as reverted:
        return Refusal(
            title=title, error=reverted.name, arguments=dict(reverted.arguments)
        )
    raise NotRefused(title)
