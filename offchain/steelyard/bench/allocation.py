# SPDX-License-Identifier: MIT
"""Weights under caps: how fast and how good, ours and the peers', in one run.

One thread. All get the same arrays; a new data set at every timed solve. Timed is what
a user does from arrays in the package's own types to weights: the problem is put
together and solved. Importing and one first solve are not timed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import truediv
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from steelyard.bench.allocation_cases import (
    LEVEL,
    Case,
    DataSet,
    cases,
    write_data,
)
from steelyard.bench.allocation_peers import OWN, ask, parties
from steelyard.bench.allocation_scores import (
    WORDS,
    above,
    best_of,
    objective,
    violation,
)
from steelyard.optimize.problem import Floats

RUNS = 20
SECONDS = 25.0  # no run starts after so many, for each party and case
HELD = 1e-9


def measure_allocation(chosen: Sequence[Case] | None = None) -> dict[str, Any]:
    """Milliseconds, objectives, violations and gaps by case and package."""
    figures: dict[str, Any] = {
        "unit": "ms, median",
        "runs": RUNS,
        "timed": "from arrays to weights: the problem is put together and solved",
        "versions": {},
    }
    for case in cases() if chosen is None else chosen:
        answers = _answers(case)
        for name, answer in answers.items():
            figures["versions"] |= {name: answer.pop("versions", None)}
        figures[case.name] = compared(case, answers)
    return figures


def _answers(case: Case) -> dict[str, dict[str, Any]]:
    """Everybody's answer, scored on the data sets that it was given."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        write_data(case, path, RUNS + 1)
        request = {
            "task": case.task,
            "data": str(path),
            "sets": RUNS + 1,
            "highest": case.highest,
            "level": LEVEL,
            "seconds": SECONDS,
        }
        answers = {party.name: ask(party, request) for party in parties()}
        for answer in answers.values():
            if "weights" in answer:
                answer |= scored(case, path, answer["weights"])
    return answers


def scored(
    case: Case, path: Path, weights: Sequence[Sequence[float] | None]
) -> dict[str, Floats]:
    """(RUNS,) objectives and violations, NaN where a run failed or was left out."""
    objectives, violations = np.full((2, RUNS), np.nan)
    with np.load(path) as file:
        for i, found in enumerate(weights):
            if found is None:
                continue
            array = np.asarray(found, np.float64)
            data = DataSet(
                returns=file[f"returns_{i + 1}"],
                mean=file[f"mean_{i + 1}"],
                covariance=file[f"covariance_{i + 1}"],
            )
            objectives[i] = objective(case.task, array, data)
            violations[i] = violation(case, array)
    return {"objectives": objectives, "violations": violations}


def compared(case: Case, answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A row for each package, with the bar and whether ours meets it."""
    able = [answer for answer in answers.values() if "weights" in answer]
    best = np.full(RUNS, np.nan)
    if able:
        best = best_of(
            [answer["objectives"] for answer in able],
            [answer["violations"] for answer in able],
        )
    rows = {name: _row(case, answer, best) for name, answer in answers.items()}
    own = rows[OWN]
    if "ms" in own:
        for name, row in rows.items():
            if name != OWN and "ms" in row:
                row["times ours"] = round(row["ms"] / own["ms"], 1)
    if case.bar is not None and "ms" in own:
        own |= {
            "bar": case.bar,
            "bar met": own["ms"] <= case.bar,
            "bar met by allocate alone": own["allocate alone"] <= case.bar,
        }
    return {"objective is": WORDS[case.task], **rows}


def _row(case: Case, answer: dict[str, Any], best: Floats) -> dict[str, Any]:
    if "absent" in answer:
        return {"absent": answer["absent"]}
    if "weights" not in answer:
        return {"cannot": answer["cannot"]}
    solved = [i for i, found in enumerate(answer["weights"]) if found is not None]
    if not solved:
        return {"failed": answer["failed"][0], "runs": len(answer["weights"])}
    times = [answer["milliseconds"][i] for i in solved]
    held = [sum(weight > HELD for weight in answer["weights"][i]) for i in solved]
    return {
        "ms": round(median(times), 4),
        "runs": len(times),
        "objective, first": float(answer["objectives"][solved[0]]),
        "above best": above(case.task, answer["objectives"], best),
        "violation": float(np.nanmax(answer["violations"])),
        "held": median(held),
        "call": answer["call"],
        **_marks(answer),
        **_noted(answer, solved),
    }


def _marks(answer: dict[str, Any]) -> dict[str, Any]:
    """What makes a row another thing than the others of its case."""
    marks = {}
    if len(answer["weights"]) < RUNS:
        marks["few runs"] = f"stopped after {SECONDS:g} s"
    if answer["failed"]:
        marks["failed"] = f"{len(answer['failed'])} times: {answer['failed'][0]}"
    if answer["cannot"]:
        marks["without"] = answer["cannot"]
    return marks


def _noted(answer: dict[str, Any], solved: list[int]) -> dict[str, Any]:
    """What only some packages say: the solver chosen, the certified gap."""
    notes = [answer["notes"][i] for i in solved]
    noted: dict[str, Any] = {}
    for word, title in (("solver", "solvers"), ("method", "methods")):
        said = Counter(note[word].split(";")[0] for note in notes if word in note)
        if said:
            noted[title] = dict(said)
    if all("alone" in note for note in notes):
        noted["allocate alone"] = round(median(note["alone"] for note in notes), 4)
    gaps = [note["gap"] for note in notes if note.get("gap") is not None]
    if len(gaps) == len(notes):
        # of what the certificate bounds, which for risk parity is no spread
        sizes = [abs(note["objective"]) for note in notes]
        noted["largest gap"] = max(gaps)
        noted["largest relative gap"] = max(map(truediv, gaps, sizes))
    tried = Counter(word for note in notes for word in note.get("tried", []))
    return noted | ({"tried before": dict(tried)} if tried else {})
