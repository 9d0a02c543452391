# SPDX-License-Identifier: MIT
"""`python -m steelyard.bench`"""

import sys

from steelyard.bench import main

sys.exit(main())
