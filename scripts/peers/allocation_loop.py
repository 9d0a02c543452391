# SPDX-License-Identifier: MIT
"""Answers a request for weights: what the scripts of all peers, and ours, share.

Each script is run by the interpreter of its package's own environment. A request is
JSON on standard input:

    task     minimum-variance, maximum-sharpe, risk-parity or cvar
    data     path of an .npz file: matrix (m, n) and bounds (m,) of the group caps; for
             each data set i returns_i (t, n), mean_i (n,) and covariance_i (n, n),
             simple returns per day
    sets     how many data sets there are: the first warms up, each other is timed once
    highest  most of each weight; the least is 0, the sum is 1
    level    of CVaR
    seconds  no run starts after so many

The answer is JSON, the last line of standard output; `steelyard.bench.allocation_peers`
reads it. What is prepared is not timed: arrays in the types that the package takes.
Timed is all that a user does from there to the weights of one new data set.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """One data set and what is allowed."""

    returns: np.ndarray  # (t, n)
    mean: np.ndarray  # (n,)
    covariance: np.ndarray  # (n, n)
    highest: float
    matrix: np.ndarray  # (m, n)
    bounds: np.ndarray  # (m,)
    level: float


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a package does one task."""

    call: str  # what a user writes, in words
    solve: Callable[[Any], Any]  # timed; of what was prepared
    weights: Callable[[Any], Any]  # of what `solve` brought back, in order of assets
    prepare: Callable[[Inputs], Any] = lambda inputs: inputs
    notes: Callable[[Any], dict[str, Any]] = lambda _: {}
    without: str = ""  # what of the request it cannot state, and leaves out


def main(versions: dict[str, str], ways: dict[str, Way | str]) -> None:
    """Answers; a task that maps to words cannot be done, for the reason they say."""
    asked = json.load(sys.stdin)
    way = ways[asked["task"]]
    answer: dict[str, Any] = {"versions": versions}
    if isinstance(way, str):
        answer["cannot"] = way
    else:
        answer |= {"call": way.call, "cannot": way.without, **_timed(way, asked)}
    print("\n" + json.dumps(answer))


def _timed(way: Way, asked: dict[str, Any]) -> dict[str, Any]:
    """Times, weights and notes of the timed runs; None of weights where one failed."""
    begin = time.perf_counter()
    milliseconds, weights, notes, failed = [], [], [], []
    for inputs in _data_sets(asked):
        prepared = way.prepare(inputs)
        started = time.perf_counter()
        try:
            brought = way.solve(prepared)
        except Exception as error:  # whatever a package raises is its answer
            failed.append(f"{type(error).__name__}: {error}"[:200])
            brought = None
        milliseconds.append(1e3 * (time.perf_counter() - started))
        none = brought is None
        weights.append(None if none else np.ravel(way.weights(brought)).tolist())
        notes.append({} if none else way.notes(brought))
        if len(weights) > 1 and time.perf_counter() - begin > asked["seconds"]:
            break
    return {
        "first": milliseconds[0],
        "milliseconds": milliseconds[1:],
        "weights": weights[1:],
        "notes": notes[1:],
        "failed": failed,
    }


def _data_sets(asked: dict[str, Any]) -> Iterator[Inputs]:
    with np.load(asked["data"]) as data:
        for i in range(asked["sets"]):
            yield Inputs(
                returns=data[f"returns_{i}"],
                mean=data[f"mean_{i}"],
                covariance=data[f"covariance_{i}"],
                highest=asked["highest"],
                matrix=data["matrix"],
                bounds=data["bounds"],
                level=asked["level"],
            )
