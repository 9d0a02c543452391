# SPDX-License-Identifier: MIT
"""The only code that talks to a node."""
