# SPDX-License-Identifier: MIT
"""Plans of several orders over the horizon."""
