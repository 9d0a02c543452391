# SPDX-License-Identifier: MIT
"""Which amounts to hold where: the problem as data, and its solution."""

from steelyard.optimize.build import build_problem
from steelyard.optimize.model_choice import ModelChoice
from steelyard.optimize.outcome import BindingRow, Reason, Status
from steelyard.optimize.preferences import Band, Floor, Preferences
from steelyard.optimize.problem import Problem
from steelyard.optimize.report import as_data
from steelyard.optimize.solution import PositionTarget, Solution, SwapTarget
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import Allocation, Terms, evaluate
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault_model import VaultModel

__all__ = [
    "Allocation",
    "Band",
    "BindingRow",
    "Floor",
    "ModelChoice",
    "PositionTarget",
    "Preferences",
    "Problem",
    "Reason",
    "Solution",
    "Status",
    "SwapTarget",
    "Terms",
    "Unwinding",
    "VaultModel",
    "as_data",
    "build_problem",
    "evaluate",
    "optimize",
]
