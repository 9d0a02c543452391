# SPDX-License-Identifier: MIT
"""The set-up: locked versions, the environment hook and the solc command."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOLC = ROOT / ".toolchain" / "solc-v0.8.28"
# "npm:" gives a package another name here
EXACT_VERSION = re.compile(r"(npm:[a-z-]+@)?\d+\.\d+\.\d+(-[\w.]+)?")
CONTRACT_NAME = re.compile(
    r"^(?:abstract contract|contract|interface|library) (\w+)", re.MULTILINE
)

sys.path.insert(0, str(ROOT / "scripts" / "toolchain"))

from environment import use_checkout  # noqa: E402


def run_solc(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SOLC, *arguments],
        input=stdin,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def standard_json(source: str) -> str:
    return json.dumps(
        {
            "language": "Solidity",
            "sources": {"Probe.sol": {"content": source}},
            "settings": {
                "evmVersion": "shanghai",
                "remappings": ["@openzeppelin=node_modules/@openzeppelin"],
                "outputSelection": {"*": {"*": ["evm.bytecode.object"]}},
            },
        }
    )


def test_use_checkout__nothing_set__solc_and_search_path_point_inside() -> None:
    environ = {"PATH": "/usr/bin"}

    use_checkout(environ, Path("/checkout"))

    assert environ == {
        "SOLCX_BINARY_PATH": "/checkout/.toolchain",
        "PATH": os.pathsep.join(["/checkout/node_modules/.bin", "/usr/bin"]),
    }


def test_use_checkout__called_twice_with_own_solc__keeps_both() -> None:
    environ = {"PATH": "/usr/bin", "SOLCX_BINARY_PATH": "/own/solc"}
    use_checkout(environ, Path("/checkout"))
    first = dict(environ)

    use_checkout(environ, Path("/checkout"))

    assert environ == first
    assert environ["SOLCX_BINARY_PATH"] == "/own/solc"


def test_solc__version_flag__names_the_pinned_compiler() -> None:
    result = run_solc("--version")

    assert result.returncode == 0
    assert "Version: 0.8.28+commit.7893614a" in result.stdout


def test_solc__standard_json_with_package_import__returns_bytecode() -> None:
    source = (
        "pragma solidity 0.8.28;"
        'import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";'
        "contract Probe { function f(uint256 x) external pure returns (uint256)"
        " { return Math.sqrt(x); } }"
    )

    result = run_solc("--standard-json", stdin=standard_json(source))

    output = json.loads(result.stdout)
    assert "errors" not in output or all(
        error["severity"] != "error" for error in output["errors"]
    )
    bytecode = output["contracts"]["Probe.sol"]["Probe"]["evm"]["bytecode"]["object"]
    assert len(bytecode) > 0


def test_solc__missing_import__error_names_the_file() -> None:
    source = 'pragma solidity 0.8.28; import "./Missing.sol";'

    result = run_solc("--standard-json", stdin=standard_json(source))

    messages = [error["message"] for error in json.loads(result.stdout)["errors"]]
    assert any("cannot read Missing.sol: ENOENT" in message for message in messages)


def test_solc__unknown_flag__fails_with_one_line() -> None:
    result = run_solc("--combined-json", "abi")

    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        "solc: got '--combined-json abi', expected --version or --standard-json\n"
    )


def test_package_json__every_dependency__has_an_exact_version() -> None:
    package = json.loads((ROOT / "package.json").read_text())

    versions = package["dependencies"] | package["optionalDependencies"]

    loose = {n: v for n, v in versions.items() if not EXACT_VERSION.fullmatch(v)}
    assert len(versions) > 5
    assert loose == {}


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-build.lock", "package-lock.json"]
)
def test_locks__every_package__has_a_hash_and_no_host(name: str) -> None:
    text = (ROOT / name).read_text()

    if name.endswith(".json"):
        packages = [p for key, p in json.loads(text)["packages"].items() if key]
        unhashed = [p for p in packages if not {"integrity", "inBundle"} & p.keys()]
        hosts = [p for p in packages if "resolved" in p]
    else:
        packages = re.split(r"\n(?=\S)", text.strip())
        unhashed = [p for p in packages if "--hash=sha256:" not in p]
        hosts = re.findall(r"https?://\S+|--(?:extra-)?index-url.*", text)

    assert len(packages) > 1
    assert unhashed == []
    assert hosts == []


def test_contract_names__project_and_packages__are_distinct() -> None:
    """Brownie keeps one artifact a name, so a repeated name would hide a contract."""
    own = Counter(
        name
        for path in (ROOT / "contracts").rglob("*.sol")
        for name in CONTRACT_NAME.findall(path.read_text())
    )

    artifacts = [
        json.loads(path.read_text())
        for path in (ROOT / "build" / "contracts").glob("*.json")
    ]
    foreign = {
        artifact["contractName"]
        for artifact in artifacts
        if artifact["sourcePath"].startswith("node_modules/")
    }

    assert len(own) > 0
    assert [name for name, count in own.items() if count > 1] == []
    assert foreign & own.keys() == set()
