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


def test_demo__bad_orders__are_refused_with_the_contracts_own_errors(record):
    errors = [refusal.error for refusal in record.refusals]

    assert errors == ["PositionCapExceeded", "InvalidSignature"]
    over = record.refusals[0].arguments
    assert over["assets"] > over["capAssets"] > 0


def test_demo__depositors__pay_in_and_one_takes_out(record):
    kinds = [(movement.who, movement.kind) for movement in record.movements]

    deposits = [("alice", "deposit"), ("bob", "deposit"), ("carol", "deposit")]
    assert kinds == [*deposits, ("alice", "withdraw")]
    assert record.closed.total_supply == (
        SEED * 10**6
        + sum(m.shares for m in record.movements[:3])
        - record.movements[3].shares
    )


def test_demo__report__is_a_page_and_json(record, tmp_path: Path):
    page = write_page(record, tmp_path).read_text()
    data = json.loads(json_text(record_json(record)))

    assert "SIMULATED PRICES" in page.upper()
    for day in record.days:
        assert day.run.digest is None or day.run.digest in page
    assert data
    assert Web3.is_checksum_address(record.closed.vault)
