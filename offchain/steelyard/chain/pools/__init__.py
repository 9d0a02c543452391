# SPDX-License-Identifier: MIT
"""Pools of several tokens: read from a chain in one call, kept in a file."""
