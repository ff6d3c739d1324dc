"""Pictures of any size and kind, one folder a class, as arrays of one shape."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image

from cnnstudio.data.dataset import RawDataset, Split
from cnnstudio.data.errors import DataError, byte_count, quoted
from cnnstudio.data.image_layout import find_layout
from cnnstudio.data.limits import MAX_ARRAY_BYTES
from cnnstudio.data.pictures import Fit, decode, fit_picture, is_grey, open_picture, to_array
from cnnstudio.data.progress import Cancel, Progress, stop_if
from cnnstudio.data.trees import Tree, TreePath, open_tree

Mode = Literal["grey", "rgb"]

_KEEP_UP_TO: Final = 256
"""Pictures that all have one size keep it up to this side, in pixels."""
_LONGER_SIDE: Final = 64
"""All others are brought to a longer side of at most this many pixels."""
_ORIENTATION: Final = 0x0112  # EXIF: 5 to 8 lie on their side


def read_images(
    path: Path,
    size: tuple[int, int] | None = None,
    mode: Mode | None = None,
    fit: Fit = "cover",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> RawDataset:
    """The pictures of a folder or zip file, one folder a class, also within train/, val/ and test/.

    size: (height, width). Without it, pictures that all have the same size, up to 256 pixels a side, keep
    it; others take the median height and width, scaled down where the longer is above 64. mode: without it,
    grey when every picture is grey. What was chosen stands in the notes. fit: how a picture of another
    aspect is brought in, see `fit_picture`.

    Every header is looked at before memory is taken for the pixels. Raises DataError, which names the
    picture, and DownloadCancelled.
    """
    with open_tree(path) as tree:
        layout = find_layout(tree)
        pictures = [parts for split in layout.splits.values() for parts, _ in split]
        sizes, all_grey = _survey(tree, pictures, cancel)
        chosen = size or default_size(sizes)
        channels = 1 if mode == "grey" or (mode is None and all_grey) else 3
        shape = (channels, *chosen)
        _check_memory(path, len(pictures), shape)
        reader = _Reader(tree, shape, fit, sum(tree.files[parts] for parts in pictures), progress, cancel)
        splits = {name: reader.read(split) for name, split in layout.splits.items()}
    return RawDataset(
        name=path.stem,
        title=path.stem,
        source=str(path),
        classes=layout.classes,
        train=splits["train"],
        validation=splits.get("validation"),
        test=splits.get("test"),
        notes=(*_resizing(sizes, chosen), *layout.notes),
    )


def default_size(sizes: dict[tuple[int, int], int]) -> tuple[int, int]:
    """(height, width) for pictures of which `sizes` counts each (height, width), as `read_images` says."""
    if len(sizes) == 1:
        (only,) = sizes
        if max(only) <= _KEEP_UP_TO:
            return only
    counts = list(sizes.values())
    height, width = (float(np.median(np.repeat([side[axis] for side in sizes], counts))) for axis in (0, 1))
    scale = min(1.0, _LONGER_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _resizing(sizes: dict[tuple[int, int], int], chosen: tuple[int, int]) -> tuple[str, ...]:
    if set(sizes) == {chosen}:
        return ()
    came = "one size" if len(sizes) == 1 else f"{len(sizes):,} sizes"
    return (f"The pictures came in {came} and were brought to {chosen[0]} × {chosen[1]} pixels.",)


def _survey(tree: Tree, pictures: list[TreePath], cancel: Cancel | None) -> tuple[dict[tuple[int, int], int], bool]:
    """How often each upright (height, width) occurs, and whether all pictures are grey; reads only
    headers."""
    sizes: dict[tuple[int, int], int] = {}
    all_grey = True
    for parts in pictures:
        stop_if(cancel, f"Reading {quoted(tree.path)}")
        with tree.open(parts) as file, open_picture(file, tree.label(parts)) as image:
            size = (image.width, image.height) if _lies_on_its_side(image) else (image.height, image.width)
            all_grey = all_grey and is_grey(image)
        sizes[size] = sizes.get(size, 0) + 1
    return sizes, all_grey


def _lies_on_its_side(image: Image.Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except Exception:  # noqa: BLE001 - a damaged EXIF block says nothing about the pixels
        return False


def _check_memory(path: Path, count: int, shape: tuple[int, int, int]) -> None:
    channels, height, width = shape
    needed = count * channels * height * width
    if needed > MAX_ARRAY_BYTES:
        raise DataError(
            f"{quoted(path)} holds {count:,} pictures, which take {byte_count(needed)} at {height} x {width} pixels, "
            f"more than the {byte_count(MAX_ARRAY_BYTES)} that are taken in: choose a smaller size."
        )


class _Reader:
    """Decodes pictures of a tree into arrays of one shape, and counts the bytes for the progress bar."""

    def __init__(
        self,
        tree: Tree,
        shape: tuple[int, int, int],
        fit: Fit,
        total: int,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> None:
        self._tree, self._shape, self._fit = tree, shape, fit
        self._done, self._total = 0, total
        self._progress, self._cancel = progress, cancel

    def read(self, split: list[tuple[TreePath, int]]) -> Split:
        images = np.empty((len(split), *self._shape), dtype=np.uint8)
        for index, (parts, _) in enumerate(split):
            stop_if(self._cancel, f"Reading {quoted(self._tree.path)}")
            name = self._tree.label(parts)
            with self._tree.open(parts) as file, decode(file, name, draft=3 * max(self._shape[1:])) as image:
                images[index] = fit_picture(to_array(image, name), self._shape, self._fit)
            self._done += self._tree.files[parts]
            if self._progress:
                self._progress(self._done, self._total, parts[-1])
        return Split(images, np.array([label for _, label in split], dtype=np.int64))
