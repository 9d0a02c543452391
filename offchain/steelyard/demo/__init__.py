# SPDX-License-Identifier: MIT
"""A local chain with the real protocols on it, and the people who trade there."""
