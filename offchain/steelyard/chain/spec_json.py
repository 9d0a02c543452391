# SPDX-License-Identifier: MIT
"""A vault's spec in JSON.

A number is an integer or its decimal text, and "max" stands for 2^256 - 1.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from steelyard.chain.spec import (
    DAY_SECONDS,
    NO_CAP,
    PROTOCOLS,
    SIGNER_KINDS,
    VENUE_PROTOCOLS,
    BudgetSpec,
    FeedSpec,
    FeesSpec,
    HubSpec,
    LimitsSpec,
    PoolSpec,
    PositionSpec,
    RolesSpec,
    SequencerSpec,
    TagSpec,
    TokenSpec,
    TwapSpec,
    VaultSpec,
)
from steelyard.chain.spec_fields import (
    InvalidSpec,
    address_of,
    addresses_of,
    market_of,
    number_of,
    record_of,
    records_of,
    text_of,
    texts_of,
)
from steelyard.state import Cap
from steelyard.wad import UINT256_MAX, WAD

T = TypeVar("T")


def load_spec(path: Path) -> VaultSpec:
    """The spec in a JSON file. Raises InvalidSpec, which names the field."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSpec("file", str(path), f"readable JSON ({error})") from None
    return spec_from_json(document)


def spec_from_json(document: Any) -> VaultSpec:
    """The spec in parsed JSON. Raises InvalidSpec, which names the field."""
    root = record_of(document, "spec")
    return VaultSpec(
        name=text_of(root, "name"),
        symbol=text_of(root, "symbol"),
        signers=addresses_of(root, "signers"),
        threshold=number_of(root, "threshold", 1),
        signer_kind=text_of(root, "signer_kind", SIGNER_KINDS, "ecdsa"),
        limits=_limits(root),
        fees=_optional(root, "fees", _fees),
        roles=_optional(root, "roles", _roles),
        sequencer=_optional(root, "sequencer", _sequencer),
        hubs=tuple(_hub(item) for item in records_of(root, "hubs")),
        least_queue_shares=number_of(root, "least_queue_shares", 10**6),
        tokens=tuple(_token(item) for item in records_of(root, "tokens")),
        positions=tuple(_position(item) for item in records_of(root, "positions")),
        pools=tuple(_pool(item) for item in records_of(root, "pools")),
        tags=tuple(
            TagSpec(name=text_of(item, "name"), cap=_cap(item))
            for item in records_of(root, "tags")
        ),
    )


def spec_to_json(spec: VaultSpec) -> dict[str, Any]:
    """JSON that `spec_from_json` reads back; numbers as text, which loses no digit."""
    return {key: _json(value) for key, value in vars(spec).items()}


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, int):
        return "max" if value == UINT256_MAX else str(value)
    if value is None or isinstance(value, str):
        return value
    return {key: _json(item) for key, item in vars(value).items()}


def _optional(
    root: Mapping[str, Any], field: str, build: Callable[[Mapping[str, Any]], T]
) -> T | None:
    value = root.get(field)
    return None if value is None else build(record_of(value, field))


def _limits(root: Mapping[str, Any]) -> LimitsSpec:
    item = record_of(root.get("limits", {}), "limits")
    default = LimitsSpec()
    numbers = {
        name: number_of(item, name, value)
        for name, value in vars(default).items()
        if isinstance(value, int)
    }
    budgets = {
        name: _budget(item, name, value)
        for name, value in vars(default).items()
        if isinstance(value, BudgetSpec)
    }
    return LimitsSpec(**numbers, **budgets)  # type: ignore[arg-type]


def _budget(item: Mapping[str, Any], field: str, default: BudgetSpec) -> BudgetSpec:
    budget = record_of(item.get(field, {}), field)
    return BudgetSpec(
        wad=number_of(budget, "wad", default.wad),
        refill_wad_per_day=number_of(
            budget, "refill_wad_per_day", default.refill_wad_per_day
        ),
    )


def _fees(item: Mapping[str, Any]) -> FeesSpec:
    return FeesSpec(
        recipient=address_of(item, "recipient"),
        management_wad_per_year=number_of(item, "management_wad_per_year", 0),
        performance_wad=number_of(item, "performance_wad", 0),
    )


def _roles(item: Mapping[str, Any]) -> RolesSpec:
    return RolesSpec(
        owner=address_of(item, "owner"),
        curator=address_of(item, "curator"),
        guardian=address_of(item, "guardian"),
        owner_delay_seconds=number_of(item, "owner_delay_seconds", 7 * DAY_SECONDS),
        curator_delay_seconds=number_of(item, "curator_delay_seconds", 7 * DAY_SECONDS),
    )


def _sequencer(item: Mapping[str, Any]) -> SequencerSpec:
    return SequencerSpec(
        address=address_of(item, "address"),
        grace_seconds=number_of(item, "grace_seconds", 3600),
    )


def _twap(item: Mapping[str, Any]) -> TwapSpec:
    return TwapSpec(
        pool=address_of(item, "pool"),
        window_seconds=number_of(item, "window_seconds", 1800),
        band_wad=number_of(item, "band_wad", WAD // 50),
    )


def _token(item: Mapping[str, Any]) -> TokenSpec:
    return TokenSpec(
        symbol=text_of(item, "symbol"),
        address=address_of(item, "address"),
        feed=_optional(item, "feed", _feed),
        twap=_optional(item, "twap", _twap),
        cap=_cap(item),
        slippage_wad=number_of(item, "slippage_wad", WAD // 100),
        deviation_wad=number_of(item, "deviation_wad", WAD // 50),
        tags=texts_of(item, "tags"),
    )


def _feed(item: Mapping[str, Any]) -> FeedSpec:
    return FeedSpec(
        address=address_of(item, "address"),
        heartbeat_seconds=number_of(item, "heartbeat_seconds"),
        uncertainty_wad=number_of(item, "uncertainty_wad", 0),
        growth_wad_per_second=number_of(item, "growth_wad_per_second", 0),
        least_answer=number_of(item, "least_answer", 1),
        most_answer=number_of(item, "most_answer", UINT256_MAX),
    )


def _position(item: Mapping[str, Any]) -> PositionSpec:
    return PositionSpec(
        protocol=text_of(item, "protocol", PROTOCOLS),
        market=market_of(item, "market"),
        cap=_cap(item),
        tags=texts_of(item, "tags"),
        min_health_wad=number_of(item, "min_health_wad", 0),
    )


def _pool(item: Mapping[str, Any]) -> PoolSpec:
    return PoolSpec(
        protocol=text_of(item, "protocol", VENUE_PROTOCOLS),
        pool=market_of(item, "pool"),
    )


def _hub(item: Mapping[str, Any]) -> HubSpec:
    return HubSpec(
        protocol=text_of(item, "protocol", PROTOCOLS),
        address=address_of(item, "address"),
    )


def _cap(item: Mapping[str, Any]) -> Cap:
    if "cap" not in item:
        return NO_CAP
    cap = record_of(item["cap"], "cap")
    return Cap(
        assets=number_of(cap, "assets", UINT256_MAX), wad=number_of(cap, "wad", WAD)
    )
