# SPDX-License-Identifier: MIT
"""Properties are about results: a busy machine must not fail them."""

from hypothesis import settings

settings.register_profile("steelyard", deadline=None)
settings.load_profile("steelyard")
