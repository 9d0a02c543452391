# SPDX-License-Identifier: MIT
"""Models of the tail of losses over scenarios: exact, each with its bound."""

from steelyard.optimize.tail.families import ways_of

__all__ = ["ways_of"]
