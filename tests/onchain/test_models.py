# SPDX-License-Identifier: MIT
"""Orders by other models than mean and variance, on the real chain."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keeper_cases import Desk, assert_targets_met, open_desk
from support import World

from steelyard.keeper import run
from steelyard.keeper.opening import open_keeper
from steelyard.keeper.own_limits import RISK_LIMIT
from steelyard.keeper.record import RunRecord
from steelyard.keeper.run import run_once
from steelyard.keeper.signals import SignalReading

RETURNS = np.array([0.0, 0.9, 0.5])  # a year, of USDC, ETH and BTC: risk pays


@pytest.fixture
def desk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A keeper that expects ETH and BTC to rise; all else is read and estimated."""
    read = run.read_signals

    def hopeful(*args: Any, **rest: Any) -> SignalReading:
        reading = read(*args, **rest)
        signals = replace(reading.signals, expected_returns=RETURNS)
        return replace(reading, signals=signals)

    monkeypatch.setattr(run, "read_signals", hopeful)
    return open_desk(world, tmp_path)


def run_by(desk: Desk, **model: Any) -> RunRecord:
    """One run by this model: the vault took its order, and stands as signed."""
    config = desk.config(preferences={"min_gain_assets": 1_000_000, "model": model})
    count, nonce = desk.sent

    with open_keeper(config, may_sign=True) as keeper:
        record = run_once(keeper)

    assert record.outcome == "rebalanced", record.reason
    assert desk.sent == (count + 1, nonce + 1)
    assert record.swaps
    assert_targets_met(record)
    return record


def assert_little_is_lost(record: RunRecord) -> None:
    """Whole amounts and margins take at most 2 % of the solution's gain."""
    solution = record.decision.solution
    assert solution is not None
    assert solution.gain_assets > 0
    lost = record.decision.rounding_loss_assets
    assert abs(lost) < 0.02 * solution.gain_assets


def test_run_once__utility_of_cvar__takes_the_risk_that_pays(desk: Desk) -> None:
    record = run_by(desk, measure="cvar", goal="utility", aversion=0.1)

    assert_little_is_lost(record)
    planned = record.decision.planned
    assert planned is not None
    assert planned.risk > 0.01
    assert "net of 0.1 x CVaR 95 %" in record.reason


def test_run_once__limit_of_cvar__binds_and_is_met(desk: Desk) -> None:
    record = run_by(desk, measure="cvar", goal="risk-at-most", most_risk=0.02)

    assert_little_is_lost(record)
    solution, planned = record.decision.solution, record.decision.planned
    assert solution is not None
    assert planned is not None
    assert RISK_LIMIT in [row.name for row in solution.binding]
    assert planned.risk == pytest.approx(0.02, rel=0.02)


def test_run_once__risk_parity__comes_nearer_to_its_weights(desk: Desk) -> None:
    record = run_by(desk, name="risk-parity")

    assert_little_is_lost(record)
    assert "towards the weights of risk parity" in record.reason
