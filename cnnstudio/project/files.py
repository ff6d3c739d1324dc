"""`.cnnstudio` files: a zip of project.json and arrays. Opening one runs nothing that is in it.

    project.json          versioned JSON: drawing, settings, history by epoch, view (see `schema`)
    history.safetensors   history by iteration, one array a column
    weights.safetensors   the network's arrays by their state_dict names

Other parts, and sections of project.json that this version does not know, are kept and written back.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from cnnstudio.data.errors import byte_count, quoted, reason
from cnnstudio.project import migrations, schema
from cnnstudio.project.archive import Archive, ArchiveError, write_archive
from cnnstudio.project.atomic import write_atomically
from cnnstudio.project.errors import ProjectError
from cnnstudio.project.migrations import FORMAT_VERSION, Contents, Migration
from cnnstudio.project.model import Extras, Project, TrainingHistory, expected_shapes
from cnnstudio.project.plain import MAX_DEPTH, Json, too_deep
from cnnstudio.project.tensors import Array, TensorsError, pack, unpack

SUFFIX = ".cnnstudio"

DOCUMENT, HISTORY, WEIGHTS = "project.json", "history.safetensors", "weights.safetensors"
LIMITS: Mapping[str, int] = {DOCUMENT: 16 * 1024**2, HISTORY: 256 * 1024**2, WEIGHTS: 2 * 1024**3}
MAX_EXTRA_BYTES = 32 * 1024**2


def open_project(
    path: str | Path,
    *,
    steps: Mapping[int, Migration] = migrations.MIGRATIONS,
    version: int = FORMAT_VERSION,
) -> Project:
    """The project in a file. The file is only read.

    A file of a newer format opens read-only if it can be understood. Layers of unknown kinds are kept as
    placeholders; `analyze` reports them. `steps` and `version` are the migrations and the version they lead to.

    Raises:
        ProjectError: it cannot be read, is damaged, or holds what no project holds. One line, says what and where.
    """
    path = Path(path)
    try:
        with _open(path) as file:
            project = _read(Archive(file), steps, version)
    except _NewerVersionError as error:
        raise ProjectError(f"{quoted(path.name)} cannot be opened: {error}") from None
    except OSError as error:
        raise ProjectError(f"{quoted(path.name)} cannot be read: {reason(error)}.") from None
    except ValueError as error:
        raise ProjectError(f"{quoted(path.name)} cannot be opened: {_one_line(error)}.") from None
    project.path = path
    return project


def save_project(project: Project, path: str | Path) -> None:
    """Write a project to `path`, whole or not at all. Equal projects give equal bytes.

    Kept weights that no longer fit the drawing are left out.

    Raises:
        ProjectError: it cannot be written, or `path` is of a newer version and read-only; the old file stands.
    """
    path = Path(path)
    if project.read_only and project.path is not None and os.path.realpath(path) == os.path.realpath(project.path):
        raise ProjectError(f"{quoted(path.name)} is read-only: {project.read_only_reason} Save under another name.")
    try:
        parts = to_parts(project)
        write_atomically(path, lambda file: write_archive(file, parts))
    except OSError as error:
        raise ProjectError(f"{quoted(path.name)} cannot be written: {reason(error)}. Save somewhere else.") from None
    except (ArchiveError, TensorsError, UnicodeEncodeError) as error:
        raise ProjectError(f"{quoted(path.name)} cannot be written: {_one_line(error)}.") from None


def to_parts(project: Project) -> dict[str, bytes]:
    """What a project's file holds, part by part. Raises ArchiveError for what could not be opened again."""
    document = schema.to_document(project, FORMAT_VERSION)
    if too_deep(document):
        raise ArchiveError(f"its settings nest deeper than {MAX_DEPTH} levels")
    parts = {DOCUMENT: msgspec.json.format(msgspec.json.encode(document), indent=1)}
    history = project.history
    if len(history.iterations):
        columns = {"iteration": history.iterations, "loss": history.losses, "accuracy": history.accuracies}
        parts[HISTORY] = pack(columns)
    if weights := project.state_dict():
        parts[WEIGHTS] = pack(weights)
    for name, content in parts.items():
        if len(content) > LIMITS[name]:
            raise ArchiveError(f"its part {quoted(name)} takes {byte_count(len(content))}, above the limit")
    return {**parts, **{name: content for name, content in sorted(project.extras.parts.items()) if name not in LIMITS}}


class _NewerVersionError(Exception):
    """A file of a newer version that cannot be understood."""


def _open(path: Path) -> BinaryIO:
    """Raises OSError, also for what is no plain file: reading a pipe or a device may never end."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise OSError("it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError("it is no regular file")
    return path.open("rb")


def _one_line(error: ValueError) -> str:
    """An error's own words, without its full stop: it becomes part of a sentence."""
    text = " ".join(str(error).split())
    text = "".join(c if c.isprintable() else "?" for c in text)
    return (text if len(text) <= 300 else text[:299] + "…").rstrip(".")


def _read(archive: Archive, steps: Mapping[int, Migration], version: int) -> Project:
    if DOCUMENT not in archive.names:
        raise ArchiveError(f"it is no CNN Studio project (it has no part {quoted(DOCUMENT)})")
    document = _decode(archive.read(DOCUMENT, LIMITS[DOCUMENT]))
    found = _header(document).version
    contents = Contents(document, _arrays(archive, WEIGHTS), _arrays(archive, HISTORY))
    if found <= version:
        project = _build(migrations.migrate(contents, found, steps, version), strict=True)
        project.extras = Extras(project.extras.sections, _other_parts(archive))
        return project
    newer = f"it was written by a newer version of CNN Studio (format {found}; this one writes {version})."
    try:
        project = _build(contents, strict=False)
    except ValueError as error:
        raise _NewerVersionError(f"{newer} Update CNN Studio to open it ({_one_line(error)}).") from None
    project.read_only, project.read_only_reason = True, newer[0].upper() + newer[1:]
    return project


def _build(contents: Contents, *, strict: bool) -> Project:
    try:
        project = schema.from_document(contents.document, strict=strict)
    except ValueError as error:
        raise ValueError(f"in its part {quoted(DOCUMENT)}: {_one_line(error).replace('`$.', '`')}") from None
    if contents.history:
        try:
            project.history = _history(project.history, contents.history)
        except ValueError as error:
            raise ValueError(f"in its part {quoted(HISTORY)}: {error}") from None
    if contents.weights:
        _check_fit(project, contents.weights)
        project.keep_state_dict(contents.weights)
    return project


def _decode(content: bytes) -> dict[str, Json]:
    try:
        document = msgspec.json.decode(content, type=dict[str, object])
    except RecursionError:
        raise ArchiveError(f"its part {quoted(DOCUMENT)} nests deeper than {MAX_DEPTH} levels") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ArchiveError(f"its part {quoted(DOCUMENT)} is no sound JSON ({error})") from None
    if too_deep(document):
        raise ArchiveError(f"its part {quoted(DOCUMENT)} nests deeper than {MAX_DEPTH} levels")
    return document  # type: ignore[return-value]


def _header(document: Mapping[str, Json]) -> schema.Header:
    try:
        return msgspec.convert(document, schema.Header)
    except msgspec.ValidationError as error:
        raise ArchiveError(f"its part {quoted(DOCUMENT)} does not say its format and version ({error})") from None


def _arrays(archive: Archive, name: str) -> dict[str, Array]:
    if name not in archive.names:
        return {}
    try:
        return unpack(archive.read(name, LIMITS[name]))
    except TensorsError as error:
        raise ArchiveError(f"its part {quoted(name)} is damaged: {error}") from None


def _other_parts(archive: Archive) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    room = MAX_EXTRA_BYTES
    for name in archive.names:
        if name not in LIMITS:
            parts[name] = archive.read(name, room)
            room -= len(parts[name])
    return parts


def _history(records: TrainingHistory, columns: Mapping[str, Array]) -> TrainingHistory:
    wanted = {"iteration": np.dtype(np.int64), "loss": np.dtype(np.float64), "accuracy": np.dtype(np.float64)}
    if {name: array.dtype for name, array in columns.items()} != wanted:
        raise ValueError(f"its columns are not {', '.join(f'{name} ({dtype})' for name, dtype in wanted.items())}")
    return TrainingHistory(
        columns["iteration"],  # type: ignore[arg-type]
        columns["loss"],  # type: ignore[arg-type]
        columns["accuracy"],  # type: ignore[arg-type]
        records.epochs,
        records.test,
    )


def _check_fit(project: Project, weights: Mapping[str, Array]) -> None:
    """Raises ValueError, naming the layer, for arrays that the drawing has no place for."""
    ids = {node.name: node.id for node in project.graph.nodes.values()}
    shapes = expected_shapes(project.graph)
    for key, array in weights.items():
        name, dot, parameter = key.partition(".")
        if not dot or name not in ids:
            raise ValueError(f"it has weights {quoted(key)} of a layer that is not in the network")
        if (expected := shapes[ids[name]]) is None:
            continue
        if parameter not in expected:
            raise ValueError(f"it has weights {quoted(key)}, which layer {name} does not have")
        if array.shape != expected[parameter]:
            raise ValueError(
                f"its weights {quoted(key)} have shape {list(array.shape)}, and the network needs "
                f"{list(expected[parameter])}"
            )
