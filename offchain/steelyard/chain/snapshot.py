# SPDX-License-Identifier: MIT
"""All that one decision reads, in one `eth_call` at one block."""

from eth_utils.address import to_checksum_address
from web3 import Web3

from steelyard.chain.readers.base import FactsStale
from steelyard.chain.reading import Core, Reading, Status, read_moving
from steelyard.chain.reads import ReadBlock
from steelyard.chain.snapshot_check import check_snapshot
from steelyard.chain.vault_facts import (
    MarketFacts,
    Params,
    PositionFacts,
    SnapshotCache,
    TokenFacts,
    VaultFacts,
    read_facts,
)
from steelyard.errors import SteelyardError
from steelyard.state import (
    Bucket,
    OrderLimits,
    PoolState,
    PositionState,
    QueueState,
    Snapshot,
    TagState,
    TokenState,
)
from steelyard.wad import WAD

MOST_ATTEMPTS = 4
BLOCKS_TOLD_APART = 65_536  # by VaultState.touchedBlock
BOOK_INVENTORY, BOOK_AMOUNTS, BOOK_NAV = 1, 2, 8  # members of Types.sol's Book


class SnapshotUnsettled(SteelyardError):
    """The vault changed every time it was read."""

    def __init__(self, vault: str, attempts: int) -> None:
        super().__init__(
            f"vault {vault} changed during {attempts} readings, expected one that holds"
        )


def read_snapshot(
    web3: Web3, vault: str, lens: str, cache: SnapshotCache | None = None
) -> Snapshot:
    """The vault at the newest block.

    With a `cache` that has seen this configuration: one call to the node (and one for
    the base fee where the node hides it from calls); else up to four calls first.
    Raises VaultUnknown, LensUnknown, VaultNotConfigured, ContractReverted (a stale
    price, say), SnapshotInconsistent, SnapshotUnsettled.
    """
    cache = SnapshotCache() if cache is None else cache
    for _ in range(MOST_ATTEMPTS):
        if cache.facts is None or cache.facts.vault != to_checksum_address(vault):
            cache.facts = read_facts(web3, vault, lens)
        facts = cache.facts
        try:
            reading = read_moving(web3, facts, cache)
        except FactsStale:
            cache.facts = None
            continue
        if reading.core.config_hash != facts.config_hash:
            cache.facts = None
            continue
        seen = {
            position.at.market: holding.ticks
            for position, holding in zip(facts.positions, reading.holdings, strict=True)
        }
        is_complete = all(cache.ticks.get(m, ()) == t for m, t in seen.items())
        cache.ticks = seen
        if is_complete:
            snapshot = _snapshot(facts, reading, _base_fee(web3, reading.at))
            return check_snapshot(snapshot, reading.core.book)
    raise SnapshotUnsettled(vault, MOST_ATTEMPTS)


def _base_fee(web3: Web3, at: ReadBlock) -> int:
    """Base fee of the block; nodes take it as 0 in a call that offers no gas price."""
    if at.base_fee_wei:
        return at.base_fee_wei
    return int(web3.eth.get_block(at.number).get("baseFeePerGas") or 0)


def _snapshot(facts: VaultFacts, reading: Reading, base_fee_wei: int) -> Snapshot:
    core, at = reading.core, reading.at
    inventory = core.book[BOOK_INVENTORY]
    prices = ((WAD, 0, at.timestamp), *reading.prices)
    return Snapshot(
        chain_id=at.chain_id,
        block_number=at.number,
        timestamp=at.timestamp,
        base_fee_wei=base_fee_wei,
        vault=facts.vault,
        name=facts.name,
        config=to_checksum_address(core.config),
        config_hash="0x" + core.config_hash.hex(),
        nonce=core.nonce,
        signers=facts.signers,
        threshold=facts.params.threshold,
        signer_kind=facts.params.signer_kind,
        max_window_seconds=facts.params.max_window_seconds,
        idle_wad=facts.params.idle_wad,
        total_supply=core.total_supply,
        share_decimals=facts.share_decimals,
        share_price_wad=core.share_price_wad,
        nav=core.book[BOOK_NAV],
        nav_low=core.nav_low[0],
        limits=_limits(facts.params, Status(*core.status)),
        tokens=tuple(
            _token(token, prices[i], inventory[i])
            for i, token in enumerate(facts.tokens)
        ),
        positions=tuple(
            _position(position, reading, i)
            for i, position in enumerate(facts.positions)
        ),
        tags=tuple(TagState(name=name, cap=cap) for name, cap in facts.tags),
        pools=tuple(_pool(pool, reading) for pool in facts.pools),
        queue=_queue(facts, core),
        supply_before=_supply_before(Status(*core.status), at, core.total_supply),
    )


def _supply_before(status: Status, at: ReadBlock, supply: int) -> int | None:
    """VaultState.supplyBeforeBlock; None where no share has moved in this block."""
    if status.touched_block != at.number % BLOCKS_TOLD_APART:
        return None
    if status.touched_at != at.timestamp:
        return None
    return min(status.supply_before, supply)


def _queue(facts: VaultFacts, core: Core) -> QueueState | None:
    if core.queued_shares is None or core.waiting_since is None:
        return None
    return QueueState(
        shares=core.queued_shares,
        waiting_since=core.waiting_since,
        max_wait_seconds=facts.params.queue_max_wait_seconds,
    )


def _token(facts: TokenFacts, price: tuple[int, int, int], held: int) -> TokenState:
    price_wad, uncertainty_wad, updated_at = price
    return TokenState(
        address=facts.address,
        symbol=facts.symbol,
        decimals=facts.decimals,
        unit_scale=facts.unit_scale,
        price_wad=price_wad,
        uncertainty_wad=uncertainty_wad,
        price_updated_at=updated_at,
        inventory=held,
        tags=facts.tags,
        cap=facts.cap,
        slippage_wad=facts.slippage_wad,
        deviation_wad=facts.deviation_wad,
    )


def _position(facts: PositionFacts, reading: Reading, index: int) -> PositionState:
    return PositionState(
        name=facts.at.name,
        protocol=facts.at.protocol,
        adapter=facts.at.keeper,
        market="0x" + facts.at.market.hex(),
        tokens=facts.at.tokens,
        units=reading.units[index],
        amounts=tuple(reading.core.book[BOOK_AMOUNTS][index]),
        ranges=reading.holdings[index].ranges,
        tags=facts.tags,
        cap=facts.cap,
        state=reading.states[facts.at.market],
        is_impaired=bool(reading.core.excluded[0] >> index & 1),
    )


def _limits(params: Params, status: Status) -> OrderLimits:
    return OrderLimits(
        cooldown_seconds=params.cooldown_seconds,
        ordered_at=status.ordered_at,
        loss=Bucket(
            budget_wad=params.loss_wad,
            refill_wad=params.loss_refill_wad,
            level_wad=status.loss_wad,
        ),
        hold=Bucket(
            budget_wad=params.hold_wad,
            refill_wad=params.hold_refill_wad,
            level_wad=status.hold_wad,
        ),
        turnover=Bucket(
            budget_wad=params.turnover_wad,
            refill_wad=params.turnover_refill_wad,
            level_wad=status.turnover_wad,
        ),
        drawdown_wad=params.drawdown_wad,
        mark_wad=status.mark_wad,
        turned_at=status.turned_at,
        in_drawdown=status.in_drawdown,
        brake_until=status.brake_until,
        brake_is_pause=status.brake_is_pause,
        leverage_wad=params.leverage_wad,
        mark_max_age_seconds=params.mark_max_age_seconds,
        holdings=tuple(status.holdings),
    )


def _pool(facts: MarketFacts, reading: Reading) -> PoolState:
    token0, token1 = facts.tokens
    state = reading.states[facts.market]
    return PoolState(
        name=facts.name,
        protocol=facts.protocol,
        venue=facts.keeper,
        pool="0x" + facts.market.hex(),
        tokens=(token0, token1),
        state=state,  # type: ignore[arg-type]  # venues list pools alone
    )
