# SPDX-License-Identifier: MIT
"""Gas is deterministic: what the vault takes is committed, and may only fall.

`python -m steelyard.bench gas --update` writes the figures of the code as it is.
"""

import json
from pathlib import Path

import pytest

from steelyard.bench import GAS_SNAPSHOT
from steelyard.bench.gas import Figures, measure_gas
from steelyard.chain.artifacts import project_root

MOST_CODE_BYTES = 24_576  # EIP-170
PLAIN = ("three_positions", "three_positions_with_fees")
BARS = {  # everything is under these
    **{(vault, "deposit_new_holder"): 150_000 for vault in PLAIN},
    **{(vault, "withdraw_partial"): 130_000 for vault in PLAIN},
    **{(vault, "rebalance_two_legs"): 250_000 for vault in PLAIN},
    ("slopes", "deposit_fourth_position"): 15_000,
    ("slopes", "deposit_positions_five_to_ten"): 15_000,
    ("slopes", "deposit_first_priced_token"): 26_000,
    ("slopes", "deposit_second_priced_token"): 26_000,
    ("slopes", "rebalance_first_priced_token"): 32_000,
    ("slopes", "rebalance_second_priced_token"): 32_000,
}


@pytest.fixture(scope="module")
def measured() -> dict[str, Figures]:
    return measure_gas()


def test_gas__measured_again__no_more_than_committed(measured):
    path: Path = project_root() / GAS_SNAPSHOT
    committed = json.loads(path.read_text())

    grown = {
        (group, name): (committed[group][name], figure)
        for group, figures in measured.items()
        for name, figure in figures.items()
        if figure > committed[group].get(name, 0)
    }

    assert grown == {}, "committed, measured"
    assert {g: set(f) for g, f in committed.items()} == {
        g: set(f) for g, f in measured.items()
    }


@pytest.mark.parametrize(("group", "name"), BARS)
def test_gas__under_the_bar(measured, group, name):
    assert 0 < measured[group][name] < BARS[group, name]


def test_gas__fees__cost_a_move_what_they_cost(measured):
    plain, with_fees = (measured[vault] for vault in PLAIN)

    for name, figure in plain.items():
        added = with_fees[name] - figure
        assert 0 <= added < 10_000, name


def test_code__below_the_limit_of_a_contract(measured):
    for name, size in measured["code_bytes"].items():
        assert 0 < size <= MOST_CODE_BYTES, name
