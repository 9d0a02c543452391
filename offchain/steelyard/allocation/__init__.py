# SPDX-License-Identifier: MIT
"""From a file of prices to weights: what `steelyard optimize` asks and is told."""
