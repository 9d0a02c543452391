# SPDX-License-Identifier: MIT
"""One file per curve: exact integers as on chain, floats for the optimiser."""
