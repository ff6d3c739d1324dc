"""`load_dataset`: a name or a path in, three splits out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

import numpy as np

from cnnstudio.data.bundled import read_digits
from cnnstudio.data.catalogue import DATASETS, DatasetInfo, find_name, nearest_names
from cnnstudio.data.cifar import (
    cifar_parts,
    holds_pickles,
    is_cifar_folder,
    read_cifar_archive,
    read_cifar_folder,
)
from cnnstudio.data.dataset import Dataset, RawDataset, Split
from cnnstudio.data.download import fetch, is_complete
from cnnstudio.data.errors import DataError, quoted
from cnnstudio.data.files import file_size, is_folder, open_file, sha256
from cnnstudio.data.idx import find_idx, labels_beside, read_idx_set
from cnnstudio.data.image_folder import Mode, read_images
from cnnstudio.data.pictures import FITS, PICTURE_SUFFIXES, Fit, fit_picture
from cnnstudio.data.progress import Cancel, Progress
from cnnstudio.data.splits import check_fraction, stratified_split

_MAX_SIDE: Final = 1024
_SMALL_FILE: Final = 1 << 20


def load_dataset(
    name_or_path: str | Path,
    seed: int = 0,
    *,
    validation: float = 0.1,
    test: float | None = None,
    size: int | tuple[int, int] | None = None,
    mode: Mode | None = None,
    fit: Fit = "cover",
    cache_dir: str | Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    mirrors: Sequence[str] | None = None,
    registry: Mapping[str, DatasetInfo] = DATASETS,
) -> Dataset:
    """A data set by name ("digits", "mnist", "fashion-mnist", "cifar10") or from disk, in three splits.

    A path is a folder or zip file of pictures with one folder a class (also within train/, val/, test/), a
    folder of MNIST's IDX files, one IDX file of images with its labels beside it, or CIFAR-10's binary
    version as folder or archive. A name wins over a folder of the same name; give "./mnist" or a Path for
    the folder. Missing files of a named set are downloaded.

    Splits that the source brings are kept. test: the share of all images held out where it brings none
    (None: 0.2; 0.1 for a lone IDX pair, so that MNIST's test pair gives 9,000 and 1,000). validation: the
    share held out of what then remains for training. Both are stratified by class and depend on `seed`
    alone.

    size: side or (height, width) in pixels, mode: "grey" or "rgb", fit: see `fit_picture`; None keeps what
    the source has, and for pictures of many sizes a common one is chosen (see `read_images`) and stated in
    `notes`.

    progress(done_bytes, total_bytes, file) is called while downloading and while pictures are read; cancel
    is a threading.Event or the like. cache_dir, mirrors: see `download`. registry: the data sets known by
    name.

    Raises DataError (one line that says what, where and what to do) and DownloadCancelled.
    """
    _check_options(validation, test, mode, fit)
    side = _side(size)
    name = find_name(name_or_path, registry) if isinstance(name_or_path, str) else None
    if name is not None:
        parts = _named(registry[name], cache_dir, progress, cancel, mirrors)
    else:
        path = _existing(name_or_path)
        if path is None:
            raise _unknown(str(name_or_path), registry)
        parts = _from_path(path, registry, side, mode, fit, progress, cancel)
    return _complete(parts, seed, validation, test, side, mode, fit)


def is_available(
    name: str, cache_dir: str | Path | None = None, *, registry: Mapping[str, DatasetInfo] = DATASETS
) -> bool:
    """True when the data set `name` needs no download. Raises DataError for an unknown name."""
    return is_complete(_info(name, registry), cache_dir)


def download(
    name: str,
    cache_dir: str | Path | None = None,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    mirrors: Sequence[str] | None = None,
    registry: Mapping[str, DatasetInfo] = DATASETS,
) -> tuple[Path, ...]:
    """Downloads what is missing of the data set `name`; the paths of its files, () for a shipped one.

    cache_dir: None for $CNNSTUDIO_DATA or the user's cache folder; each set has a folder in it. mirrors:
    base addresses instead of the set's own. progress(done_bytes, total_bytes, file)
    counts the whole set. Raises DataError, with the list of what to put where by hand, and
    DownloadCancelled.
    """
    return tuple(fetch(_info(name, registry), cache_dir, progress, cancel, mirrors).values())


def _check_options(validation: float, test: float | None, mode: str | None, fit: str) -> None:
    check_fraction("validation share", validation)
    if test is not None:
        check_fraction("test share", test)
        if test == 0:
            raise DataError("The test share must be above 0: a run ends with a test.")
    if mode is not None and mode not in get_args(Mode):
        raise DataError(f"The mode is grey or rgb, not {quoted(mode)}.")
    if fit not in FITS:
        raise DataError(f"The fit is one of {', '.join(FITS)}, not {quoted(fit)}.")


def _side(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    if not (1 <= height <= _MAX_SIDE and 1 <= width <= _MAX_SIDE):
        raise DataError(f"The size must be 1 to {_MAX_SIDE} pixels a side, not {height} x {width}.")
    return height, width


def _info(name: str, registry: Mapping[str, DatasetInfo]) -> DatasetInfo:
    found = find_name(name, registry)
    if found is None:
        raise _unknown(name, registry)
    return registry[found]


def _unknown(text: str, registry: Mapping[str, DatasetInfo]) -> DataError:
    near = nearest_names(text, registry) if not re.search(r"[\\/]", text) else []
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return DataError(
        f"There is no data set, file or folder {quoted(text)}. {hint}Known by name: {', '.join(registry)}; or give "
        "the path of a folder, zip or IDX file."
    )


def _existing(text: str | Path) -> Path | None:
    """The path that `text` means, or None where there is nothing. One that cannot be looked at counts as
    there: reading it gives the reason."""
    try:
        path = Path(text).expanduser()
        path.lstat()
    except OSError as error:
        return None if isinstance(error, (FileNotFoundError, NotADirectoryError)) else path
    except (ValueError, RuntimeError):  # a null character; the home of an unknown user
        return None
    return path if str(text).strip() else None


def _named(
    info: DatasetInfo,
    cache_dir: str | Path | None,
    progress: Progress | None,
    cancel: Cancel | None,
    mirrors: Sequence[str] | None,
) -> RawDataset:
    if info.bundled:
        return RawDataset(info.name, info.title, info.credit, info.classes, read_digits())
    files = fetch(info, cache_dir, progress, cancel, mirrors)
    if info.name == "cifar10":
        (archive,) = files.values()
        return cifar_parts(read_cifar_archive(archive), info.classes, info.credit)
    pairs = {
        split: (files[f"{prefix}-images-idx3-ubyte.gz"], files[f"{prefix}-labels-idx1-ubyte.gz"])
        for split, prefix in (("train", "train"), ("test", "t10k"))
    }
    return read_idx_set(pairs, info.name, info.title, info.classes, info.credit)


def _from_path(
    path: Path,
    registry: Mapping[str, DatasetInfo],
    size: tuple[int, int] | None,
    mode: Mode | None,
    fit: Fit,
    progress: Progress | None,
    cancel: Cancel | None,
) -> RawDataset:
    if is_folder(path):
        found = _known_folder(path, registry)
        return found or read_images(path, size, mode, fit, progress, cancel)
    file_size(path)
    if _is_zip(path):
        return read_images(path, size, mode, fit, progress, cancel)
    if path.name.lower().endswith((".tar.gz", ".tgz")):
        return cifar_parts(read_cifar_archive(path), DATASETS["cifar10"].classes, str(path))
    if "ubyte" in path.name or "idx3" in path.name:
        return _idx_parts({"train": (path, labels_beside(path))}, registry, str(path))
    raise DataError(
        f"{quoted(path)} is no data set: "
        + (
            "it is a single picture; choose the folder with one folder a class, or open it in Inspect."
            if path.suffix.lower() in PICTURE_SUFFIXES
            else "a folder or zip file of pictures, IDX files or CIFAR-10's binary version can be read."
        )
    )


def _known_folder(path: Path, registry: Mapping[str, DatasetInfo]) -> RawDataset | None:
    """IDX files or CIFAR-10's batches in `path`, or in the folder within it where tools put them; or None."""
    try:
        for folder in (path, path / "raw"):
            if folder.is_dir() and (pairs := find_idx(folder)):
                return _idx_parts(pairs, registry, str(path))
        for folder in (path, path / "cifar-10-batches-bin"):
            if is_cifar_folder(folder):
                return cifar_parts(read_cifar_folder(folder), DATASETS["cifar10"].classes, str(path))
        if (archive := path / "cifar-10-binary.tar.gz").exists():
            return cifar_parts(read_cifar_archive(archive), DATASETS["cifar10"].classes, str(path))
        if holds_pickles(path) or holds_pickles(path / "cifar-10-batches-py"):
            raise DataError(
                f"{quoted(path)} holds CIFAR-10's Python version, whose files can run programs and are never opened: "
                "bring the binary version, cifar-10-binary.tar.gz."
            )
    except OSError as error:
        raise DataError(
            f"{quoted(path)} cannot be read: {error.strerror}. Check the folder and its permissions."
        ) from error
    return None


def _idx_parts(pairs: dict[str, tuple[Path, Path]], registry: Mapping[str, DatasetInfo], source: str) -> RawDataset:
    """IDX files from disk. Their labels' checksum tells which known set it is; others count their classes."""
    labels = next(iter(pairs.values()))[1]
    if file_size(labels) <= _SMALL_FILE:
        digest = sha256(labels)
        for info in registry.values():
            if any(file.sha256 == digest for file in info.files):
                return read_idx_set(pairs, info.name, info.title, info.classes, source)
    name = Path(source).name or source
    plain = re.match(r"(train|t10k)-", labels.name)  # MNIST's own names: its likenesses all have ten classes
    return read_idx_set(pairs, name, name, DATASETS["mnist"].classes if plain else (), source)


def _is_zip(path: Path) -> bool:
    with open_file(path) as file:
        return path.suffix.lower() == ".zip" or file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _complete(
    parts: RawDataset,
    seed: int,
    validation: float,
    test: float | None,
    size: tuple[int, int] | None,
    mode: Mode | None,
    fit: Fit,
) -> Dataset:
    """Takes the splits that the source lacks from its training images, and fits all to the shape asked
    for."""
    if parts.test is not None and test is not None:
        raise DataError(
            f"{parts.title} brings its own {len(parts.test):,} test images: leave the test share out to use them."
        )
    train, held_out = parts.train, parts.test
    if held_out is None:
        share = parts.test_share if test is None else test
        kept, taken = stratified_split(train.labels, share, seed)
        if not len(taken):
            raise DataError(
                f"{quoted(parts.title)} has too few images ({len(train):,}) to hold {share:.0%} of them out as a "
                "test split: add images, or choose a larger share."
            )
        train, held_out = train.subset(kept), train.subset(taken)
    extra = parts.validation
    if extra is None:
        kept, taken = stratified_split(train.labels, validation, seed)
        train, extra = train.subset(kept), train.subset(taken)
    return Dataset(
        name=parts.name,
        title=parts.title,
        train=_fitted(train, size, mode, fit),
        validation=_fitted(extra, size, mode, fit),
        test=_fitted(held_out, size, mode, fit),
        classes=parts.classes,
        source=parts.source,
        notes=parts.notes,
    )


def _fitted(split: Split, size: tuple[int, int] | None, mode: Mode | None, fit: Fit) -> Split:
    channels, height, width = split.images.shape[1:]
    shape = ({"grey": 1, "rgb": 3}[mode] if mode else channels, *(size or (height, width)))
    if shape == (channels, height, width):
        return split
    images = np.empty((len(split), *shape), dtype=np.uint8)
    for index, image in enumerate(split.images):
        images[index] = fit_picture(image, shape, fit)
    return Split(images, split.labels)
