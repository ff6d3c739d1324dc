"""Whatever happens to a file's bytes, or to the values in it: it opens or is refused, and nothing else."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.graph import analyze
from cnnstudio.project import ProjectError, open_project, to_parts

RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def opens_or_is_refused(path: Path) -> None:
    with contextlib.suppress(ProjectError):
        project = open_project(path)
        analyze(project.graph)
        to_parts(project)


@RELAXED
@given(data=st.data())
def test_any_bytes_may_be_wrong(data: st.DataObject, sound_bytes: bytes, tmp_path: Path) -> None:
    content = bytearray(sound_bytes)
    # The beginning holds the document, the end the array headers' neighbours and the list of contents.
    position = (
        st.integers(0, 4000) | st.integers(len(content) - 400, len(content) - 1) | st.integers(0, len(content) - 1)
    )
    for place in data.draw(st.lists(position, min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.cnnstudio"
    path.write_bytes(content)
    opens_or_is_refused(path)


@RELAXED
@given(data=st.data())
def test_any_length_may_be_missing(data: st.DataObject, sound_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.cnnstudio"
    path.write_bytes(sound_bytes[: data.draw(st.integers(0, len(sound_bytes) - 1))])
    with pytest.raises(ProjectError):
        open_project(path)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a JSON document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


@RELAXED
@given(data=st.data())
def test_any_value_may_be_another(data: st.DataObject, sound_parts: dict[str, bytes], tmp_path: Path) -> None:
    document = json.loads(sound_parts["project.json"])
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(places(document)[1:]))
        holder = document
        for key in way:
            holder = holder[key]
        holder[last] = data.draw(JSON)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        for name, content in {**sound_parts, "project.json": json.dumps(document).encode()}.items():
            out.writestr(name, content)
    path = tmp_path / "changed.cnnstudio"
    path.write_bytes(file.getvalue())
    opens_or_is_refused(path)
