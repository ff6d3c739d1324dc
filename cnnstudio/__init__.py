"""CNN Studio: draw a convolutional network, train it live, take any of its numbers apart.

Importing the package loads nothing else. This module runs before any other of the package, and so before NumPy
(unless the caller has imported it already): what must stand before NumPy loads its BLAS is set here.
"""

from __future__ import annotations

import os
import sys

from cnnstudio.blas import choose_kernels

__version__ = "0.1.0"

choose_kernels(os.environ, sys.modules)
