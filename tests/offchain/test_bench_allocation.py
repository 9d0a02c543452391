# SPDX-License-Identifier: MIT
"""The comparison of optimisers: its problems, its scores, what it makes of answers."""

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from steelyard.bench import PARTS
from steelyard.bench.allocation import RUNS, compared, scored
from steelyard.bench.allocation_cases import (
    SIZES,
    Case,
    DataSet,
    cases,
    data_set,
    group_caps,
    limits_of,
    write_data,
)
from steelyard.bench.allocation_peers import OWN, PEERS, Party, ask, parsed, parties
from steelyard.bench.allocation_scores import above, best_of, cvar, objective, violation
from steelyard.bench.allocation_table import allocation_table

ROOT = Path(__file__).parents[2]
TEN = Case(task="minimum-variance", kind="few held", assets=10, highest=0.3, bar=0.1)
TWO = DataSet(
    returns=np.array([[0.1, -0.1], [-0.1, 0.1], [0.2, 0.0], [0.0, -0.4]]),
    mean=np.array([0.03, 0.01]),
    covariance=np.diag([0.04, 0.01]),
)
HALVES = np.array([0.5, 0.5])
EQUAL_WEIGHTS = """
import sys
sys.path.insert(0, {folder!r})
from allocation_loop import Way, main

def solve(inputs):
    print("a package prints this")
    if inputs.mean[0] == 0:
        raise ValueError("no mean")
    return [1 / len(inputs.mean)] * len(inputs.mean)

way = Way(call="equal", solve=solve, weights=list, notes=lambda _: {{"solver": "none"}})
main({{"equal": "1.0"}}, {{"minimum-variance": way, "cvar": "has no CVaR"}})
"""


def answer(weights, milliseconds=1.0, objective=1.0, missed=0.0, **more):
    """Every run the same."""
    return {
        "weights": [weights] * RUNS,
        "milliseconds": [milliseconds] * RUNS,
        "notes": [{}] * RUNS,
        "failed": [],
        "cannot": "",
        "call": "solve",
        "objectives": np.full(RUNS, objective),
        "violations": np.full(RUNS, missed),
        **more,
    }


def own_answer(alone=0.5, gap=1e-12, **more):
    note = {"alone": alone, "gap": gap, "objective": -0.1, "method": "DAQP; exact"}
    return answer([0.1] * 10, **{"notes": [note] * RUNS, **more})


# --- problems ---


def test_parts__bench__measures_allocation():
    assert "allocation" in PARTS


def test_cases__all__have_their_own_names_and_the_bars_of_each_task():
    made = cases()

    assert len({case.name for case in made}) == len(made)
    barred = Counter(case.task for case in made if case.bar is not None)
    assert barred == {
        "minimum-variance": 6,
        "maximum-sharpe": 4,
        "risk-parity": 4,
        "cvar": 4,
    }


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_cases__each__allows_a_tenth_more_than_the_whole(case):
    matrix, bounds = limits_of(case)
    n = case.assets

    placed = linprog(
        -np.ones(n), A_ub=matrix, b_ub=bounds, bounds=(0, case.highest), method="highs"
    )

    assert -placed.fun >= 1.1


@pytest.mark.parametrize("assets", SIZES)
def test_group_caps__each_size__groups_are_nested_and_of_two_or_more(assets):
    matrix, bounds = group_caps(assets)

    overlap = matrix @ matrix.T  # assets that two groups share
    sizes = np.diag(overlap)
    smaller = np.minimum.outer(sizes, sizes)
    assert ((overlap == 0) | (overlap == smaller)).all()
    assert sizes.min() >= 2
    assert bounds.shape == sizes.shape


def test_data_set__same_seed__same_returns_and_another_seed_others():
    first, again, other = (data_set(TEN, seed) for seed in (1, 1, 2))

    assert np.array_equal(first.returns, again.returns)
    assert not np.allclose(first.covariance, other.covariance)
    assert first.returns.shape == (1000, 10)
    assert np.array_equal(first.covariance, first.covariance.T)


def test_data_set__half_as_many_days_as_assets__covariance_is_singular():
    case = next(case for case in cases() if case.kind == "half as many days")

    covariance = data_set(case, 0).covariance

    assert np.linalg.matrix_rank(covariance) == case.days - 1


def test_write_data__read_again__is_what_was_drawn(tmp_path):
    path = tmp_path / "data.npz"

    write_data(TEN, path, sets=2)

    with np.load(path) as file:
        assert np.array_equal(file["returns_1"], data_set(TEN, 1).returns)
        assert file["matrix"].shape[1] == 10
        assert "returns_2" not in file


# --- scores ---


def test_objective__two_assets__variance_is_of_the_weights():
    assert objective("minimum-variance", HALVES, TWO) == pytest.approx(0.0125)


def test_objective__two_assets__sharpe_is_mean_over_volatility_with_its_sign_turned():
    weights = np.array([0.0, 1.0])  # mean 1 %, volatility 10 %

    assert objective("maximum-sharpe", weights, TWO) == pytest.approx(-0.1)


def test_objective__two_assets__risk_is_shared_four_to_one():
    assert objective("risk-parity", HALVES, TWO) == pytest.approx(0.8 - 0.2)


def test_objective__all_in_the_first__worst_day_of_four_is_the_cvar():
    weights = np.array([1.0, 0.0])

    assert objective("cvar", weights, TWO) == pytest.approx(0.1)


def test_cvar__two_and_a_half_of_ten__third_worst_counts_half():
    assert cvar(np.arange(1.0, 11.0), 0.75) == pytest.approx((10 + 9 + 4) / 2.5)


def test_violation__each_limit__is_the_largest_miss():
    free = replace(TEN, grouped=False)
    matrix, bounds = limits_of(TEN)
    crowded = matrix[0] / matrix[0].sum()  # all in the first group
    short, heavy = np.full((2, 10), 0.1)
    short[0], heavy[0] = -0.05, 0.35

    assert violation(free, np.full(10, 0.1)) == pytest.approx(0.0, abs=1e-15)
    assert violation(replace(TEN, highest=1.0), crowded) == 1 - bounds[0]
    assert violation(free, short) == pytest.approx(0.15)  # of the sum
    assert violation(free, heavy - 0.25 / 9 * (heavy < 0.2)) == pytest.approx(0.05)


def test_best_of__lowest_misses_a_limit__next_one_is_the_best():
    low, next_one = np.array([1.0, 5.0]), np.array([2.0, 4.0])

    best = best_of([low, next_one], [np.array([1e-6, 0.0]), np.array([0.0, 0.0])])

    assert best.tolist() == [2.0, 4.0]


def test_best_of__nobody_keeps_the_limits__unknown():
    best = best_of([np.array([1.0])], [np.array([1e-6])])

    assert np.isnan(best).all()
    assert above("cvar", np.array([1.0]), best) is None


def test_above__relative_but_for_shares_of_risk():
    objectives, best = np.array([-1.9, np.nan]), np.array([-2.0, -2.0])

    assert above("maximum-sharpe", objectives, best) == pytest.approx(0.05)
    assert above("risk-parity", objectives, best) == pytest.approx(0.1)


def test_scored__a_failed_run__leaves_a_gap(tmp_path):
    path = tmp_path / "data.npz"
    write_data(TEN, path, sets=3)

    scores = scored(TEN, path, [None, [0.1] * 10])

    data = data_set(TEN, 2)  # set 0 warms up
    expected = objective("minimum-variance", np.full(10, 0.1), data)
    assert np.isnan(scores["objectives"][0])
    assert scores["objectives"][1] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(scores["violations"][2:]).all()


# --- asking ---


def test_parties__ours_first__every_script_is_there():
    asked = parties()

    assert [party.name for party in asked] == [OWN, *PEERS.values()]
    assert all(party.script.exists() for party in asked)


def test_ask__peer_without_environment__says_how_to_install_it(tmp_path):
    party = Party(name="skfolio", python=tmp_path / "python", script=tmp_path / "s.py")

    assert ask(party, {"seconds": 1}) == {"absent": "not installed: make peers"}


def test_ask__script_of_the_loop__times_all_sets_but_the_first(tmp_path):
    path, script = tmp_path / "data.npz", tmp_path / "equal.py"
    write_data(TEN, path, sets=3)
    script.write_text(EQUAL_WEIGHTS.format(folder=str(ROOT / "scripts" / "peers")))
    party = Party(name="equal", python=Path(sys.executable), script=script)
    request = {
        "task": "minimum-variance",
        "data": str(path),
        "sets": 3,
        "highest": 0.3,
        "level": 0.95,
        "seconds": 10,
    }

    answered = ask(party, request)
    refused = ask(party, {**request, "task": "cvar"})

    assert answered["weights"] == [[0.1] * 10] * 2
    assert len(answered["milliseconds"]) == 2
    assert answered["notes"] == [{"solver": "none"}] * 2
    assert answered["versions"] == {"equal": "1.0"}
    assert refused == {"versions": {"equal": "1.0"}, "cannot": "has no CVaR"}


def test_ask__a_set_that_fails__is_said_and_the_others_are_timed(tmp_path):
    path, script = tmp_path / "data.npz", tmp_path / "equal.py"
    limits = {"matrix": np.ones((1, 2)), "bounds": np.ones(1)}
    zero, one = np.zeros(2), np.ones(2)
    drawn = {f"returns_{i}": np.eye(2) for i in range(3)}
    drawn |= {f"covariance_{i}": np.eye(2) for i in range(3)}
    np.savez(path, **limits, **drawn, mean_0=one, mean_1=zero, mean_2=one)
    script.write_text(EQUAL_WEIGHTS.format(folder=str(ROOT / "scripts" / "peers")))
    party = Party(name="equal", python=Path(sys.executable), script=script)
    request = {"task": "minimum-variance", "data": str(path), "sets": 3, "highest": 1}

    answered = ask(party, {**request, "level": 0.95, "seconds": 10})

    assert answered["weights"] == [None, [0.5, 0.5]]
    assert answered["failed"] == ["ValueError: no mean"]


def test_parsed__lines_before_the_answer__are_left_out():
    text = "a warning\n" + json.dumps({"weights": []}) + "\n"

    assert parsed(text, "", 0) == {"weights": []}


@pytest.mark.parametrize(
    ("stdout", "stderr", "code", "said"),
    [
        ("", "Traceback\nImportError: no clarabel\n", 1, "ImportError: no clarabel"),
        ("", "", 0, "no answer"),
        ("The solver failed", "", 0, "no JSON: The solver failed"),
        ("[1]", "", 0, "no answer: [1]"),
    ],
)
def test_parsed__no_answer__says_why(stdout, stderr, code, said):
    assert parsed(stdout, stderr, code) == {"absent": said}


# --- rows ---


def test_compared__a_slower_and_worse_peer__says_by_how_much():
    peer = answer([0.1] * 10, milliseconds=30.0, objective=1.001, missed=1e-6)

    rows = compared(TEN, {OWN: own_answer(), "skfolio": peer})

    assert rows["skfolio"]["times ours"] == 30.0
    assert rows["skfolio"]["above best"] == pytest.approx(1e-3)
    assert rows["skfolio"]["violation"] == 1e-6
    assert rows[OWN]["above best"] == 0.0
    assert rows[OWN]["largest gap"] == 1e-12
    assert rows[OWN]["largest relative gap"] == 1e-11
    assert rows[OWN]["methods"] == {"DAQP": RUNS}
    assert rows[OWN]["held"] == 10


def test_compared__bar_of_a_tenth__missed_by_the_whole_and_met_by_allocate():
    rows = compared(TEN, {OWN: own_answer(alone=0.09, milliseconds=0.12)})

    assert rows[OWN]["bar"] == 0.1
    assert not rows[OWN]["bar met"]
    assert rows[OWN]["bar met by allocate alone"]


def test_compared__absent_and_unable_peers__say_so():
    absent, unable = {"absent": "not installed: make peers"}, {"cannot": "has no CVaR"}

    rows = compared(TEN, {OWN: own_answer(), "skfolio": absent, "cvxportfolio": unable})

    assert rows["skfolio"] == absent
    assert rows["cvxportfolio"] == unable


def test_compared__few_runs_and_a_limit_left_out__are_marked():
    short = answer([0.1] * 10, cannot="has no group caps", failed=["SolverError: slow"])
    for field in ("weights", "milliseconds", "notes"):
        short[field] = short[field][:3]
    short["weights"][0] = None

    rows = compared(TEN, {OWN: own_answer(), "skfolio": short})

    assert rows["skfolio"]["runs"] == 2
    assert rows["skfolio"]["few runs"] == "stopped after 25 s"
    assert rows["skfolio"]["failed"] == "1 times: SolverError: slow"
    assert rows["skfolio"]["without"] == "has no group caps"


def test_compared__ours_fails__the_others_still_have_rows():
    failing = own_answer(objective=np.nan, missed=np.nan)
    failing |= {"weights": [None] * RUNS, "failed": ["RuntimeError: infeasible"]}

    rows = compared(TEN, {OWN: failing, "skfolio": answer([0.1] * 10)})

    assert rows[OWN] == {"failed": "RuntimeError: infeasible", "runs": RUNS}
    assert rows["skfolio"]["above best"] == 0.0
    assert "times ours" not in rows["skfolio"]


def test_allocation_table__one_case__has_a_line_with_every_peer():
    peer = answer([0.1] * 10, milliseconds=30.0, objective=1.001, missed=1e-6)
    short = answer([0.1] * 10, failed=["SolverError: slow"])
    for field in ("weights", "milliseconds", "notes"):
        short[field] = short[field][:3]
    rows = compared(TEN, {OWN: own_answer(), "skfolio": peer, "Riskfolio-Lib": short})

    table = allocation_table({"unit": "ms", TEN.name: rows})

    head, _, line = table.splitlines()
    assert head.count("|") == line.count("|")
    assert "| 1 | 0.5 | 0.1 missed | 1e-11 | 0e+00 |" in line
    assert "| 30, 30 times, +1e-03 above, misses by 1e-06 |" in line
    assert "| 1, 1 times, +0e+00 above, 3 runs |" in line
    assert "absent: not asked" in line
