# SPDX-License-Identifier: MIT
"""Small changes of the contracts, each of which some test must notice.

| operator | what it changes                                                      |
|----------|----------------------------------------------------------------------|
| off      | the condition of a revert becomes false                              |
| part     | one of the terms of such a condition counts no more                  |
| edge     | a comparison includes its bound when it did not, or the other way    |
| minmax   | the lower of two becomes the higher, or the other way                |
| round    | Down becomes Up, or the other way                                    |
| drop     | a statement that is a call is left out                               |
| open     | a modifier of a function is left out                                 |
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

FILES = (
    "ExitQueue.sol",
    "Vault.sol",
    "libraries/Budget.sol",
    "libraries/ConfigCheck.sol",
    "libraries/Exits.sol",
    "libraries/Fees.sol",
    "libraries/Limits.sol",
    "libraries/Liquidity.sol",
    "libraries/Marks.sol",
    "libraries/OrderExec.sol",
    "libraries/Signatures.sol",
)
EDGES = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
WORDS = {
    "minmax": (("Math.min(", "Math.max("), (".min(", ".max(")),
    "round": (
        ("WadDown(", "WadUp("),
        ("assetsDown(", "assetsUp("),
        ("Rounding.Floor", "Rounding.Ceil"),
    ),
}
MODIFIERS = ("nonReentrant", "whenNotPaused", "whenUnlocked", "restricted")
FUNCTION = re.compile(r"^    (?:function (\w+)|(constructor)|modifier (\w+))", re.M)
CALL = re.compile(r"^ {8,}(?!emit |revert |return |assembly)(\w+(?:\.\w+)*)\(", re.M)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change: `start` to `end` of a file under contracts/ become `text`."""

    file: str
    name: str  # file, function and number of the change in it: stable under other edits
    start: int
    end: int
    text: str
    line: int


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Every mutant of a file, named, in the order of the text."""
    code = _blank_comments(source)
    found = sorted(
        {
            *_offs(code),
            *_parts(code),
            *_edges(code),
            *_words(code),
            *_drops(code),
            *_opens(code),
        }
    )
    counts: dict[str, int] = {}
    mutants = []
    for start, end, operator, text in found:
        where = f"{file.rsplit('/')[-1][:-4]}.{_function(code, start)} {operator}"
        counts[where] = counts.get(where, 0) + 1
        mutants.append(
            Mutant(
                file=file,
                name=f"{where} {counts[where]}",
                start=start,
                end=end,
                text=text,
                line=source.count("\n", 0, start) + 1,
            )
        )
    return mutants


Change = tuple[int, int, str, str]  # start, end, operator, text


def _offs(code: str) -> Iterator[Change]:
    for match in re.finditer(r"\bif \(", code):
        end = _closing(code, match.end() - 1)
        if re.match(r"\)\s*\{?\s*revert\b", code[end:]):
            yield match.end(), end, "off", "false"


def _parts(code: str) -> Iterator[Change]:
    for start, end, _, _ in _offs(code):
        terms = re.split(r"(\s(?:&&|\|\|)\s)", code[start:end])
        at = start
        for i, term in enumerate(terms):
            balanced = term.count("(") == term.count(")")
            if i % 2 == 0 and len(terms) > 1 and balanced:
                joins = terms[i + 1 if i == 0 else i - 1]
                neutral = "true" if "&&" in joins else "false"
                space = len(term) - len(term.lstrip())
                yield at + space, at + len(term.rstrip()), "part", neutral
            at += len(term)


def _edges(code: str) -> Iterator[Change]:
    for match in re.finditer(r" (<=|>=|<|>) ", code):
        line = code[code.rfind("\n", 0, match.start()) + 1 : match.start()]
        if re.search(r"\bfor \(", line) is None:
            yield match.start(1), match.end(1), "edge", EDGES[match[1]]


def _words(code: str) -> Iterator[Change]:
    for operator, pairs in WORDS.items():
        for old, new in (p for pair in pairs for p in (pair, pair[::-1])):
            for match in re.finditer(re.escape(old), code):
                line = code[code.rfind("\n", 0, match.start()) : match.start()]
                if "function" in line or (old[0] == "." and line.endswith("Math")):
                    continue
                yield match.start(), match.end(), operator, new


def _drops(code: str) -> Iterator[Change]:
    for match in CALL.finditer(code):
        if match[1] in ("if", "for", "while", "require"):
            continue
        end = _closing(code, match.end() - 1) + 1
        before = code[: match.start()].rstrip()[-1:]
        if code[end : end + 1] == ";" and before in ";{}":
            yield match.start(1), end + 1, "drop", ""


def _opens(code: str) -> Iterator[Change]:
    for match in re.finditer(rf"\b({'|'.join(MODIFIERS)})\b", code):
        line = code[code.rfind("\n", 0, match.start()) + 1 : match.start()]
        if "modifier" not in line and "import" not in line:
            yield match.start(), match.end(), "open", ""


def _closing(code: str, at: int) -> int:
    """Place of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] == "(") - (code[i] == ")")
        if depth == 0:
            return i
    raise ValueError("unbalanced brackets")


def _function(code: str, at: int) -> str:
    """Name of the function that a place belongs to."""
    names = list(FUNCTION.finditer(code, 0, at))
    return next((g for g in names[-1].groups() if g), "?") if names else "?"


def _blank_comments(source: str) -> str:
    """The source with spaces for comments, so that places stay the same."""
    return re.sub(
        r"//[^\n]*|/\*.*?\*/",
        lambda m: re.sub(r"[^\n]", " ", m[0]),
        source,
        flags=re.S,
    )
