# SPDX-License-Identifier: MIT
"""Tables, plots and pages about what the keeper did."""
