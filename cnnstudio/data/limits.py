"""How much the data room takes in. Checked against headers, before anything is allocated."""

from __future__ import annotations

from typing import Final

MAX_ARRAY_BYTES: Final = 2 * 1024**3
"""Pixels of one data set as uint8; the largest EMNIST set takes a third of it."""

MAX_PICTURE_PIXELS: Final = 50_000_000
"""Pixels of one picture; today's telephones make 50 million at most in one exposure."""

MAX_PICTURE_BYTES: Final = 200 * 1024**2
"""Size of one picture file on disk or in an archive."""

MAX_FILES: Final = 200_000
"""Files and folders of one image folder or archive."""

MAX_DEPTH: Final = 16
"""Folders within folders."""

MAX_ZIP_RATIO: Final = 250
"""Unpacked size over packed size of one large archive entry. Pictures are packed already and reach 1 to 3,
flat bitmaps some hundreds; deflate ends at 1032."""

MAX_ZIP_RATIO_FROM: Final = 4 * 1024**2
"""Entries up to this size may have any ratio."""

MAX_ZIP_DIRECTORY_BYTES: Final = 32 * 1024**2
"""The list of contents of a zip file, which is read whole: 200,000 entries with long names."""
