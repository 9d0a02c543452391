# SPDX-License-Identifier: MIT
"""Time from a new block to a broadcast order, split by the keeper's steps."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from steelyard.chain.deploy import deploy_system
from steelyard.demo import people
from steelyard.demo.days import STEP_SECONDS, Step, live
from steelyard.demo.keeping import demo_keeper
from steelyard.demo.node import LocalNode, local_account, local_node
from steelyard.demo.opening import open_market
from steelyard.demo.protocols import feed_prices_e8
from steelyard.demo.scenario import Options, prepare
from steelyard.demo.stage import DEPLOYER, FIRST_DEPOSITOR, STRATEGIST
from steelyard.demo.vault_spec import demo_vault
from steelyard.keeper.record import RunRecord
from steelyard.keeper.run import run_once

RUNS = 20
UNTIL_BROADCAST = (
    "read",
    "signals",
    "optimise",
    "plan",
    "sign",
    "simulate",
    "broadcast",
)


def measure_latency() -> dict[str, object]:
    """Milliseconds of each step over the runs that sent an order: median and most.

    The first run, which imports and compiles, is left out.
    """
    rng = np.random.default_rng(1)
    with local_node("anvil") as node, TemporaryDirectory() as folder:
        runs = _runs(node, Path(folder), rng)
    sent = [run for run in runs[1:] if run.outcome == "rebalanced"]
    steps = {
        step: _figures([run.timings_seconds[step] for run in sent])
        for step in UNTIL_BROADCAST
    }
    totals = [sum(run.timings_seconds[s] for s in UNTIL_BROADCAST) for run in sent]
    return {
        "orders": len(sent),
        "decisions": len(runs) - 1,
        "positions": len(runs[0].before.positions),
        "pools": len(runs[0].before.pools),
        "unit": "ms",
        "steps": steps,
        "total": _figures(totals),
    }


def _runs(node: LocalNode, folder: Path, rng: np.random.Generator) -> list[RunRecord]:
    """Decisions of a living market whose prices move by 3 % between them."""
    scenario = prepare(Options(days=1))
    _opening, market = open_market(scenario, node)
    strategist = local_account(STRATEGIST)
    spec = demo_vault(market, strategist.address)
    system = deploy_system(node.web3, spec, node.accounts[DEPLOYER])
    depositors = node.accounts[FIRST_DEPOSITOR : FIRST_DEPOSITOR + 3]
    people.pay_in(node.web3, system.vault, market.asset, depositors)
    runs = []
    with demo_keeper(node, system, strategist, folder) as keeper:
        for _ in range(RUNS + 1):
            runs.append(run_once(keeper))
            now = int(node.web3.eth.get_block("latest")["timestamp"])
            prices_e8 = {
                symbol: int(price * np.exp(0.03 * rng.standard_normal()))
                for symbol, price in feed_prices_e8(market).items()
                if symbol != "USDC"
            }
            step = Step(at=now + STEP_SECONDS, prices_e8={"USDC": 10**8, **prices_e8})
            live(node.web3, market, step, rng)
    return runs


def _figures(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {
        "median": round(median(seconds) * 1e3, 2),
        "most": round(max(seconds) * 1e3, 2),
    }
