# SPDX-License-Identifier: MIT
"""Budgeting and hierarchical models: shares of risk instead of expected returns."""
