# SPDX-License-Identifier: MIT
"""Slither's findings, each of which docs/slither.md must explain.

`python tests/forge/findings.py` compiles the contracts into build info that Slither
reads, runs it, and ends with 1 when a finding is not in the table of docs/slither.md,
or a row of the table explains nothing any more.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from steelyard.chain.artifacts import project_root

OUT = Path("build/forge/slither")
LEFT_OUT = "node_modules|contracts/mocks|contracts/demo"
EVERYWHERE = "everywhere"


def main() -> int:
    """Exit code: 0 when every finding is explained."""
    root = project_root()
    explained = table(root / "docs" / "slither.md")
    found = findings(root)
    fresh = sorted(f for f in found if not _is_in(explained, f))
    used = {(d, p) for d, p in found} | {(d, EVERYWHERE) for d, _ in found}
    stale = sorted(explained - used)
    for detector, place in fresh:
        print(f"not explained: {detector} at {place}")
    for detector, place in stale:
        print(f"explains nothing: {detector} at {place}")
    print(f"slither: {len(found)} places with findings, {len(fresh)} not explained")
    return 1 if fresh or stale else 0


def table(path: Path) -> set[tuple[str, str]]:
    """(detector, place) of every row; a row may name several places."""
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (.+?) \|", path.read_text(encoding="utf-8"), re.M
    )
    return {
        (detector, place)
        for detector, places in rows
        for place in re.findall(r"`([\w.]+)`", places) or [EVERYWHERE]
    }


def findings(root: Path) -> set[tuple[str, str]]:
    """(detector, contract.function) of all that Slither reports."""
    environment = {
        **os.environ,
        "PATH": f"{root}/node_modules/.bin{os.pathsep}{os.environ['PATH']}",
        "FOUNDRY_OUT": str(OUT),
        "FOUNDRY_CACHE_PATH": f"{OUT}-cache",
        "FOUNDRY_TEST": "contracts",  # no test is compiled
        "FOUNDRY_SCRIPT": "contracts",
        "FOUNDRY_DYNAMIC_TEST_LINKING": "false",
        "FOUNDRY_OPTIMIZER": "false",
    }
    subprocess.run(
        ["forge", "build", "--build-info", "--force", "--quiet"],
        cwd=root,
        env=environment,
        check=True,
    )
    done = subprocess.run(
        [
            str(root / ".toolchain" / "slither" / "bin" / "slither"),
            ".",
            "--ignore-compile",
            "--foundry-out-directory",
            str(OUT),
            "--filter-paths",
            LEFT_OUT,
            "--json",
            "-",
        ],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"slither: {done.stderr[-2000:]}") from None
    return {
        (finding["check"], _place(finding))
        for finding in report["results"].get("detectors", [])
    }


def _place(finding: dict[str, Any]) -> str:
    """Contract and function of a finding's first element that has them."""
    for element in finding["elements"]:
        names = [element["name"]] if element["type"] == "function" else []
        parent = element.get("type_specific_fields", {}).get("parent")
        while parent:
            if parent["type"] in ("function", "contract"):
                names.insert(0, parent["name"])
            parent = parent.get("type_specific_fields", {}).get("parent")
        if len(names) > 1:
            return ".".join(names[:2])
    return str(finding["elements"][0]["name"]) if finding["elements"] else "?"


def _is_in(explained: set[tuple[str, str]], finding: tuple[str, str]) -> bool:
    return finding in explained or (finding[0], EVERYWHERE) in explained


if __name__ == "__main__":
    raise SystemExit(main())
