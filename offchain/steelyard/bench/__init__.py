# SPDX-License-Identifier: MIT
"""What Steelyard costs and how fast it is, measured in one run, as JSON."""

import json
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from steelyard.chain.artifacts import project_root

PACKAGES = ("web3", "cvxpy", "clarabel", "numpy", "daqp", "piqp", "highspy")
FIGURES = Path("reports/bench.json")
GAS_SNAPSHOT = Path("tests/onchain/gas.json")  # what `make test` holds the code to
# part: what is said while it runs; module and function of the same name
PARTS = {
    "gas": "gas of every move",
    "latency": "from a new block to a broadcast order",
    "quotes": "a million quotes of each curve",
    "concentrated": "quotes of concentrated pools",
    "routing": "routes through thousands of pools",
    "allocation": "weights under caps, ours and the peers'",
    "vault": "amounts of a vault, with and without gas",
    "vault_models": "amounts of a vault by other models",
    "periods": "plans of several orders",
}


def main(args: Any = None, *, parts: Sequence[str] = tuple(PARTS)) -> int:
    """Measures, says what it is doing on stderr, prints JSON; 0.

    All parts together are kept in `FIGURES`.
    """
    del args  # of the command line: none
    now = datetime.now(UTC).isoformat(timespec="seconds")
    figures: dict[str, Any] = {"at": now, "versions": _versions()}
    for part in parts:
        print(f"{PARTS[part]} ...", file=sys.stderr, flush=True)
        measure = getattr(import_module(f"steelyard.bench.{part}"), f"measure_{part}")
        figures[part] = measure()
    text = json.dumps(figures, indent=2)
    if set(parts) == set(PARTS):
        path = project_root() / FIGURES
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


def update_gas() -> int:
    """Measures gas alone, prints it as JSON and commits to it; 0."""
    from steelyard.bench.gas import measure_gas

    text = json.dumps(measure_gas(), indent=2)
    (project_root() / GAS_SNAPSHOT).write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **packages}
