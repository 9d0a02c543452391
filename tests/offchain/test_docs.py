# SPDX-License-Identifier: MIT
"""The pages name tests and files that exist."""

import re
from pathlib import Path

import pytest

from steelyard.chain.artifacts import project_root

ROOT = project_root()
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def _test_names(pattern: str) -> set[str]:
    """Names of every Python and Solidity test."""
    files = [p for p in (ROOT / "tests").rglob("*") if p.suffix in (".py", ".sol")]
    names = (re.findall(pattern, p.read_text(encoding="utf-8")) for p in files)
    return {name for found in names for name in found}


def test_security__every_test_it_names__exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:test|testFuzz|invariant)_\w+)`", text))
    existing = _test_names(r"\b(?:def|function) ((?:test|testFuzz|invariant)_\w+)\(")

    assert len(named) > 40
    assert named - existing == set()


def test_security__every_test_file_it_names__exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)*\w+\.(?:t\.sol|py))`", text))
    folders = (ROOT / "tests", ROOT / "offchain")
    paths = [str(p) for folder in folders for p in folder.rglob("*.*")]

    missing = {n for n in named if not any(p.endswith("/" + n) for p in paths)}
    assert named
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page__every_file_it_links__exists(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))

    local = [link for link in links if "://" not in link]
    missing = [link for link in local if not (page.parent / link).exists()]
    assert missing == []
