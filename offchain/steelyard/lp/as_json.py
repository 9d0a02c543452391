# SPDX-License-Identifier: MIT
"""An analysis as plain JSON values."""

import json
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

from steelyard.lp.analysis import LpAnalysis


def json_text(found: LpAnalysis) -> str:
    """Every number, by the records' own names; what is not finite is null."""
    return json.dumps(_plain(found))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
