# SPDX-License-Identifier: MIT
"""Mean-variance models by exact active sets, and the whole efficient frontier."""
