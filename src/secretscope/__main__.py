"""``python -m secretscope``."""

import sys

from secretscope.cli import main

sys.exit(main())
