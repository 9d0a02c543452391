# SPDX-License-Identifier: MIT
"""The long fuzz campaigns: runs them, then says what was run and what was found.

`python tests/forge/campaign.py [profile]` runs every fuzz test, invariant and search of
the hostile strategist under a profile of foundry.toml (fuzz), prints one line a test
and the worst losses found, and ends with 1 when anything failed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steelyard.chain.artifacts import project_root

TESTS = "^(testFuzz|invariant|test_search)"
SEEDS = {"fuzz": 200}  # searches; a profile that is not here takes the tests' own few
RUN_OVER = "tests/forge/strategist/RunOver.t.sol"
BATCH = 10  # seeds of it in one process: forge keeps over 200 MB of each
WAD_PER_PERCENT = 10**16


@dataclass(frozen=True, kw_only=True)
class Result:
    """One test: how often it ran, how deep, and how it ended."""

    suite: str
    test: str
    runs: int
    depth: int  # calls a run; one but for invariants
    finding: str  # empty: none


def main() -> int:
    """Exit code: 0 when nothing was found."""
    profile = sys.argv[1] if len(sys.argv) > 1 else "fuzz"
    print(f"campaign: profile {profile}; this takes a while", flush=True)
    folder = project_root() / "build" / "forge"
    report = run_forge(profile, ["--no-match-path", RUN_OVER], SEEDS.get(profile))
    found = [*results(report), *run_over(profile, folder / "run-over.json")]
    found.sort(key=lambda r: (r.suite, r.test))
    print_table(found)
    print_losses(folder)
    failed = [r for r in found if r.finding]
    calls = sum(r.runs * r.depth for r in found)
    print(f"{len(found)} campaigns, {calls:,} calls, {len(failed)} with findings")
    return 1 if failed or not found else 0


def run_over(profile: str, figure: Path) -> Iterator[Result]:
    """The search by holding, a batch a process; keeps the worst of all in its file."""
    total, worst, done = SEEDS.get(profile, BATCH), None, 0
    while done < total:
        batch = min(BATCH, total - done)
        yield from results(run_forge(profile, ["--match-path", RUN_OVER], batch, done))
        done += batch
        if figure.is_file():
            found = json.loads(figure.read_text(encoding="utf-8"))
            if worst is None or _share(found) > _share(worst):
                worst = found
    if worst is not None:
        worst["seeds"] = 2 * total
        figure.write_text(json.dumps(worst), encoding="utf-8")


def _share(figure: dict[str, Any]) -> float:
    return int(figure["lossWad"]) / int(figure["boundWad"])


def run_forge(
    profile: str, paths: list[str], seeds: int | None, first: int = 0
) -> dict[str, Any]:
    """What `forge test --json` says, by suite."""
    root = project_root()
    forge = next(root.glob("node_modules/@foundry-rs/forge-*/bin/forge"), "forge")
    environment = {**os.environ, "FOUNDRY_PROFILE": profile}
    environment["STEELYARD_FIRST_SEED"] = str(first)
    if seeds is not None:
        environment["STEELYARD_SEEDS"] = str(seeds)
    done = subprocess.run(
        [str(forge), "test", "--json", "--match-test", TESTS, *paths],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    if not lines:
        raise SystemExit(f"forge ended with {done.returncode} and no report")
    report: dict[str, Any] = json.loads(lines[-1])
    return report


def results(report: dict[str, Any]) -> Iterator[Result]:
    """One per test of the report."""
    for place, suite in report.items():
        for test, result in suite["test_results"].items():
            kind, numbers = next(iter(result["kind"].items()))
            runs = numbers.get("runs", 1)
            yield Result(
                suite=place.rsplit(":", 1)[-1],
                test=test.split("(")[0],
                runs=runs,
                depth=numbers["calls"] // max(runs, 1) if kind == "Invariant" else 1,
                finding=finding_of(result),
            )


def finding_of(result: dict[str, Any]) -> str:
    """Why a test failed, and with what; empty when it did not."""
    if result["status"] == "Success":
        return ""
    example = result["counterexample"]
    reason = str(result["reason"] or "failed")
    return reason if example is None else f"{reason}; {json.dumps(example)[:500]}"


def print_table(found: list[Result]) -> None:
    """Suite, test, runs, depth, result."""
    suites = max((len(r.suite) for r in found), default=5)
    tests = max((len(r.test) for r in found), default=4)
    print(f"{'suite':{suites}}  {'test':{tests}}  {'runs':>7}  {'depth':>5}  result")
    for r in found:
        outcome = r.finding or "holds"
        print(
            f"{r.suite:{suites}}  {r.test:{tests}}  {r.runs:7}  {r.depth:5}  {outcome}"
        )


def print_losses(folder: Path) -> None:
    """The worst that the hostile strategist was found to cost a share."""
    for name, what in (("strategist", "by orders"), ("run-over", "by holding")):
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        figure = json.loads(path.read_text(encoding="utf-8"))
        lost, bound = int(figure["lossWad"]), int(figure["boundWad"])
        print(
            f"worst loss found {what}: {lost / WAD_PER_PERCENT:.4f} % of a share, "
            f"bound {bound / WAD_PER_PERCENT:.4f} %, {figure['seeds']} searches"
        )


if __name__ == "__main__":
    raise SystemExit(main())
