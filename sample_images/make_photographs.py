"""Writes the photographs of this folder from the originals in scikit-image's package.

    python make_photographs.py PATH/TO/skimage/data

Each is brought to a longer side of at most 512 pixels and saved as JPEG; nothing else is changed. The
folder's README gives origins and licences. Needs to run only when a photograph is added or exchanged.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from PIL import Image

LONGER_SIDE: Final = 512
ORIGINALS: Final = ("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "rocket.jpg")


def main(source: Path) -> None:
    for name in ORIGINALS:
        with Image.open(source / name) as original:
            picture = original.convert("L" if original.mode == "L" else "RGB")
        picture.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
        target = (Path(__file__).parent / name).with_suffix(".jpg")
        picture.save(target, quality=88, optimize=True, subsampling=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
