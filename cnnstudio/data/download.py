"""Fetching the files of a data set into the cache folder, each verified by its size and SHA-256.

Mirrors are tried in order. A file brought by hand is taken when its checksum is right. A download goes to a
temporary file and moves to its place when it is whole and verified: nothing partial ever stands there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import platformdirs

from cnnstudio.data.catalogue import DatasetInfo, RemoteFile
from cnnstudio.data.errors import DataError, byte_count, quoted, reason
from cnnstudio.data.files import sha256
from cnnstudio.data.progress import Cancel, Progress, stop_if

CACHE_VARIABLE: Final = "CNNSTUDIO_DATA"
_CHUNK: Final = 1 << 16
_CONNECT_SECONDS, _READ_SECONDS = 10.0, 20.0
_ABANDONED_SECONDS: Final = 24 * 3600.0


def cache_folder(cache_dir: str | Path | None = None) -> Path:
    """Where downloaded data sets lie, one folder each: `cache_dir`, $CNNSTUDIO_DATA or the user's cache."""
    chosen = cache_dir or os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    return platformdirs.user_cache_path("cnnstudio", appauthor=False) / "datasets"


def is_complete(info: DatasetInfo, cache_dir: str | Path | None = None) -> bool:
    """True when every file of the set lies in the cache in its right size; `fetch` checks the rest."""
    return all(_placed(info, file, cache_folder(cache_dir)) for file in info.files)


def fetch(
    info: DatasetInfo,
    cache_dir: str | Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    mirrors: Sequence[str] | None = None,
) -> dict[str, Path]:
    """The paths of all files of a data set by their names, downloaded where they are missing or false.

    progress counts the bytes of the whole set. mirrors: base addresses instead of the set's own.

    Raises DataError when no mirror gives a file, with the list of what to put where by hand, and
    DownloadCancelled; files that are already complete stay.
    """
    if info.bundled:
        return {}
    folder = cache_folder(cache_dir)
    meter = _Meter(info, progress, cancel)
    found: dict[str, Path] = {}
    missing: list[RemoteFile] = []
    for file in info.files:
        path = _placed(info, file, folder)
        if path and sha256(path) == file.sha256:
            found[file.name] = path
            meter.finish(file)
        else:
            missing.append(file)
    for index, file in enumerate(missing):
        try:
            found[file.name] = _download(file, folder / info.name, mirrors or info.mirrors, meter)
        except _OutOfReachError as error:
            raise DataError(_by_hand(info, missing[index:], folder, str(error), mirrors)) from error
        meter.finish(file)
    return found


class _OutOfReachError(Exception):
    """No mirror gave the file; the message says why, mirror by mirror."""


class _Meter:
    """The progress bar of pooch's downloader (total, update, reset, close), which also stops it.

    It knows the size beforehand, so that an endless answer ends as soon as it is too long.
    """

    def __init__(self, info: DatasetInfo, progress: Progress | None, cancel: Cancel | None) -> None:
        self.total = 0  # pooch writes the server's word here; ours is better
        self._info, self._progress, self._cancel = info, progress, cancel
        self._before, self._file, self._done = 0, info.files[0], 0

    def begin(self, file: RemoteFile) -> None:
        self._file, self._done = file, 0
        self.update(0)

    def finish(self, file: RemoteFile) -> None:
        self._before += file.size
        self._file, self._done = file, 0
        self._report()

    def update(self, count: int) -> None:
        stop_if(self._cancel, f"The download of {self._info.title}")
        self._done += count
        if self._done >= self._file.size + 2 * _CHUNK:  # pooch counts whole chunks, also for the last one
            raise OSError(f"it sends more than the {byte_count(self._file.size)} expected")
        self._report()

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """pooch calls it after the last byte; there is nothing to close."""

    def _report(self) -> None:
        if self._progress:
            done = self._before + min(self._done, self._file.size)
            self._progress(min(done, self._info.size), self._info.size, self._file.name)


def _download(file: RemoteFile, folder: Path, mirrors: Sequence[str], meter: _Meter) -> Path:
    import pooch  # type: ignore[import-untyped] # it brings requests, slow to load and needed here alone

    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
    except OSError as error:
        raise _OutOfReachError(f"{quoted(folder)} cannot be written: {reason(error)}") from error
    pooch.get_logger().setLevel("WARNING")
    downloader = pooch.HTTPDownloader(
        progressbar=meter,
        chunk_size=_CHUNK,
        timeout=(_CONNECT_SECONDS, _READ_SECONDS),
        headers={"Accept-Encoding": "identity"},  # the files are packed, and the checksum is of the packed bytes
    )
    failures: list[str] = []
    for mirror in mirrors:
        meter.begin(file)
        try:
            return Path(
                pooch.retrieve(
                    f"{mirror.rstrip('/')}/{file.name}",
                    known_hash=f"sha256:{file.sha256}",
                    fname=file.name,
                    path=folder,
                    downloader=downloader,
                )
            )
        except ValueError:
            failures.append(f"{mirror} sends {file.name} with a wrong checksum")
        except OSError as error:  # requests' errors are OSErrors too
            failures.append(f"{mirror} {_network_reason(error)}")
    raise _OutOfReachError("; ".join(failures) or "no mirror is given")


def _network_reason(error: OSError) -> str:
    """A short reason instead of the chain of representations that `requests` writes."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"answers with error {response.status_code}"
    kind = type(error).__name__
    if kind in ("ConnectionError", "ConnectTimeout", "SSLError", "ProxyError"):
        return "cannot be reached"
    if kind in ("ReadTimeout", "ChunkedEncodingError", "IncompleteRead"):
        return "breaks off"
    return f"fails: {reason(error)}"


def _by_hand(
    info: DatasetInfo, missing: Sequence[RemoteFile], folder: Path, why: str, mirrors: Sequence[str] | None
) -> str:
    names = ", ".join(file.name for file in missing)
    address = (mirrors or info.mirrors or ("its source",))[0]
    return (
        f"{info.title} could not be downloaded ({why}). With another machine, fetch {names} from {address} and put "
        f"{'it' if len(missing) == 1 else 'them'} into {quoted(folder / info.name)}, then try again."
    )


def _placed(info: DatasetInfo, file: RemoteFile, folder: Path) -> Path | None:
    """Where the file lies in its right size: in the set's own folder, or straight in the cache folder."""
    for path in (folder / info.name / file.name, folder / file.name):
        try:
            if path.is_file() and path.stat().st_size == file.size:
                return path
        except OSError:
            continue
    return None


def _remove_abandoned(folder: Path) -> None:
    """Removes what a killed download left behind; pooch's temporary files are named tmp and eight letters."""
    for path in folder.glob("tmp????????"):
        if path.is_file() and time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
            path.unlink(missing_ok=True)
