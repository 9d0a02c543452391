# SPDX-License-Identifier: MIT
"""Compiled contracts: our own as Brownie builds them, others as npm publishes them."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from steelyard.chain.errors import MissingArtifact, UnknownLibrary, UnlinkedLibrary

ADDRESS_HEX_DIGITS = 40
PLACEHOLDER = re.compile(r"__.{38}")


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A compiled contract; code is hex without 0x, as published."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    deployed_bytecode: str
    links: Mapping[str, tuple[int, ...]]  # library -> first bytes of its addresses


def project_root() -> Path:
    """Folder of the checkout: $STEELYARD_ROOT, else the nearest pyproject.toml."""
    if given := os.environ.get("STEELYARD_ROOT"):
        return Path(given).resolve()
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").is_file():
            return folder
    return Path.cwd()


def own_artifact(name: str) -> Artifact:
    """A contract of this project. Raises MissingArtifact before `make build`."""
    return _load(project_root() / "build" / "contracts" / f"{name}.json", "make build")


def package_artifact(path: str) -> Artifact:
    """A contract published on npm, `path` under node_modules.

    Reads the formats of hardhat, truffle and waffle. Raises MissingArtifact.
    """
    return _load(project_root() / "node_modules" / path, "make setup")


def toolchain_artifact(path: str) -> Artifact:
    """A contract that set-up compiled from a package's source, `path` under .toolchain.

    Raises MissingArtifact.
    """
    return _load(project_root() / ".toolchain" / path, "make setup")


def link(artifact: Artifact, libraries: Mapping[str, str]) -> Artifact:
    """`artifact` with the addresses of `libraries` in its bytecode.

    Raises UnknownLibrary for a name that `artifact` does not use.
    """
    code = artifact.bytecode
    for library, address in libraries.items():
        if library not in artifact.links:
            raise UnknownLibrary(artifact.name, library)
        for start in artifact.links[library]:
            end = 2 * start + ADDRESS_HEX_DIGITS
            code = code[: 2 * start] + address.removeprefix("0x").lower() + code[end:]
    remaining = {k: v for k, v in artifact.links.items() if k not in libraries}
    return replace(artifact, bytecode=code, links=remaining)


def deployable_bytecode(artifact: Artifact) -> str:
    """Creation code as 0x hex. Raises UnlinkedLibrary when an address is missing."""
    for library in artifact.links:
        raise UnlinkedLibrary(artifact.name, library)
    return "0x" + artifact.bytecode


def _load(path: Path, remedy: str) -> Artifact:
    if not path.is_file():
        raise MissingArtifact(path, remedy)
    return _parse(path, path.stat().st_mtime_ns)


@cache
def _parse(path: Path, _modified_ns: int) -> Artifact:
    document = json.loads(path.read_text())
    bytecode, links = _code(document, "bytecode", "linkReferences")
    deployed, _ = _code(document, "deployedBytecode", "deployedLinkReferences")
    return Artifact(
        name=document.get("contractName", path.stem),
        abi=document["abi"],
        bytecode=bytecode,
        deployed_bytecode=deployed,
        links=links,
    )


def _code(
    document: Mapping[str, Any], field: str, links_field: str
) -> tuple[str, dict[str, tuple[int, ...]]]:
    code = document.get(field) or document.get("evm", {}).get(field) or ""
    references = document.get(links_field) or {}
    if isinstance(code, Mapping):
        references = code.get("linkReferences") or references
        code = code["object"]
    code = code.removeprefix("0x")
    return code, _listed_links(references) or _placeholder_links(code)


def _listed_links(references: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {
        library: tuple(place["start"] for place in places)
        for libraries in references.values()
        for library, places in libraries.items()
    }


def _placeholder_links(code: str) -> dict[str, tuple[int, ...]]:
    links: dict[str, tuple[int, ...]] = {}
    for match in PLACEHOLDER.finditer(code):
        library = match.group()[2:].rstrip("_")
        links[library] = (*links.get(library, ()), match.start() // 2)
    return links
