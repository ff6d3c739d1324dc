"""`python -m cnnstudio` is the command `cnnstudio`."""

from __future__ import annotations

import sys

from cnnstudio.cli import main

if __name__ == "__main__":
    sys.exit(main())
