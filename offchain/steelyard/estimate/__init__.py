# SPDX-License-Identifier: MIT
"""Returns, their covariance, and what is expected of them."""
