# SPDX-License-Identifier: MIT
"""The order that carries a plan, and the hash of what it was made from."""

from dataclasses import fields, replace

import pytest
from plan_cases import (
    SAVINGS,
    Aim,
    Answer,
    Tolerances,
    snapshot,
)

from steelyard.plan import (
    build_order,
    canonical_json,
    inputs_hash,
    plan_order,
    snapshot_json,
)
from steelyard.plan.errors import InputNotCanonical

TOLERANCES = Tolerances()
PREFERENCES = {"risk_aversion": 4.0}


def test_build_order__plan__carries_it_unchanged():
    state = snapshot()
    plan = plan_order(
        state, Answer(positions=(Aim(position=SAVINGS, value=0.25),)), TOLERANCES
    )

    order = build_order(
        state,
        plan,
        relayer="0x" + "11" * 20,
        valid_after=10,
        deadline=20,
        public_after=15,
        inputs_hash=b"\x07" * 32,
    )

    assert (order.nonce, order.config_hash) == (3, state.config_hash)
    assert (order.valid_after, order.public_after, order.deadline) == (10, 15, 20)
    assert order.inputs_hash == "0x" + "07" * 32
    assert (order.targets, order.supplies) == (plan.targets, plan.supplies)
    assert order.share_price_floor_after == plan.share_price_floor_after_wad


def test_inputs_hash__any_input_changed__differs():
    state = snapshot()
    base = inputs_hash(state, b"\x01" * 32, PREFERENCES, TOLERANCES)

    others = {
        inputs_hash(
            replace(state, block_number=101), b"\x01" * 32, PREFERENCES, TOLERANCES
        ),
        inputs_hash(state, b"\x02" * 32, PREFERENCES, TOLERANCES),
        inputs_hash(state, b"\x01" * 32, {"risk_aversion": 3.0}, TOLERANCES),
        *(
            inputs_hash(
                state,
                b"\x01" * 32,
                PREFERENCES,
                replace(TOLERANCES, **{field.name: 1}),
            )
            for field in fields(TOLERANCES)
        ),
    }

    assert len(base) == 32
    assert base == inputs_hash(snapshot(), b"\x01" * 32, PREFERENCES, TOLERANCES)
    assert len(others | {base}) == 8


def test_canonical_json__mixed_values__has_one_text():
    text = canonical_json({"b": 0.1, "a": frozenset({2, 1}), "c": b"\x01", "d": None})

    assert text == '{"a":[1,2],"b":0.1,"c":"0x01","d":null}'


def test_canonical_json__not_finite__is_refused():
    with pytest.raises(InputNotCanonical, match="input x is nan"):
        canonical_json({"x": float("nan")})


def test_snapshot_json__names_the_kind_of_each_market():
    text = snapshot_json(snapshot())

    for kind in ("ConstantProduct", "Concentrated", "AaveReserve", "Erc4626"):
        assert f'"type":"{kind}"' in text
