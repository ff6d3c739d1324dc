"""Writes the two IDX files of this folder from scikit-learn's copy of the digits.

    python make_digits.py PATH/TO/sklearn/datasets/data/digits.csv.gz

Each line of that file is 64 grey levels of 0..16, row by row, and the label. The same input gives the same
bytes.
"""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Writes uint8 `array` as a gzip-packed IDX file."""
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=9, mtime=0))


def main(source: Path) -> None:
    table = np.loadtxt(source, delimiter=",", dtype=np.uint8)
    if table.shape != (1797, 65) or table[:, :64].max() != 16 or table[:, 64].max() != 9:
        sys.exit(f"{source} is not the table of 1,797 digits")
    folder = Path(__file__).parent
    write_idx(folder / "images-idx3-ubyte.gz", table[:, :64].reshape(-1, 8, 8))
    write_idx(folder / "labels-idx1-ubyte.gz", table[:, 64])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
