# SPDX-License-Identifier: MIT
"""The vaults whose gas is measured: ERC-4626 positions, priced tokens, fees.

Blocks are 12 s apart by the node's own count, so that every measurement of the same
code is the same to the unit.
"""

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.types import RPCEndpoint

from steelyard.chain.config_args import market_hex
from steelyard.chain.deploy import VaultSystem, deploy_system
from steelyard.chain.spec import (
    BudgetSpec,
    FeedSpec,
    FeesSpec,
    LimitsSpec,
    PositionSpec,
    TokenSpec,
    VaultSpec,
)
from steelyard.chain.transactions import Sender, call, send
from steelyard.demo import erc4626, feeds, tokens
from steelyard.demo.node import LocalNode, local_account
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

START = 1_700_000_000  # of the node's clock
BLOCK_SECONDS = 12
ASSETS = 10**12  # one million of 6 decimals
STRATEGIST = 3  # index of the local account that signs
TREASURY = 4
UNCERTAINTY_WAD = WAD // 200
LIMITS = LimitsSpec(
    cooldown_seconds=BLOCK_SECONDS,
    idle_wad=WAD // 100,
    loss=BudgetSpec(wad=WAD // 50, refill_wad_per_day=WAD // 100),
)


@dataclass(frozen=True, kw_only=True)
class GasVault:
    """A vault with a million of alice's in it, and what is needed to move it."""

    node: LocalNode
    asset: Contract
    targets: tuple[Contract, ...]  # ERC-4626 vaults, one a position
    system: VaultSystem
    strategist: LocalAccount

    @property
    def web3(self) -> Web3:
        return self.node.web3

    @property
    def vault(self) -> Contract:
        return self.system.vault

    def move(self, name: str, *args: Any, by: Sender) -> int:
        """Gas of one call of the vault."""
        return self.used(self.vault.functions[name](*args), by)

    def used(self, function: ContractFunction, by: Sender) -> int:
        return int(send(self.web3, function, by)["gasUsed"])


def even_clock(web3: Web3) -> None:
    """From here on each block is as late after the last one as any other."""
    method = RPCEndpoint("anvil_setBlockTimestampInterval")
    web3.provider.make_request(method, [BLOCK_SECONDS])


def pass_time(web3: Web3, seconds: int) -> None:
    """One empty block so much later."""
    now = int(web3.eth.get_block("latest")["timestamp"])
    for method, params in (
        ("evm_setNextBlockTimestamp", [now + seconds]),
        ("evm_mine", []),
    ):
        web3.provider.make_request(RPCEndpoint(method), params)


def open_vault(
    node: LocalNode, *, positions: int = 3, priced_tokens: int = 0, fees: bool = False
) -> GasVault:
    """A vault with a quarter of its million spread over the positions.

    Of each priced token it holds one. Whoever moves it has approved it before.
    """
    web3, (admin, alice, bob) = node.web3, node.accounts[:3]
    asset = tokens.deploy_token(web3, "USDC", 6, sender=admin)
    targets = tuple(
        erc4626.deploy_savings_vault(web3, asset, f"sv{i}", sender=admin)
        for i in range(positions)
    )
    spec = VaultSpec(
        name="Bench",
        symbol="BENCH",
        signers=(local_account(STRATEGIST).address,),
        limits=LIMITS,
        fees=_fees(node) if fees else None,
        tokens=(
            TokenSpec(symbol="USDC", address=asset.address, feed=None),
            *(_priced(web3, f"T{i}", admin) for i in range(priced_tokens)),
        ),
        positions=tuple(
            PositionSpec(protocol="erc4626", market=target.address)
            for target in targets
        ),
    )
    for who in (admin, alice, bob):
        tokens.give(web3, asset, who, 10 * ASSETS, sender=admin)
    system = deploy_system(web3, spec, admin)
    found = GasVault(
        node=node,
        asset=asset,
        targets=targets,
        system=system,
        strategist=local_account(STRATEGIST),
    )
    for who in (alice, bob):
        tokens.approve(web3, asset, system.vault.address, sender=who)
    for token in spec.tokens[1:]:
        held = web3.eth.contract(address=token.address, abi=asset.abi)
        tokens.give(web3, held, system.vault.address, 10**18, sender=admin)
    found.move("deposit", ASSETS, alice, by=alice)
    execute(found, supplies=tuple(range(positions)), assets=ASSETS // 4 // positions)
    if fees:  # the treasury has shares already
        found.move("deposit", ASSETS, alice, by=alice)
    return found


def _fees(node: LocalNode) -> FeesSpec:
    return FeesSpec(
        recipient=node.accounts[TREASURY],
        management_wad_per_year=WAD // 50,
        performance_wad=WAD // 10,
    )


def _priced(web3: Web3, symbol: str, admin: ChecksumAddress) -> TokenSpec:
    """A token worth one asset, by one feed."""
    token = tokens.deploy_token(web3, symbol, 18, sender=admin)
    feed = feeds.deploy_feed(web3, f"{symbol} / USDC", sender=admin)
    now = int(web3.eth.get_block("latest")["timestamp"])
    feeds.push_answer(web3, feed, 10**8, now, sender=admin)
    return TokenSpec(
        symbol=symbol,
        address=token.address,
        feed=FeedSpec(
            address=feed.address,
            heartbeat_seconds=86_400,
            uncertainty_wad=UNCERTAINTY_WAD,
        ),
    )


def execute(
    bench: GasVault,
    *,
    withdraws: tuple[int, ...] = (),
    supplies: tuple[int, ...] = (),
    assets: int,
) -> int:
    """Gas of a signed order that moves `assets` out of and into positions."""
    order = _order(bench, withdraws, supplies, assets)
    name, vault, web3 = bench.system.spec.name, bench.vault, bench.web3
    message = signable(order, web3.eth.chain_id, vault.address, name)
    signature = bench.strategist.sign_message(message).signature
    relayer = bench.node.accounts[0]
    return bench.move("rebalance", order.as_tuple(), signature, by=relayer)


def _order(
    bench: GasVault, withdraws: tuple[int, ...], supplies: tuple[int, ...], assets: int
) -> Rebalance:
    """With three wide targets."""
    now = int(bench.web3.eth.get_block("latest")["timestamp"])
    adapter = bench.system.adapters["erc4626"].address
    markets = [market_hex(target.address) for target in bench.targets]
    legs: dict[str, Any] = {"adapter": adapter, "tick_lower": 0, "tick_upper": 0}
    return Rebalance(
        nonce=call(bench.vault.functions.nonce()),
        valid_after=now,
        deadline=now + 600,
        relayer=ZERO_ADDRESS,
        public_after=0,
        config_hash="0x" + call(bench.vault.functions.configHash()).hex(),
        share_price_floor_before=0,
        share_price_ceil_before=UINT_MAX,
        share_price_floor_after=WAD * 99 // 100,
        inputs_hash="0x" + "11" * 32,
        targets=tuple(
            Target(item=adapter, market=m, min_weight_wad=0, max_weight_wad=WAD)
            for m in markets[:3]
        ),
        withdraws=tuple(
            Withdraw(market=markets[i], units=assets, min_amounts=(assets - 1,), **legs)
            for i in withdraws
        ),
        swaps=(),
        supplies=tuple(
            Supply(market=markets[i], max_amounts=(assets - 1,), min_units=0, **legs)
            for i in supplies
        ),
    )
