# SPDX-License-Identifier: MIT
"""One liquidity position, described in words and numbers, and all that follows."""
