# SPDX-License-Identifier: MIT
"""Mutation testing: each small change of the contracts must make some test fail.

`python tests/forge/mutate.py [part of a name ...]` changes a copy of the tree, mutant
by mutant (mutants.py), and runs the Solidity tests on it, two copies at a time. It
prints a table of the mutants that nothing noticed and ends with 1 when there is one
that is not in equivalent.json, with the reason why no test can notice it.

Compiled without the optimiser, which is twice as fast; tests that measure gas are left
out, and so are the long campaigns and the tests of single protocols, whose adapters are
not in the list of mutants.py.
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from mutants import FILES, Mutant, mutants_of

from steelyard.chain.artifacts import project_root

WORKERS = 2
TIMEOUT_SECONDS = 600
ROUNDS = (  # the quick ones first
    (
        "--no-match-path",
        "tests/forge/{invariant,strategist,erc4626,protocols}/*",
        "--no-match-contract",
        "LateFeedTest|InKindGasTest",
    ),
    ("--match-path", "tests/forge/{erc4626,hostile,config}/*"),
)
ENVIRONMENT = {
    "FOUNDRY_OPTIMIZER": "false",
    "FOUNDRY_FUZZ_RUNS": "24",
    "FOUNDRY_DENY": "never",
}


class Tree:
    """A copy of what the Solidity tests need."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        for name in ("contracts", "tests/forge"):
            shutil.copytree(root / name, folder / name)
        for name in ("node_modules", ".toolchain", "scripts"):
            (folder / name).symlink_to(root / name)
        shutil.copy(root / "foundry.toml", folder)
        (folder / "build/forge").mkdir(parents=True)
        for name in ("market.json", "addresses.json"):
            shutil.copy(root / "build/forge" / name, folder / "build/forge")
        self.forge = next(root.glob("node_modules/@foundry-rs/forge-*/bin/forge"))

    def noticed(self) -> str:
        """What noticed that the contracts have changed; empty when nothing did."""
        for options in ROUNDS:
            try:
                done = subprocess.run(
                    [str(self.forge), "test", "--fail-fast", *options],
                    cwd=self.folder,
                    env={**os.environ, **ENVIRONMENT},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=TIMEOUT_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return "no end"
            if done.returncode == 0:
                continue
            failed = [x for x in done.stdout.splitlines() if x.startswith("[FAIL")]
            if not failed:
                return "compiler: " + " ".join(done.stdout.split())[-200:]
            return failed[0].rsplit("] ", 1)[-1].split("(")[0]
        return ""

    def judge(self, mutant: Mutant, source: str) -> str:
        """What noticed this mutant."""
        path = self.folder / "contracts" / mutant.file
        changed = source[: mutant.start] + mutant.text + source[mutant.end :]
        path.write_text(changed, encoding="utf-8")
        try:
            return self.noticed()
        finally:
            path.write_text(source, encoding="utf-8")


def main() -> int:
    """Exit code: 0 when every mutant was noticed, or is known to be none."""
    root = project_root()
    here = Path(__file__).parent
    equivalent = json.loads((here / "equivalent.json").read_text(encoding="utf-8"))
    work: queue.Queue[tuple[Mutant, str]] = queue.Queue()
    wanted = sys.argv[1:]
    for file in FILES:
        source = (root / "contracts" / file).read_text(encoding="utf-8")
        for mutant in mutants_of(file, source):
            if mutant.name in equivalent and not wanted:
                continue
            if not wanted or any(part in mutant.name for part in wanted):
                work.put((mutant, source))
    total, started = work.qsize(), time.monotonic()
    print(
        f"mutants: {total}, and {len(equivalent)} known to change nothing", flush=True
    )
    outcomes: dict[str, tuple[Mutant, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        threads = [
            threading.Thread(
                target=_work, args=(root, Path(folder, str(i)), work, outcomes)
            )
            for i in range(min(WORKERS, total))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    minutes = (time.monotonic() - started) / 60
    return _report(outcomes, total, minutes)


def _work(
    root: Path,
    folder: Path,
    work: "queue.Queue[tuple[Mutant, str]]",
    outcomes: dict[str, tuple[Mutant, str]],
) -> None:
    tree = Tree(root, folder)
    if why := tree.noticed():
        outcomes[f"unchanged {folder.name}"] = (_nothing(), f"fails by itself: {why}")
        return
    while True:
        try:
            mutant, source = work.get_nowait()
        except queue.Empty:
            return
        why = tree.judge(mutant, source)
        outcomes[mutant.name] = (mutant, why)
        print(f"{mutant.name:48} {why or 'SURVIVES'}", flush=True)


def _nothing() -> Mutant:
    return Mutant(file="", name="", start=0, end=0, text="", line=0)


def _report(outcomes: dict[str, tuple[Mutant, str]], total: int, minutes: float) -> int:
    bad = {
        name: (mutant, why)
        for name, (mutant, why) in outcomes.items()
        if not why or why.startswith(("compiler", "fails by itself"))
    }
    killed = len(outcomes) - len(bad)
    print(f"\n{killed} of {total} mutants noticed in {minutes:.0f} minutes")
    for name, (mutant, why) in sorted(bad.items()):
        place = f"contracts/{mutant.file}:{mutant.line}"
        print(f"{name:48} {place:44} {why or 'survives'}")
    return 1 if bad or killed != total else 0


if __name__ == "__main__":
    raise SystemExit(main())
