# SPDX-License-Identifier: MIT
"""The vault's problem, swaps and all, by sequential quadratic programming."""
