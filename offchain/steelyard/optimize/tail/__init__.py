# SPDX-License-Identifier: MIT
"""Models of the tail of losses over scenarios: exact, each with its bound."""
