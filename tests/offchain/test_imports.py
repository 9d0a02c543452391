# SPDX-License-Identifier: MIT
"""What is slow to import is loaded when it is used, and not before."""

import subprocess
import sys

import pytest

SLOW = ("cvxpy", "highspy", "piqp", "clarabel", "pandas", "matplotlib", "scipy.special")


@pytest.mark.parametrize(
    "module",
    [
        "steelyard.optimize",
        "steelyard.optimize.allocate",
        "steelyard.optimize.reference.families",
        "steelyard.optimize.reference.measures",
    ],
)
def test_import__of_the_optimiser__loads_no_solver_and_nothing_slow(module: str):
    code = f"import sys, {module}; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()

    assert module in loaded
    assert not set(SLOW) & set(loaded)
