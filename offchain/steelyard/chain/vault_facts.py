# SPDX-License-Identifier: MIT
"""What stands still while a vault's configuration is in force: read once, kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from eth_utils.address import to_checksum_address
from web3 import Web3

from steelyard.chain.errors import ContractReverted
from steelyard.chain.readers import held, reader_of
from steelyard.chain.readers.base import Ticks, address_of
from steelyard.chain.reads import AnswerUnreadable, Read, Rounds, own_read, run_rounds
from steelyard.errors import SteelyardError
from steelyard.state import Cap

NOBODY = "0x" + "00" * 20


class VaultUnknown(SteelyardError):
    """No vault answers at the address."""

    def __init__(self, vault: str) -> None:
        super().__init__(f"vault is {vault}, expected the address of a Steelyard vault")


class LensUnknown(SteelyardError):
    """No Lens answers at the address."""

    def __init__(self, lens: str) -> None:
        super().__init__(f"lens is {lens}, expected the address of a Steelyard Lens")


class VaultNotConfigured(SteelyardError):
    """A vault that nobody has configured yet."""

    def __init__(self, vault: str) -> None:
        super().__init__(f"vault {vault} has no configuration, expected `submit` first")


class TokenFacts(NamedTuple):
    """TokenConfig of Types.sol, then what the token says of itself."""

    address: str
    source: str
    unit_scale: int
    tags: frozenset[int]
    cap: Cap
    slippage_wad: int
    deviation_wad: int
    symbol: str
    decimals: int


class Params(NamedTuple):
    """Params of Types.sol."""

    signer_kind: int
    threshold: int
    max_window_seconds: int
    cooldown_seconds: int
    idle_wad: int
    loss_wad: int
    loss_refill_wad: int
    hold_wad: int
    hold_refill_wad: int
    turnover_wad: int
    turnover_refill_wad: int
    drawdown_wad: int
    leverage_wad: int
    heal_band_wad: int
    heal_cooldown_seconds: int
    mark_max_age_seconds: int
    queue: str
    queue_max_wait_seconds: int
    fee_recipient: str
    management_fee_wad: int
    performance_fee_wad: int


class MarketFacts(NamedTuple):
    """A position or a pool: its contract, its market and what its reader keeps."""

    keeper: str  # the adapter or the venue
    market: bytes
    tokens: tuple[int, ...]
    protocol: str
    name: str
    facts: Any


class PositionFacts(NamedTuple):
    at: MarketFacts
    tags: frozenset[int]
    cap: Cap


@dataclass(frozen=True, kw_only=True)
class VaultFacts:
    """Everything about a vault that its configuration fixes."""

    vault: str
    lens: str
    name: str
    share_decimals: int
    config: str
    config_hash: bytes
    signers: tuple[str, ...]
    params: Params
    tokens: tuple[TokenFacts, ...]
    positions: tuple[PositionFacts, ...]
    pools: tuple[MarketFacts, ...]
    tags: tuple[tuple[str, Cap], ...]


@dataclass
class SnapshotCache:
    """What one reader of one vault remembers from one snapshot to the next."""

    facts: VaultFacts | None = None
    ticks: dict[bytes, Ticks] = field(default_factory=dict)  # ranges last seen


def read_facts(web3: Web3, vault: str, lens: str) -> VaultFacts:
    """The facts now: four calls to the node at most.

    Raises VaultUnknown, LensUnknown, VaultNotConfigured, ReaderMissing.
    """
    head = _head(web3, vault, lens)
    name, share_decimals, config_address, config_hash, config = head
    params, tokens, positions, tags, pools, signers = config
    _, results = run_rounds(
        web3,
        lens,
        [
            *(_token(token) for token in tokens),
            *(_market(p[0], p[1]) for p in positions),
            *(_market(p[0], p[1]) for p in pools),
        ],
    )
    token_facts = tuple(results[: len(tokens)])
    symbols = [token.symbol for token in token_facts]
    markets = results[len(tokens) :]
    return VaultFacts(
        vault=to_checksum_address(vault),
        lens=to_checksum_address(lens),
        name=name,
        share_decimals=share_decimals,
        config=to_checksum_address(config_address),
        config_hash=config_hash,
        signers=tuple(to_checksum_address(signer) for signer in signers),
        params=Params(*params),
        tokens=token_facts,
        positions=tuple(
            PositionFacts(
                at=_named(record, markets[i], symbols, _indexes(record)),
                tags=_bits(record[4]),
                cap=Cap(assets=record[5], wad=record[6]),
            )
            for i, record in enumerate(positions)
        ),
        pools=tuple(
            _named(record, markets[len(positions) + i], symbols, _indexes(record))
            for i, record in enumerate(pools)
            if markets[len(positions) + i][0] not in held.PROTOCOLS  # no curve here
        ),
        tags=tuple(
            (raw.rstrip(b"\0").decode(errors="replace"), Cap(assets=assets, wad=wad))
            for raw, assets, wad in tags
        ),
    )


def _head(web3: Web3, vault: str, lens: str) -> tuple[Any, ...]:
    """Vault's name, share decimals, config, its hash, and the config decoded."""

    def rounds() -> Rounds[tuple[Any, ...]]:
        answers = yield [
            Read(vault, "name()", "string", is_optional=True),
            Read(vault, "decimals()", "uint8", is_optional=True),
            replace(own_read("Vault", "config", vault), is_optional=True),
            replace(own_read("Vault", "configHash", vault), is_optional=True),
        ]
        if None in answers:
            raise VaultUnknown(vault)
        if answers[2] == NOBODY:
            raise VaultNotConfigured(vault)
        (config,) = yield [own_read("Lens", "config", lens, (vault,))]
        return (*answers, config)

    try:
        return tuple(run_rounds(web3, lens, [rounds()])[1][0])
    except (AnswerUnreadable, ContractReverted):
        raise LensUnknown(lens) from None


def _token(record: tuple[Any, ...]) -> Rounds[TokenFacts]:
    address, source, unit_scale, tags, *rest = record
    cap_assets, cap_wad, slippage_wad, deviation_wad = rest
    symbol, symbol_bytes, decimals = yield [
        Read(address, "symbol()", "string", is_optional=True),
        Read(address, "symbol()", "bytes32", is_optional=True),  # as the first tokens
        Read(address, "decimals()", "uint8"),
    ]
    if symbol is None:
        symbol = (symbol_bytes or b"").rstrip(b"\0").decode(errors="replace")
    return TokenFacts(
        address=to_checksum_address(address),
        source=to_checksum_address(source),
        unit_scale=unit_scale,
        tags=_bits(tags),
        cap=Cap(assets=cap_assets, wad=cap_wad),
        slippage_wad=slippage_wad,
        deviation_wad=deviation_wad,
        symbol=symbol or address[:8],
        decimals=decimals,
    )


def _market(keeper: str, market: bytes) -> Rounds[tuple[str, Any]]:
    """Protocol of an adapter or venue, and the reader's facts of one market."""
    (protocol,) = yield [Read(keeper, "protocol()", "string")]
    facts = yield from reader_of(protocol).facts(address_of(market))
    return protocol, facts


def _named(
    record: tuple[Any, ...],
    read: tuple[str, Any],
    symbols: Sequence[str],
    indexes: Sequence[int],
) -> MarketFacts:
    protocol, facts = read
    name = reader_of(protocol).name(facts, [symbols[i] for i in indexes])
    return MarketFacts(
        keeper=to_checksum_address(record[0]),
        market=record[1],
        tokens=tuple(indexes),
        protocol=protocol,
        name=name,
        facts=facts,
    )


def _indexes(record: tuple[Any, ...]) -> tuple[int, ...]:
    """Byte j of tokenIndexes, from the lowest, is the index of the market's token j."""
    count, packed = record[2], record[3]
    return tuple(packed >> (8 * j) & 0xFF for j in range(count))


def _bits(tags: int) -> frozenset[int]:
    return frozenset(i for i in range(tags.bit_length()) if tags >> i & 1)
