# SPDX-License-Identifier: MIT
"""Everything about a vault that moves, read in one round of one call."""

from typing import Any, NamedTuple

from web3 import Web3

from steelyard.chain.readers import reader_of
from steelyard.chain.readers.base import Holding
from steelyard.chain.reads import (
    Read,
    ReadBlock,
    Rounds,
    own_read,
    read_round,
    run_rounds,
)
from steelyard.chain.vault_facts import (
    NOBODY,
    MarketFacts,
    SnapshotCache,
    VaultFacts,
)
from steelyard.state import MarketState

LOW = 0  # Side of Types.sol


class Status(NamedTuple):
    """VaultStatus of Status.sol."""

    brake_until: int
    brake_is_pause: bool
    supply_before: int
    touched_block: int
    touched_at: int
    net_flow: int
    checkpoint_day: int
    high_water: int
    checkpoint: int
    mark_wad: int
    reading_wad: int
    reading_at: int
    turned_at: int
    in_drawdown: bool
    loss_wad: int
    hold_wad: int
    turnover_wad: int
    ordered_at: int
    holdings: tuple[int, ...]


class Core(NamedTuple):
    """The vault's own answers."""

    config: str
    config_hash: bytes
    nonce: int
    total_supply: int
    share_price_wad: int
    nav_low: tuple[int, int]  # and the share supply once fees are paid
    book: tuple[Any, ...]
    status: tuple[Any, ...]
    excluded: tuple[Any, ...]
    queued_shares: int | None = None  # where there is a queue
    waiting_since: int | None = None


class Reading(NamedTuple):
    at: ReadBlock
    core: Core
    prices: tuple[tuple[int, int, int], ...]  # of the tokens but the asset
    units: tuple[int, ...]
    holdings: tuple[Holding, ...]
    states: dict[bytes, MarketState]


def read_moving(web3: Web3, facts: VaultFacts, cache: SnapshotCache) -> Reading:
    """One reading. Raises FactsStale, ContractReverted, AnswerUnreadable."""
    markets = {p.at.market: p.at for p in facts.positions}
    markets |= {p.market: p for p in facts.pools if p.market not in markets}
    tokens, positions = facts.tokens[1:], facts.positions
    at, answers = run_rounds(
        web3,
        facts.lens,
        [
            _core(facts),
            *(read_round(own_read("IPriceSource", "price", t.source)) for t in tokens),
            *(_units(p.at) for p in positions),
            *(_holding(p.at, cache) for p in positions),
            *(
                reader_of(m.protocol).state(m.facts, facts.lens)
                for m in markets.values()
            ),
        ],
    )
    first_units = 1 + len(tokens)
    first_holding = first_units + len(positions)
    first_state = first_holding + len(positions)
    return Reading(
        at=at,
        core=answers[0],
        prices=tuple(answer[0] for answer in answers[1:first_units]),
        units=tuple(answer[0] for answer in answers[first_units:first_holding]),
        holdings=tuple(answers[first_holding:first_state]),
        states=dict(zip(markets, answers[first_state:], strict=True)),
    )


def _core(facts: VaultFacts) -> Rounds[Core]:
    answers = yield [
        own_read("Vault", "config", facts.vault),
        own_read("Vault", "configHash", facts.vault),
        own_read("Vault", "nonce", facts.vault),
        Read(facts.vault, "totalSupply()", "uint256"),
        own_read("Vault", "sharePriceWad", facts.vault),
        own_read("Vault", "netAssetValue", facts.vault, (LOW,)),
        own_read("Lens", "book", facts.lens, (facts.vault,)),
        own_read("Lens", "status", facts.lens, (facts.vault,)),
        own_read("Vault", "excluded", facts.vault),
        *_queue(facts),
    ]
    return Core(*answers)


def _queue(facts: VaultFacts) -> tuple[Read, ...]:
    queue = facts.params.queue
    if queue == NOBODY:
        return ()
    return (
        Read(facts.vault, "balanceOf(address)", "uint256", (queue,)),
        own_read("ExitQueue", "waitingSince", queue),
    )


def _units(at: MarketFacts) -> Rounds[Any]:
    return read_round(Read(at.keeper, "units(bytes32)", "uint256", (at.market,)))


def _holding(at: MarketFacts, cache: SnapshotCache) -> Rounds[Holding]:
    read = reader_of(at.protocol).holding
    if read is None:
        yield []
        return Holding(ranges=(), ticks=())
    return (yield from read(at.keeper, at.market, cache.ticks.get(at.market, ())))
