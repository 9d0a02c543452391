# SPDX-License-Identifier: MIT
"""Prices: loaded, cleaned, aligned or simulated, with what was repaired said aloud."""
