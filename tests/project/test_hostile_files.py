"""Damaged and hostile project files: each gets one clear line, costs little memory, and stays as it is."""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import struct
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from cnnstudio.project import ProjectError, open_project
from cnnstudio.project.migrations import FORMAT_VERSION

Parts = dict[str, bytes]
LIMIT = 8 * 1024**2
"""Bytes that refusing a file may take; the sound file itself is 150 kB large."""

DOCUMENT, HISTORY, WEIGHTS = "project.json", "history.safetensors", "weights.safetensors"


def archive(parts: Parts, compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return file.getvalue()


def with_entry(parts: Parts, name: str, content: bytes = b"", mode: int = stat.S_IFREG | 0o644) -> bytes:
    file = io.BytesIO(archive(parts))
    with zipfile.ZipFile(file, "a") as out:
        info = zipfile.ZipInfo(name)
        info.filename = name  # past ZipInfo's own tidying
        info.external_attr = mode << 16
        out.writestr(info, content)
    return file.getvalue()


def patched(content: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert old in content
    return content.replace(old, new, count)


def in_directory(content: bytes, name: str, offset: int, field: bytes) -> bytes:
    """Overwrite bytes of an entry in the zip's list of contents (its offsets are in the zip specification, 4.3.12)."""
    start = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    return content[: start + offset] + field + content[start + offset + len(field) :]


def in_end(content: bytes, offset: int, field: bytes) -> bytes:
    start = len(content) - 22 + offset
    return content[:start] + field + content[start + len(field) :]


def flipped(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 0x55]) + content[position + 1 :]


# -- the file and the zip around it

CONTAINERS: Mapping[str, tuple[Callable[[Parts], bytes], str]] = {
    "empty": (lambda parts: b"", "it is empty"),
    "text": (lambda parts: b"my homework\n" * 40, "not a zip file"),
    "a picture": (lambda parts: b"\x89PNG\r\n\x1a\n" + bytes(400), "not a zip file"),
    "a pickle": (lambda parts: pickle.dumps({"weights": [1.0] * 100}), "not a zip file"),
    "four bytes": (lambda parts: b"PK\x03\x04", "its end is missing"),
    "cut off at a tenth": (lambda parts: (whole := archive(parts))[: len(whole) // 10], "its end is missing"),
    "cut off in the middle": (lambda parts: (whole := archive(parts))[: len(whole) // 2], "its end is missing"),
    "cut off near the end": (lambda parts: archive(parts)[:-40], "its end is missing"),
    "last byte missing": (lambda parts: archive(parts)[:-1], "its end is missing"),
    "bytes behind its end": (lambda parts: archive(parts) + b"#!/bin/sh\n", "added to"),
    "beginning missing": (lambda parts: b"PK" + archive(parts)[5000:], "damaged"),
    "another program's zip": (lambda parts: archive({"word/document.xml": b"<w/>"}), "no part 'project.json'"),
    "document missing": (lambda parts: archive({WEIGHTS: parts[WEIGHTS]}), "no part 'project.json'"),
    "wrong checksum, document": (lambda parts: flipped(archive(parts), 300), "'project.json' is damaged"),
    "wrong checksum, weights": (
        lambda parts: flipped(archive(parts), len(archive(parts)) - 2000),
        "'weights.safetensors' is damaged",
    ),
    "zip slip": (lambda parts: with_entry(parts, "../../evil.txt", b"x"), "unsafe name '../../evil.txt'"),
    "absolute name": (lambda parts: with_entry(parts, "/etc/passwd", b"x"), "unsafe name"),
    "Windows name": (lambda parts: with_entry(parts, "C:evil.dll", b"x"), "unsafe name"),
    "backslashes": (lambda parts: with_entry(parts, "..\\evil.dll", b"x"), "unsafe name"),
    "the same part twice": (
        lambda parts: patched(with_entry(parts, "project.jsox", b"{}"), b"project.jsox", b"project.json"),
        "it holds 'project.json' twice",
    ),
    "name with a NUL": (
        lambda parts: patched(with_entry(parts, "note.txt#.exe", b"x"), b"note.txt#.exe", b"note.txt\0.exe"),
        "unsafe name",
    ),
    "symbolic link inside": (
        lambda parts: with_entry(parts, "link", b"/etc/passwd", stat.S_IFLNK | 0o777),
        "is a symbolic link",
    ),
    "encrypted part": (
        lambda parts: in_directory(archive(parts), WEIGHTS, 8, struct.pack("<H", 1)),
        "'weights.safetensors' is encrypted",
    ),
    "packed by another method": (lambda parts: archive(parts, zipfile.ZIP_LZMA), "packed in a way"),
    "list and part disagree": (lambda parts: patched(archive(parts), b"weights.", b"weighty.", 1), "is damaged"),
    "claims to start beyond the end": (
        lambda parts: in_directory(archive(parts), WEIGHTS, 42, struct.pack("<I", 1_900_000_000)),
        "claims more bytes than the file has",
    ),
    "claims 1.9 GB": (
        lambda parts: in_directory(archive(parts), WEIGHTS, 20, struct.pack("<II", 1_900_000_000, 1_900_000_000)),
        "claims more bytes than the file has",
    ),
    "claims 1.9 GB, two ways": (
        lambda parts: in_directory(archive(parts), WEIGHTS, 24, struct.pack("<I", 1_900_000_000)),
        "claims two different sizes",
    ),
    "claims 60,000 parts": (lambda parts: in_end(archive(parts), 10, struct.pack("<H", 60_000)), "60000 parts"),
    "has 300 parts": (
        lambda parts: archive({**parts, **{f"note{index}": b"" for index in range(300)}}),
        "303 parts",
    ),
    "a list of contents of 4 GB": (lambda parts: in_end(archive(parts), 12, b"\xff\xff\xff\x7f"), "parts"),
    "zip64": (
        lambda parts: archive(parts)[:-22] + b"PK\x06\x07" + bytes(16) + archive(parts)[-22:],
        "zip64",
    ),
    "document above its limit": (
        lambda parts: archive({**parts, DOCUMENT: b" " * 20_000_000}),
        "'project.json' claims 20.0 MB; the limit is 16.8 MB",
    ),
    "unknown parts above their limit": (
        lambda parts: archive({**parts, "notes.txt": b" " * 40_000_000}),
        "'notes.txt' claims 40.0 MB; the limit is 33.6 MB",
    ),
}


def bomb(parts: Parts) -> bytes:
    return archive({**parts, WEIGHTS: bytes(64 * 1024**2)}, zipfile.ZIP_DEFLATED)


def bomb_that_claims_little(parts: Parts) -> bytes:
    """The part says that it holds 1,000 bytes, and unpacks to 64 MB."""
    content = in_directory(bomb(parts), WEIGHTS, 24, struct.pack("<I", 1000))
    return in_directory(content, WEIGHTS, 16, struct.pack("<I", zlib.crc32(bytes(999))))


BOMBS: Mapping[str, tuple[Callable[[Parts], bytes], str]] = {
    "zip bomb": (bomb, "a zip bomb"),
    "zip bomb that claims little": (bomb_that_claims_little, "'weights.safetensors' is damaged"),
}

# -- project.json

Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> Callable[[Parts], bytes]:
    def build(parts: Parts) -> bytes:
        document = json.loads(parts[DOCUMENT])
        edit(document)
        return archive({**parts, DOCUMENT: json.dumps(document).encode()})

    return build


def replaced(content: bytes) -> Callable[[Parts], bytes]:
    return lambda parts: archive({**parts, DOCUMENT: content})


def node(document: dict[str, Any], index: int) -> dict[str, Any]:
    return document["graph"]["nodes"][index]


def nested(depth: int) -> object:
    value: object = 0
    for _ in range(depth):
        value = [value]
    return value


DOCUMENTS: Mapping[str, tuple[Callable[[Parts], bytes], str]] = {
    "no JSON": (replaced(b"{'format': 'cnnstudio'}"), "no sound JSON"),
    "cut-off JSON": (lambda parts: archive({**parts, DOCUMENT: parts[DOCUMENT][:-30]}), "no sound JSON"),
    "no UTF-8": (replaced(b'{"format": "\xff\xfe"}'), "no sound JSON"),
    "a list": (replaced(b"[1, 2, 3]"), "no sound JSON"),
    "nothing": (replaced(b""), "no sound JSON"),
    "a pickle for a document": (replaced(pickle.dumps({"format": "cnnstudio"})), "no sound JSON"),
    "NaN": (
        lambda parts: archive({**parts, DOCUMENT: patched(parts[DOCUMENT], b"1.25", b"NaN")}),
        "no sound JSON",
    ),
    "number out of range": (
        lambda parts: archive({**parts, DOCUMENT: patched(parts[DOCUMENT], b"1.25", b"1e999")}),
        "no sound JSON",
    ),
    "number of 6,000 digits": (
        lambda parts: archive({**parts, DOCUMENT: patched(parts[DOCUMENT], b"1.25", b"9" * 6000)}),
        "no sound JSON",
    ),
    "100,000 brackets": (replaced(b'{"format":"cnnstudio","version":1,"view":' + b"[" * 100_000), "nests deeper"),
    "200 brackets": (edited(lambda d: d["view"].update(deep=nested(200))), "nests deeper"),
    "40 brackets": (edited(lambda d: d["view"].update(deep=nested(40))), "nests deeper"),
    "another format": (edited(lambda d: d.update(format="keras")), "does not say its format"),
    "no format": (edited(lambda d: d.pop("format")), "does not say its format"),
    "no version": (edited(lambda d: d.pop("version")), "does not say its format and version"),
    "version 0": (edited(lambda d: d.update(version=0)), "does not say its format and version"),
    "version in words": (edited(lambda d: d.update(version="1")), "does not say its format and version"),
    "newer, beyond understanding": (
        edited(lambda d: d.update(version=FORMAT_VERSION + 1, graph="compressed")),
        f"a newer version of CNN Studio (format {FORMAT_VERSION + 1}; this one writes {FORMAT_VERSION})",
    ),
    "no drawing": (edited(lambda d: d.pop("graph")), "graph"),
    "a drawing of text": (edited(lambda d: d.update(graph="conv, relu")), "graph"),
    "title of numbers": (edited(lambda d: d.update(title=5)), "title"),
    "nodes in words": (edited(lambda d: d["graph"].update(nodes={"a": 1})), "graph.nodes"),
    "node without a kind": (edited(lambda d: node(d, 1).pop("kind")), "graph.nodes[1]"),
    "node with a surprise": (edited(lambda d: node(d, 1).update(script="rm -rf")), "graph.nodes[1].script"),
    "training with a surprise": (edited(lambda d: d["training"].update(hook="os.system")), "training.hook"),
    "unknown optimizer": (edited(lambda d: d["training"].update(optimizer="magic")), "optimizer is 'magic'"),
    "negative learning rate": (edited(lambda d: d["training"].update(learning_rate=-1.0)), "learning_rate is -1.0"),
    "unknown schedule": (edited(lambda d: d["training"].update(schedule="spiral")), "schedule is 'spiral'"),
    "class weights of nothing": (edited(lambda d: d["training"].update(class_weights=[])), "class_weights is ()"),
    "layers in a list": (edited(lambda d: d["training"].update(layers=["conv1"])), "training.layers"),
    "layer frozen in words": (
        edited(lambda d: d["training"].update(layers={"a": {"frozen": "yes"}})),
        "training.layers",
    ),
    "layer with a negative pull": (edited(lambda d: d["training"].update(layers={"a": {"l2": -1}})), "l2 is -1"),
    "layer with a surprise": (
        edited(lambda d: d["training"].update(layers={"a": {"hook": 1}})),
        "training.layers.a.hook",
    ),
    "epochs in words": (edited(lambda d: d["training"].update(epochs="five")), "training.epochs"),
    "validation share of 2": (edited(lambda d: d["data"].update(validation=2.0)), "validation is 2"),
    "negative seed": (edited(lambda d: d["data"].update(seed=-1)), "seed is -1"),
    "unknown mode": (edited(lambda d: d["data"].update(mode="cmyk")), "data.mode"),
    "size of nothing": (edited(lambda d: d["data"].update(size=[0, 8])), "size is 0 × 8"),
    "source with a line break": (edited(lambda d: d["data"].update(source="digits\nrm")), "source"),
    "epoch without a loss": (edited(lambda d: d["history"]["epochs"][0].pop("training_loss")), "history.epochs"),
    "epoch counted in words": (edited(lambda d: d["history"]["epochs"][0].update(epoch="1")), "history.epochs"),
    "loss in words": (edited(lambda d: d["history"]["epochs"][0].update(training_loss="low")), "history.epochs"),
}

# -- the drawing

DRAWINGS: Mapping[str, tuple[Callable[[Parts], bytes], str]] = {
    "circle": (edited(lambda d: node(d, 1).update(inputs=["relu_2"])), "run in a circle"),
    "feeds itself": (edited(lambda d: node(d, 1).update(inputs=["conv2d_1"])), "conv1 feeds itself"),
    "wire from nowhere": (edited(lambda d: node(d, 1).update(inputs=["ghost"])), "conv1 is fed by 'ghost'"),
    "too many wires": (
        edited(lambda d: node(d, 2).update(inputs=["conv2d_1", "input_1"])),
        "relu1 takes 1 input; 2 were given",
    ),
    "wire into the input": (edited(lambda d: node(d, 0).update(inputs=["conv2d_1"])), "input takes no input"),
    "wire of numbers": (edited(lambda d: node(d, 1).update(inputs=[7])), "graph.nodes"),
    "doubled id": (edited(lambda d: node(d, 2).update(id="conv2d_1")), "Two layers have the id conv2d_1"),
    "doubled name": (edited(lambda d: node(d, 2).update(name="conv1")), "Two layers are called conv1"),
    "name with a dot": (edited(lambda d: node(d, 2).update(name="a.b")), "'a.b' is no name"),
    "name with a line break": (edited(lambda d: node(d, 2).update(name="a\nb")), "is no name"),
    "empty name": (edited(lambda d: node(d, 2).update(name="")), "is no name"),
    "name of 1,000 letters": (edited(lambda d: node(d, 2).update(name="x" * 1000)), "is no name"),
    "kind of 1,000 letters": (edited(lambda d: node(d, 2).update(kind="x" * 1000)), "cannot be a layer kind"),
    "kind with a line break": (edited(lambda d: node(d, 2).update(kind="Re\nLU")), "cannot be a layer kind"),
    "empty id": (edited(lambda d: node(d, 2).update(id="")), "is no name"),
    "kernel of 0": (edited(lambda d: node(d, 1)["params"].update(kernel_size=0)), "conv1: Conv2d: kernel_size is 0"),
    "kernel of 10^18": (edited(lambda d: node(d, 1)["params"].update(kernel_size=10**18)), "kernel_size is 1000"),
    "kernel as true": (edited(lambda d: node(d, 1)["params"].update(kernel_size=True)), "kernel_size is True"),
    "channels in words": (edited(lambda d: node(d, 1)["params"].update(out_channels="16")), "out_channels is '16'"),
    "unknown parameter": (edited(lambda d: node(d, 1)["params"].update(lambda_="x")), "has no parameter lambda_"),
    "parameter missing": (edited(lambda d: node(d, 1)["params"].pop("out_channels")), "Conv2d needs out_channels"),
    "parameters in a list": (edited(lambda d: node(d, 1).update(params=[1])), "graph.nodes"),
    "absurd shape": (edited(lambda d: node(d, 0)["params"].update(shape=[1, 10**9, 10**9])), "shape is"),
    "negative shape": (edited(lambda d: node(d, 0)["params"].update(shape=[-1, 8, 8])), "shape is"),
    "position of one number": (edited(lambda d: node(d, 1).update(position=[3.0])), "graph.nodes"),
    "position in words": (edited(lambda d: node(d, 1).update(position=["left", "top"])), "graph.nodes"),
    "position that is not a number": (
        lambda parts: archive({**parts, DOCUMENT: patched(parts[DOCUMENT], b"82.0", b"NaN")}),
        "no sound JSON",
    ),
}

# -- arrays


def arrays(part: str, content: bytes) -> Callable[[Parts], bytes]:
    return lambda parts: archive({**parts, part: content})


def tensors(header: object, body: bytes = bytes(64), length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def tensor(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def saved(**named: np.ndarray) -> bytes:
    return safetensors.numpy.save({name.replace("__", "."): array for name, array in named.items()})


ARRAYS: Mapping[str, tuple[Callable[[Parts], bytes], str]] = {
    "a pickle for weights": (arrays(WEIGHTS, pickle.dumps([1.0] * 50)), "'weights.safetensors' is damaged"),
    "three bytes": (arrays(WEIGHTS, b"abc"), "'weights.safetensors' is damaged: its header"),
    "header of 2^63 bytes": (arrays(WEIGHTS, tensors(b"{}", length=2**63)), "its header claims"),
    "header beyond the part": (arrays(WEIGHTS, tensors(b"{}", length=5000)), "its header claims 5000 bytes of 66"),
    "header of junk": (arrays(WEIGHTS, tensors(b"\xff\xfe{]")), "its header cannot be read"),
    "header of lists": (arrays(WEIGHTS, tensors([1, 2])), "its header cannot be read"),
    "header nested deeply": (
        arrays(WEIGHTS, tensors(b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}")),
        "its header cannot be read",
    ),
    "array beyond the part": (arrays(WEIGHTS, tensors({"a": tensor(0, 400, [100])})), "a claims bytes 0 to 400 of 64"),
    "arrays that overlap": (
        arrays(WEIGHTS, tensors({"a": tensor(0, 40, [10]), "b": tensor(24, 64, [10])})),
        "gap or overlaps",
    ),
    "gap between arrays": (
        arrays(WEIGHTS, tensors({"a": tensor(0, 16, [4]), "b": tensor(32, 64, [8])})),
        "gap or overlaps",
    ),
    "bytes of nobody": (arrays(WEIGHTS, tensors({"a": tensor(0, 16, [4])})), "48 bytes at its end"),
    "shape beyond its bytes": (
        arrays(WEIGHTS, tensors({"a": tensor(0, 64, [2**20, 2**20])})),
        "a shape that its 64 bytes do not hold",
    ),
    "shape of 2^200 numbers": (
        arrays(WEIGHTS, tensors({"a": tensor(0, 64, [2**40] * 5)})),
        "a shape that its 64 bytes do not hold",
    ),
    "64 axes": (arrays(WEIGHTS, tensors({"a": tensor(0, 64, [1] * 64)})), "its header cannot be read"),
    "negative shape of weights": (arrays(WEIGHTS, tensors({"a": tensor(0, 64, [-16])})), "its header cannot be read"),
    "offsets backwards": (arrays(WEIGHTS, tensors({"a": tensor(64, 0, [16])})), "a claims bytes 64 to 0"),
    "unknown number type": (arrays(WEIGHTS, tensors({"a": tensor(0, 64, [16], "PY")})), "number type 'PY'"),
    "weights of no layer": (arrays(WEIGHTS, saved(ghost__weight=np.ones(3))), "a layer that is not in the network"),
    "weights without a layer": (arrays(WEIGHTS, saved(weight=np.ones(3))), "a layer that is not in the network"),
    "weights that no such layer has": (arrays(WEIGHTS, saved(relu1__weight=np.ones(3))), "relu1 does not have"),
    "weights that do not fit": (
        arrays(WEIGHTS, saved(conv1__weight=np.ones((20, 1, 5, 5)))),
        "have shape [20, 1, 5, 5], and the network needs [16, 1, 3, 3]",
    ),
    "history of unequal length": (
        arrays(HISTORY, saved(iteration=np.arange(3), loss=np.ones(2), accuracy=np.ones(3))),
        "vectors of one length",
    ),
    "history without accuracy": (arrays(HISTORY, saved(iteration=np.arange(3), loss=np.ones(3))), "columns"),
    "history of single precision": (
        arrays(HISTORY, saved(iteration=np.arange(3), loss=np.ones(3, np.float32), accuracy=np.ones(3))),
        "columns",
    ),
    "history as a table": (
        arrays(HISTORY, saved(iteration=np.ones((2, 2), int), loss=np.ones((2, 2)), accuracy=np.ones((2, 2)))),
        "vectors of one length",
    ),
}

CORPUS = {**CONTAINERS, **BOMBS, **DOCUMENTS, **DRAWINGS, **ARRAYS}


def refusal(path: Path) -> str:
    """The message with which a file is refused; it must be one readable line that names the file."""
    with pytest.raises(ProjectError) as caught:
        open_project(path)
    message = str(caught.value)
    assert message.startswith(f"'{path.name}' cannot be ")
    assert message.endswith(".")
    assert message.isprintable()
    assert len(message) < 500
    return message


@pytest.mark.parametrize("case", CORPUS)
def test_is_refused_with_one_clear_line_and_left_as_it_is(
    case: str,
    sound_parts: Parts,
    tmp_path: Path,
    fingerprint: Callable[[Path], str],
) -> None:
    build, expected = CORPUS[case]
    path = tmp_path / "case.cnnstudio"
    path.write_bytes(build(dict(sound_parts)))
    before = fingerprint(path)
    tracemalloc.start()
    try:
        message = refusal(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert expected in message
    assert peak < LIMIT
    assert fingerprint(path) == before
    assert [each.name for each in tmp_path.iterdir() if each.name != "user"] == ["case.cnnstudio"]


def test_the_corpus_starts_from_a_file_that_opens(sound_parts: Parts, tmp_path: Path) -> None:
    for build in (archive, edited(lambda document: None)):
        path = tmp_path / "case.cnnstudio"
        path.write_bytes(build(dict(sound_parts)))
        assert len(open_project(path).graph) == 10


def test_a_file_that_is_packed_again_by_a_zip_tool_still_opens(sound_parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "case.cnnstudio"
    path.write_bytes(archive(dict(sound_parts), zipfile.ZIP_DEFLATED))
    assert open_project(path).state_dict().keys() == {
        f"{layer}.{array}" for layer in ("conv1", "conv2", "fc1", "fc2") for array in ("weight", "bias")
    }


class TestWhatIsNoFile:
    def test_nothing(self, tmp_path: Path) -> None:
        assert "No such file" in refusal(tmp_path / "nothing.cnnstudio")

    def test_a_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "folder.cnnstudio"
        path.mkdir()
        assert "it is a folder" in refusal(path)

    def test_a_path_with_a_nul(self, tmp_path: Path) -> None:
        with pytest.raises(ProjectError, match="null"):
            open_project(tmp_path / "a\0b.cnnstudio")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a Unix matter")
    def test_a_pipe_that_never_says_anything(self, tmp_path: Path) -> None:
        path = tmp_path / "pipe.cnnstudio"
        os.mkfifo(path)
        assert "no regular file" in refusal(path)

    @pytest.mark.skipif(sys.platform == "win32", reason="needs a right that Windows users lack")
    def test_a_link_that_leads_nowhere(self, tmp_path: Path) -> None:
        path = tmp_path / "link.cnnstudio"
        path.symlink_to(tmp_path / "gone")
        assert "No such file" in refusal(path)

    @pytest.mark.skipif(sys.platform == "win32", reason="needs a right that Windows users lack")
    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        path = tmp_path / "link.cnnstudio"
        path.symlink_to(path)
        assert "symbolic links" in refusal(path)

    @pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
    def test_a_file_without_permission(self, sound_bytes: bytes, tmp_path: Path) -> None:
        path = tmp_path / "mine.cnnstudio"
        path.write_bytes(sound_bytes)
        path.chmod(0)
        assert "Permission denied" in refusal(path)

    def test_a_disk_that_refuses(self, sound_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        assert "Permission denied" in refusal(sound_file)

    def test_a_name_that_would_break_the_line(self, tmp_path: Path) -> None:
        with pytest.raises(ProjectError) as caught:
            open_project(tmp_path / "a\n\x1b[31mb.cnnstudio")
        assert str(caught.value).isprintable()


class TestWhatOpensAllTheSame:
    """Odd, but sound."""

    @pytest.mark.skipif(sys.platform == "win32", reason="needs a right that Windows users lack")
    def test_through_a_link(self, sound_file: Path, tmp_path: Path) -> None:
        path = tmp_path / "link.cnnstudio"
        path.symlink_to(sound_file)
        assert open_project(path).title == "Digits"

    def test_a_pickle_among_its_parts_is_kept_and_never_run(self, sound_parts: Parts, tmp_path: Path) -> None:
        evidence = tmp_path / "evidence"

        class Evil:
            def __reduce__(self) -> tuple[object, ...]:
                return Path.write_text, (evidence, "ran")

        path = tmp_path / "case.cnnstudio"
        content = pickle.dumps(Evil())
        path.write_bytes(archive({**sound_parts, "weights.pkl": content}))
        assert open_project(path).extras.parts == {"weights.pkl": content}
        assert not evidence.exists()
        pickle.loads(content)  # noqa: S301 - the proof that it would have been seen
        assert evidence.exists(), "the pickle would have shown itself"
