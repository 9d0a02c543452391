# SPDX-License-Identifier: MIT
"""The root of every error that Steelyard raises on purpose."""


class SteelyardError(Exception):
    """One clear line: the field, its value, and what was expected."""
