# SPDX-License-Identifier: MIT
"""One day of the demo, on its own chain, with all its promises."""

import json
from pathlib import Path

import pytest
from support import SEED
from web3 import Web3

from steelyard.demo.progress import Narrator
from steelyard.demo.record import DemoRecord
from steelyard.demo.scenario import Options
from steelyard.demo.story import play
from steelyard.keeper.record import json_text
from steelyard.report.as_json import record_json
from steelyard.report.page import write_page


@pytest.fixture(scope="module")
def record() -> DemoRecord:
    records: list[DemoRecord] = []
    play(Options(days=1), Narrator(), records.append)
    return records[0]


def test_demo__swaps__pay_what_was_predicted_to_the_wei(record):
    swaps = [swap for day in record.days for swap in day.run.swaps]

    assert swaps
    assert [s.executed_out for s in swaps] == [s.predicted_out for s in swaps]


def test_demo__weights_on_chain__stand_in_the_signed_bands(record):
    orders = [day.run for day in record.days if day.run.order]

    assert orders
    for run in orders:
        positions = {
            (p.adapter.lower(), p.market.lower()): p for p in run.after.positions
        }
        tokens = {token.address.lower(): token for token in run.after.tokens}
        for target in run.order.targets:
            if int(target.market, 16):
                held = positions[target.item.lower(), target.market.lower()]
                amounts = zip(held.amounts, held.tokens, strict=True)
                pairs = [(a, run.after.tokens[t]) for a, t in amounts]
            else:
                token = tokens[target.item.lower()]
                pairs = [(token.inventory, token)]
            assets = sum(a * token.price_e36 // 10**36 for a, token in pairs)
            weight_wad = assets * 10**18 // run.after.nav
            assert target.min_weight_wad <= weight_wad <= target.max_weight_wad


def test_demo__charges__are_as_predicted_and_within_the_budgets(record):
    charges = [charge for day in record.days for charge in day.run.charges]

    assert [c.budget for c in charges[:3]] == ["loss", "turnover", "hold"]
    assert all(charge.is_as_predicted for charge in charges)
    assert all(charge.level_wad <= charge.budget_wad for charge in charges)


def test_demo__bad_orders__are_refused_with_the_contracts_own_errors(record):
    errors = [refusal.error for refusal in record.refusals]

    assert errors == [
        "CooldownActive",
        "PositionCapExceeded",
        "InvalidSignature",
        "TurnoverBudgetExceeded",
        "LossBudgetExceeded",
        "ExposureRaised",
    ]
    cooldown, over, _, turnover, loss, braked = (r.arguments for r in record.refusals)
    assert cooldown["readyAt"] > cooldown["now_"]
    assert over["assets"] > over["capAssets"] > 0
    for spent in (turnover, loss):
        assert spent["levelWad"] > spent["budgetWad"] > 0
    assert braked["assets"] > braked["assetsBefore"]


def test_demo__depositors__leave_by_three_doors(record):
    kinds = [(movement.who, movement.kind) for movement in record.movements]

    assert kinds == [
        ("alice", "deposit"),
        ("bob", "deposit"),
        ("carol", "deposit"),
        ("alice", "withdraw"),
        ("bob", "in-kind"),
        ("carol", "request"),
        ("a stranger", "fill"),
        ("carol", "claim"),
    ]
    paid, slice_, asked, filled, claimed = record.movements[3:]
    assert claimed.assets == filled.assets > 0
    assert asked.shares == filled.shares == record.movements[2].shares
    assert slice_.shares == record.movements[1].shares // 2
    # in kind costs no spread: the slice is worth what its shares were
    assert slice_.assets == pytest.approx(slice_.shares / 10**12 * 10**6, rel=0.02)
    left = paid.shares + slice_.shares + filled.shares
    assert record.closed.total_supply == (
        SEED * 10**6
        + sum(m.shares for m in record.movements[:3])
        - left
        + record.fees.shares
    )


def test_demo__fees__are_paid_in_shares(record):
    fees = record.fees

    # 1 % of about 2,500,000 for a day, and no gain above the high-water mark
    assert fees.assets / 10**6 == pytest.approx(2_500_000 * 0.01 / 365, rel=0.3)
    assert fees.shares > 0


def test_demo__report__is_a_page_and_json(record, tmp_path: Path):
    page = write_page(record, tmp_path).read_text()
    data = json.loads(json_text(record_json(record)))

    assert "SIMULATED PRICES" in page.upper()
    for day in record.days:
        assert day.run.digest is None or day.run.digest in page
    assert data
    assert Web3.is_checksum_address(record.closed.vault)
