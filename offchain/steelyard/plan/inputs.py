# SPDX-License-Identifier: MIT
"""What a decision was made from, as text that is the same everywhere, and its hash."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from eth_utils.crypto import keccak

from steelyard.plan.errors import InputNotCanonical
from steelyard.plan.records import Tolerances
from steelyard.state import Snapshot

MODEL_VERSION = "steelyard-1"  # raised whenever equal inputs may give another order


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces, floats as their shortest exact text.

    Dataclasses carry their class's name under "type"; sets are sorted; bytes are
    0x-hex. Raises `InputNotCanonical` for what is not finite or not known.
    """
    return json.dumps(
        _plain(value, "input"), sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def snapshot_json(snapshot: Snapshot) -> str:
    """The snapshot as canonical JSON: the inputs that came from the chain."""
    return canonical_json(snapshot)


def digest_of(value: Any) -> bytes:
    """keccak256 of the canonical JSON: of signals, say."""
    return keccak(canonical_json(value).encode())


def inputs_hash(
    snapshot: Snapshot,
    signals_digest: bytes,
    preferences: Any,
    tolerances: Tolerances,
) -> bytes:
    """32 bytes that bind an order to all that it was computed from."""
    return digest_of(
        {
            "model": MODEL_VERSION,
            "preferences": preferences,
            "signals": signals_digest,
            "snapshot": snapshot,
            "tolerances": {
                "liquidity": tolerances.liquidity_tolerance_wad,
                "output": tolerances.output_tolerance_wad,
                "share_price": tolerances.share_price_tolerance_wad,
                "weight": tolerances.weight_tolerance_wad,
            },
        }
    )


def _plain(value: Any, path: str) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        found = {f.name: _plain(getattr(value, f.name), f.name) for f in fields(value)}
        return {"type": type(value).__name__, **found}
    if isinstance(value, Mapping):
        return {str(key): _plain(item, str(key)) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return [_plain(item, path) for item in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [_plain(item, path) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist(), path)
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if isinstance(value, float) and not np.isfinite(value):
        raise InputNotCanonical(path, value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise InputNotCanonical(path, value)
