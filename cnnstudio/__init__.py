"""CNN Studio: draw a convolutional network, train it live, take any of its numbers apart.

Importing the package loads nothing else. This module runs before any other of the package, and so before
NumPy: settings of the environment that must stand before NumPy loads its BLAS belong here.
"""

from __future__ import annotations

__version__ = "0.1.0"
