# SPDX-License-Identifier: MIT
"""A vault's problem in cvxpy: the reference, tried where the fast way fails."""
