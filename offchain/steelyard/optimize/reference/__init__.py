# SPDX-License-Identifier: MIT
"""The reference of the optimiser, stated in cvxpy: slow, general, certified.

Every mean-risk model, maximum diversification and growth. Faster ways are tested to
agree with it. If several weights are best, any of them may come back: interior-point
methods tend to the middle of them, and no ridge breaks the tie.
"""
