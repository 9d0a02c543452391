# SPDX-License-Identifier: MIT
"""What Steelyard costs and how fast it is, measured in one run, as JSON."""

import json
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from steelyard.chain.artifacts import project_root

PACKAGES = ("web3", "cvxpy", "clarabel", "numpy")
FIGURES = Path("reports/bench.json")
GAS_SNAPSHOT = Path("tests/onchain/gas.json")  # what `make test` holds the code to


def main(_args: object = None) -> int:
    """Measures, says what it is doing on stderr, prints and keeps JSON; 0."""
    from steelyard.bench.concentrated import measure_concentrated
    from steelyard.bench.gas import measure_gas
    from steelyard.bench.latency import measure_latency

    now = datetime.now(UTC).isoformat(timespec="seconds")
    figures: dict[str, Any] = {"at": now, "versions": _versions()}
    print("gas of every move ...", file=sys.stderr, flush=True)
    figures["gas"] = measure_gas()
    print("from a new block to a broadcast order ...", file=sys.stderr, flush=True)
    figures["latency"] = measure_latency()
    print("quotes of concentrated pools ...", file=sys.stderr, flush=True)
    figures["concentrated"] = measure_concentrated()
    text = json.dumps(figures, indent=2)
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


def gas(*, update: bool) -> int:
    """Measures gas alone, prints it as JSON and, with `update`, commits to it; 0."""
    from steelyard.bench.gas import measure_gas

    text = json.dumps(measure_gas(), indent=2)
    if update:
        (project_root() / GAS_SNAPSHOT).write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **packages}


def concentrated() -> int:
    """Measures quotes of concentrated pools alone, prints them as JSON; 0."""
    from steelyard.bench.concentrated import measure_concentrated

    print(json.dumps({"versions": _versions(), **measure_concentrated()}, indent=2))
    return 0
