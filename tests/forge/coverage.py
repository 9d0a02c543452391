# SPDX-License-Identifier: MIT
"""How much of the contracts the Solidity tests reach: a table, and a bar.

`python tests/forge/coverage.py` runs them instrumented, all but the long campaigns, and
prints lines and branches reached, file by file; it ends with 1 when less than 95 % of
either is. Left out: mocks/ (the tests' own), demo/ (tokens and feeds of a local
chain, which the Python tests reach) and interfaces/ (nothing runs there).
"""

import os
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from steelyard.chain.artifacts import project_root

BAR_PERCENT = 95
LEFT_OUT = ("contracts/mocks/", "contracts/demo/", "contracts/interfaces/")
CAMPAIGNS = "tests/forge/{invariant,strategist}/*"
REPORT = Path("build/forge/lcov.info")


@dataclass(kw_only=True)
class Reached:
    """Of a file: what there is, and what was reached of it."""

    lines: int = 0
    lines_hit: int = 0
    branches: int = 0
    branches_hit: int = 0


def main() -> int:
    """Exit code: 0 when both bars are reached."""
    root = project_root()
    run_forge(root)
    files = read_lcov((root / REPORT).read_text(encoding="utf-8"))
    width = max(len(name) for name in files)
    for name, reached in sorted(files.items()):
        print(row(name, width, reached))
    total = Reached(
        lines=sum(f.lines for f in files.values()),
        lines_hit=sum(f.lines_hit for f in files.values()),
        branches=sum(f.branches for f in files.values()),
        branches_hit=sum(f.branches_hit for f in files.values()),
    )
    print(row("all", width, total))
    bars = (
        100 * total.lines_hit >= BAR_PERCENT * total.lines
        and 100 * total.branches_hit >= BAR_PERCENT * total.branches
    )
    return 0 if bars else 1


def run_forge(root: Path) -> None:
    """Writes the report; ends the program with the tests that fail, if any."""
    forge = next(root.glob("node_modules/@foundry-rs/forge-*/bin/forge"))
    options = ["--report", "lcov", "--report-file", str(REPORT), "--fuzz-runs", "16"]
    done = subprocess.run(
        [str(forge), "coverage", *options, "--no-match-path", CAMPAIGNS],
        cwd=root,
        env={**os.environ, "FOUNDRY_OUT": "build/forge/out-coverage"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        failed = {x for x in done.stdout.splitlines() if x.startswith("[FAIL")}
        raise SystemExit("\n".join([f"forge: {done.returncode}", *sorted(failed)]))


def read_lcov(text: str) -> dict[str, Reached]:
    """What was reached, by file."""
    files: dict[str, Reached] = defaultdict(Reached)
    name = ""
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            name = rest
        elif not name.startswith("contracts/") or name.startswith(LEFT_OUT):
            continue
        elif kind == "DA":
            files[name].lines += 1
            files[name].lines_hit += rest.split(",")[1] != "0"
        elif kind == "BRDA":
            files[name].branches += 1
            files[name].branches_hit += rest.split(",")[3] not in ("0", "-")
    return files


def row(name: str, width: int, r: Reached) -> str:
    """One line of the table."""
    lines = f"{r.lines_hit}/{r.lines} lines"
    branches = f"{r.branches_hit}/{r.branches} branches"
    shares = f"{_percent(r.lines_hit, r.lines)} {_percent(r.branches_hit, r.branches)}"
    return f"{name:{width}}  {lines:>16}  {branches:>18}  {shares}"


def _percent(hit: int, count: int) -> str:
    return f"{100 * hit / count:6.2f} %" if count else "       -"


if __name__ == "__main__":
    raise SystemExit(main())
