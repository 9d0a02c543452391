# SPDX-License-Identifier: MIT
"""Thousands of acts in the lives of v3 and v4 pools, model against chain; JSON.

python tests/onchain/fuzz_concentrated.py [--acts 20000] [--seed 1]
Exits with 1 after any mismatch. Snapshots of real pools take part where there are some.
"""

import json
import os
import random
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import v3_cases
import v4_cases
from replay import Stage, deploy_stage, deploy_v3_pools, deploy_v4_manager
from v3_storage import restore

from steelyard.amm.v3_snapshot import load_v3_snapshots
from steelyard.demo.node import local_node

ACTS_A_LIFE = 60
MOST_SHOWN = 5  # mismatches told in full
Lives = Iterator[list[Any]]


def v3_lives(stage: Stage, rng: random.Random) -> Lives:
    pools = deploy_v3_pools(stage, v3_cases.KINDS)
    while True:
        for kind, pool in zip(v3_cases.KINDS, pools, strict=True):
            at = v3_cases.Where(pool=pool, owners=stage.names())
            yield v3_cases.acts(rng, at, kind, ACTS_A_LIFE)[0]


def v4_lives(stage: Stage, rng: random.Random) -> Lives:
    manager = deploy_v4_manager(stage)
    while True:
        for kind in v4_cases.KINDS:
            at = v4_cases.where(stage, manager, kind)
            yield v4_cases.acts(rng, at, kind, ACTS_A_LIFE)[0]


def snapshot_lives(stage: Stage, rng: random.Random, path: Path) -> Lives:
    restored = []
    for pool in load_v3_snapshots(path):
        kind = (pool.curve.fee_pips, pool.curve.tick_spacing)
        (address,) = deploy_v3_pools(stage, [kind])
        restore(stage, address, pool)
        restored.append((address, pool))
    while True:
        for address, pool in restored:
            at = v3_cases.Where(pool=address, owners=stage.names())
            yield v3_cases.continued(rng, at, pool, ACTS_A_LIFE)[0]


def campaign(
    stage: Stage,
    lives: Lives,
    compare: Callable[[Stage, list[Any]], list[str]],
    most: int,
) -> dict[str, Any]:
    acts: Counter[str] = Counter()
    reverts: Counter[str] = Counter()
    wrong: list[str] = []
    started = time.monotonic()
    while acts.total() < most:
        life = next(lives)
        acts.update(act.name for act in life)
        reverts.update(act.name for act in life if act.expected is None)
        wrong += compare(stage, life)
    for line in wrong[:MOST_SHOWN]:
        print(line, file=sys.stderr)
    return {
        "acts": acts.total(),
        "by_kind": dict(sorted(acts.items())),
        "reverts": dict(sorted(reverts.items())),
        "mismatches": len(wrong),
        "seconds": round(time.monotonic() - started, 1),
    }


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=20_000, help="of each protocol")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    folder = Path(os.environ.get("STEELYARD_DATA", "../shared/data"))
    path = folder / "univ3_pool_snapshots.json"
    if not path.is_file():
        print(f"left out: real pools, of which {path} is missing (STEELYARD_DATA)")
    rng = random.Random(args.seed)
    figures: dict[str, Any] = {}
    with local_node("anvil") as node:
        stage = deploy_stage(node.web3)
        runs = {
            "uniswap-v3": (v3_lives(stage, rng), v3_cases.compare),
            "uniswap-v4": (v4_lives(stage, rng), v4_cases.compare),
        }
        if path.exists():
            lives = snapshot_lives(stage, rng, path)
            runs["uniswap-v3 snapshots"] = (lives, v3_cases.compare)
        for name, (lives, compare) in runs.items():
            figures[name] = campaign(stage, lives, compare, args.acts)
    print(json.dumps({"seed": args.seed, **figures}, indent=2))
    return int(any(run["mismatches"] for run in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
