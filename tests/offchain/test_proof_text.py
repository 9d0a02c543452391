# SPDX-License-Identifier: MIT
"""What is said of a decision's proof."""

from dataclasses import replace

from plan_cases import Tolerances
from snapshots import (
    bytes32,
    cap,
    make_position,
    make_signals,
    make_snapshot,
)

from steelyard.cli.proof_text import proof_lines
from steelyard.keeper.decide import decide
from steelyard.lending import Erc4626
from steelyard.optimize import Preferences
from steelyard.state import UNLIMITED

SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)


def decided(yearly: float, **limits: int):
    position = make_position("savings", (0,), SAVINGS, market=1, cap=cap(0.4))
    snapshot = make_snapshot(positions=[position], limits=replace(UNLIMITED, **limits))
    signals = make_signals(snapshot, vault_yield_per_year={bytes32(1): yearly})
    preferences = Preferences(horizon_days=365, margin_wad=0)
    return snapshot, decide(snapshot, signals, preferences, Tolerances())


def test_proof_lines__rebalance__gap_rounding_checks_and_the_dearest_limit():
    snapshot, decision = decided(0.05)

    gap, rounding, checks, limit = proof_lines(snapshot, decision)

    assert gap.startswith("certified: no allowed amounts gain more than 0.00 USDC")
    lost = decision.rounding_loss_assets / 10**6
    assert decision.solution.gain_assets - decision.gain_assets == round(lost * 1e6)
    assert rounding == f"whole amounts and margins took {lost:.2f} USDC of the gain"
    kept = len(decision.plan.checks)
    assert checks == f"{kept} of {kept} limits kept in the contract's own integers"
    # 1,000,000 USDC of NAV: a percent more at 5 % a year
    assert limit == (
        "position savings cap binds: one more percent of NAV would earn 500.00 USDC "
        "at most"
    )


def test_proof_lines__gap_of_a_part_of_a_cent__rounded_up():
    snapshot, decision = decided(0.05)
    stats = replace(decision.solution.stats, certified_gap=4e-9)  # of a million USDC
    solution = replace(decision.solution, stats=stats)

    gap, *_ = proof_lines(snapshot, replace(decision, solution=solution))

    assert gap == (
        "certified: no allowed amounts gain more than 0.01 USDC beyond these "
        "(4.0e-09 of NAV)"
    )


def test_proof_lines__nothing_pays__gap_alone():
    snapshot, decision = decided(0.0)

    lines = list(proof_lines(snapshot, decision))

    assert [line.split(":")[0] for line in lines] == ["certified"]
    assert decision.rounding_loss_assets == 0


def test_proof_lines__every_order_is_refused__none():
    snapshot, decision = decided(0.05, brake_until=1_800_000_000, brake_is_pause=True)

    assert decision.solution is None
    assert list(proof_lines(snapshot, decision)) == []
