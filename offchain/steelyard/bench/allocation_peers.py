# SPDX-License-Identifier: MIT
"""Asks optimisers for weights, each in a process of its own, with one thread.

`scripts/peers/allocation_loop.py` documents what is asked and what is answered.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steelyard.chain.artifacts import project_root

OWN = "steelyard"
PEERS = {  # by environment under .toolchain/peers, made by `make peers`
    "skfolio": "skfolio",
    "riskfolio": "Riskfolio-Lib",
    "pypfopt": "PyPortfolioOpt",
    "cvxportfolio": "cvxportfolio",
}
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
STARTING = 60.0  # seconds to import and to finish the run under way


@dataclass(frozen=True, kw_only=True)
class Party:
    """An optimiser that can be asked."""

    name: str
    python: Path
    script: Path


def parties() -> tuple[Party, ...]:
    """Ours, then the peers, whether they are installed or not."""
    root = project_root()
    folder = root / "scripts" / "peers"
    own = Party(
        name=OWN,
        python=Path(sys.executable),
        script=folder / "steelyard_allocate.py",
    )
    peers = (
        Party(
            name=name,
            python=root / ".toolchain" / "peers" / place / "bin" / "python",
            script=folder / f"{place}_allocate.py",
        )
        for place, name in PEERS.items()
    )
    return (own, *peers)


def ask(party: Party, request: dict[str, Any]) -> dict[str, Any]:
    """Its answer; `absent` and why where there is none."""
    if not party.python.exists():
        return {"absent": "not installed: make peers"}
    most = 2 * request["seconds"] + STARTING
    try:
        done = subprocess.run(
            [str(party.python), str(party.script)],
            input=json.dumps(request),
            env={**os.environ, **dict.fromkeys(THREADS, "1")},
            capture_output=True,
            text=True,
            timeout=most,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"absent": f"no answer within {most:g} s"}
    return parsed(done.stdout, done.stderr, done.returncode)


def parsed(stdout: str, stderr: str, code: int) -> dict[str, Any]:
    """The last line of what a script printed; packages may print before it."""
    lines = stdout.strip().splitlines()
    if code or not lines:
        return {"absent": (stderr.strip().splitlines() or ["no answer"])[-1]}
    try:
        answer = json.loads(lines[-1])
    except json.JSONDecodeError:
        return {"absent": f"no JSON: {lines[-1][:80]}"}
    if not isinstance(answer, dict):
        return {"absent": f"no answer: {lines[-1][:80]}"}
    return answer
