# SPDX-License-Identifier: MIT
"""A basket traded into a basket across all pools: what to swap where, and the proof."""
