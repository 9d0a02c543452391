# SPDX-License-Identifier: MIT
"""Read the chain, decide, plan, sign, send, record."""
