# SPDX-License-Identifier: MIT
"""Budgeting and hierarchical models: shares of risk instead of expected returns."""

from steelyard.optimize.budgeting.choice import ways_of
from steelyard.optimize.budgeting.contributions import (
    cvar_contributions,
    risk_contributions,
)

__all__ = ["cvar_contributions", "risk_contributions", "ways_of"]
