# SPDX-License-Identifier: MIT
"""Small tables whose best weights a reader can work out."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

FIRST = date(2023, 1, 1)
# A moves by 10 %, B by 20 %, in all four ways: uncorrelated; B earns twice as much
MEANS = (0.01, 0.02)
MOVES = ((0.1, 0.2), (0.1, -0.2), (-0.1, 0.2), (-0.1, -0.2))
ROUNDS = 10
ROWS = len(MOVES) * ROUNDS
LEFT = ROWS / (ROWS - 1)  # what the sample variance is more than that of the law


def write_table(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]
) -> Path:
    """A CSV with dates from 2023-01-01 on in front."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["date", *header])
        for day, row in enumerate(rows):
            writer.writerow([FIRST + timedelta(days=day), *row])
    return path


def write_pairs(path: Path, pairs: dict[str, object]) -> Path:
    """A CSV of names and values."""
    lines = ["asset,value", *(f"{name},{value}" for name, value in pairs.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_matrix(
    path: Path, names: Sequence[str], rows: Sequence[Sequence[float]]
) -> Path:
    """A CSV with the names in the first row and in the first column."""
    lines = [",".join(["", *names])]
    for name, row in zip(names, rows, strict=True):
        lines.append(",".join([name, *(str(value) for value in row)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def returns_of_two() -> list[tuple[float, float]]:
    """Simple returns of A and B, day by day."""
    return [(MEANS[0] + a, MEANS[1] + b) for _ in range(ROUNDS) for a, b in MOVES]


def returns_file(folder: Path) -> Path:
    """A and B as returns: variances 0.01 and 0.04, means 1 % and 2 % a day."""
    return write_table(folder / "returns.csv", ("A", "B"), returns_of_two())


def prices_file(folder: Path) -> Path:
    """The same as prices, which start at 100."""
    rows = [(100.0, 100.0)]
    for a, b in returns_of_two():
        rows.append((rows[-1][0] * (1 + a), rows[-1][1] * (1 + b)))
    return write_table(folder / "prices.csv", ("A", "B"), rows)


def two(folder: Path, *more: str) -> list[str]:
    """The command on A and B, whose variances are 0.01 and 0.04 a day."""
    path = str(returns_file(folder))
    return ["optimize", "--input", path, "--returns", "--estimator", "sample", *more]
