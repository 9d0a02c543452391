# SPDX-License-Identifier: MIT
"""Real market data, which is no part of the project: STEELYARD_DATA says where."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("STEELYARD_DATA", "../shared/data"))


def data_file(name: str) -> Path:
    """The file; a test without it is skipped, with the reason."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"real data is missing: {path} (set STEELYARD_DATA)")
    return path
