# SPDX-License-Identifier: MIT
"""Bench's comparison of optimisers, JSON on standard input, as a Markdown table.

python -m steelyard.bench allocation | python -m steelyard.bench.allocation_table
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from steelyard.bench.allocation_peers import OWN, PEERS

LEAST_MISSED = 1e-10  # limits that are missed by less are not spoken of
HEAD = ("", "Steelyard, ms", "allocate alone", "bar", "certified gap", "above best")


def allocation_table(figures: dict[str, Any]) -> str:
    """One line a case. Of a peer: ms, how many times ours that is, how far its
    objective is above the best, and by how much it misses a limit, where it does."""
    cases = {
        name: case
        for name, case in figures.items()
        if isinstance(case, dict) and OWN in case and "objective is" in case
    }
    head = [*HEAD, *PEERS.values()]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [
        _line([name, *_own(case[OWN]), *_peers(case)]) for name, case in cases.items()
    ]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _own(row: dict[str, Any]) -> list[str]:
    if "ms" not in row:
        return [_words(row), "", "", "", ""]
    bar = ""
    if "bar" in row:
        bar = f"{row['bar']:g} {'met' if row['bar met'] else 'missed'}"
    return [
        f"{row['ms']:.3g}",
        f"{row['allocate alone']:.3g}",
        bar,
        _number(row.get("largest relative gap"), ".0e"),
        _number(row["above best"], ".0e"),
    ]


def _peers(case: dict[str, Any]) -> list[str]:
    return [_peer(case.get(name, {"absent": "not asked"})) for name in PEERS.values()]


def _peer(row: dict[str, Any]) -> str:
    if "ms" not in row:
        return _words(row)
    parts = [f"{row['ms']:.3g}"]
    if "times ours" in row:
        parts.append(f"{row['times ours']:.3g} times")
    parts.append(f"{_number(row['above best'], '+.0e')} above")
    if row["violation"] > LEAST_MISSED:
        parts.append(f"misses by {row['violation']:.0e}")
    if "few runs" in row:
        parts.append(f"{row['runs']} runs")
    if "without" in row:
        parts.append(f"without: {row['without']}")
    return ", ".join(parts)


def _number(value: float | None, form: str) -> str:
    return "none" if value is None else format(value, form)


def _words(row: dict[str, Any]) -> str:
    word = next(word for word in ("absent", "cannot", "failed") if word in row)
    return f"{word}: {row[word]}"


if __name__ == "__main__":
    figures = json.load(sys.stdin)
    print(allocation_table(figures.get("allocation", figures)))
