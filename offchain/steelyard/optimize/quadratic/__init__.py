# SPDX-License-Identifier: MIT
"""Mean-variance models by exact active sets, and the whole efficient frontier."""

from steelyard.optimize.quadratic.families import ways_of
from steelyard.optimize.quadratic.frontier import (
    Frontier,
    at_return,
    efficient_frontier,
    points,
)

__all__ = ["Frontier", "at_return", "efficient_frontier", "points", "ways_of"]
