"""Downloads, against a server on this machine."""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.data import (
    DATASETS,
    DataError,
    DatasetInfo,
    DownloadCancelled,
    RemoteFile,
    cache_folder,
    download,
    is_available,
    load_dataset,
)

IMAGES = 2_000
"""Enough for the file of images to come in many chunks."""


@dataclass
class Server:
    """content: what is sent by path; a callable writes the answer itself. asked: the paths asked for, in
    order."""

    address: str
    content: dict[str, bytes | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            answer = state.content.get(self.path)
            if callable(answer):
                answer(self)
                return
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Length", str(len(answer or b"")))
            self.end_headers()
            with suppress(OSError):  # the client hangs up when the user cancels
                self.wfile.write(answer or b"")

        def log_message(self, *args: object) -> None:
            """Silent."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = False  # server_close() waits for them, so that no thread is left behind
    state = Server(f"http://127.0.0.1:{http.server_port}/")
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), name="test server")
    thread.start()
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def files(idx: Callable[[np.ndarray], bytes]) -> dict[str, bytes]:
    """The four files of a small set in MNIST's format; noise, so that they do not pack."""
    noise = np.random.default_rng(0)
    made: dict[str, bytes] = {}
    for prefix, count in (("train", IMAGES), ("t10k", 50)):
        images = noise.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        made[f"{prefix}-images-idx3-ubyte.gz"] = gzip.compress(idx(images), 1, mtime=0)
        labels = (np.arange(count) % 10).astype(np.uint8)
        made[f"{prefix}-labels-idx1-ubyte.gz"] = gzip.compress(idx(labels), mtime=0)
    return made


@pytest.fixture
def registry(server: Server, files: dict[str, bytes]) -> Mapping[str, DatasetInfo]:
    """A set "mnist" that the server serves under /good/; nothing is there yet under /other/."""
    server.content.update({f"/good/{name}": data for name, data in files.items()})
    remote = tuple(RemoteFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items())
    mirrors = (f"{server.address}other/", f"{server.address}good/")
    return {"mnist": replace(DATASETS["mnist"], files=remote, mirrors=mirrors)}


Registry = Mapping[str, DatasetInfo]


def in_folder(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_missing_set_is_downloaded_verified_and_kept(
    registry: Registry, server: Server, files: dict[str, bytes], tmp_path: Path
) -> None:
    assert not is_available("mnist", tmp_path, registry=registry)
    data = load_dataset("mnist", cache_dir=tmp_path, registry=registry)
    assert (len(data.train), len(data.validation), len(data.test)) == (1800, 200, 50)
    assert in_folder(tmp_path) == sorted(f"mnist/{name}" for name in files)
    assert is_available("mnist", tmp_path, registry=registry)
    asked = len(server.asked)
    load_dataset("mnist", cache_dir=tmp_path, registry=registry)
    assert len(server.asked) == asked, "the second time nothing is fetched"


def test_mirrors_are_tried_in_order(registry: Registry, server: Server, tmp_path: Path) -> None:
    paths = download("mnist", tmp_path, registry=registry)
    assert len(paths) == 4
    assert server.asked[:2] == ["/other/train-images-idx3-ubyte.gz", "/good/train-images-idx3-ubyte.gz"]


def test_the_mirrors_are_a_setting(registry: Registry, server: Server, tmp_path: Path) -> None:
    download("mnist", tmp_path, registry=registry, mirrors=[f"{server.address}good/"])
    assert {path.split("/")[1] for path in server.asked} == {"good"}


def test_progress_counts_the_bytes_of_the_whole_set(registry: Registry, tmp_path: Path) -> None:
    calls: list[tuple[int, int, str]] = []
    download("mnist", tmp_path, registry=registry, progress=lambda *call: calls.append(call))
    total = registry["mnist"].size
    done = [call[0] for call in calls]
    assert done == sorted(done), "it never goes back"
    assert done[0] == 0
    assert calls[-1][:2] == (total, total)
    assert len(set(done)) > 10, "a large file is reported in parts"
    assert {call[2] for call in calls} == {file.name for file in registry["mnist"].files}


def test_a_wrong_checksum_is_refused_and_the_next_mirror_asked(
    registry: Registry, server: Server, files: dict[str, bytes], tmp_path: Path
) -> None:
    name = "t10k-labels-idx1-ubyte.gz"
    server.content[f"/other/{name}"] = files[name][:-1] + b"!"
    paths = download("mnist", tmp_path, registry=registry)
    assert paths[-1].read_bytes() == files[name]


def test_a_wrong_checksum_everywhere_leaves_nothing_and_says_so(
    registry: Registry, server: Server, files: dict[str, bytes], tmp_path: Path
) -> None:
    server.content["/good/t10k-labels-idx1-ubyte.gz"] = bytes(len(files["t10k-labels-idx1-ubyte.gz"]))
    with pytest.raises(DataError, match=r"sends t10k-labels-idx1-ubyte\.gz with a wrong checksum"):
        download("mnist", tmp_path, registry=registry)
    assert len(in_folder(tmp_path)) == 3, "the three whole files stay, the false one is gone"


def test_an_answer_that_never_ends_is_cut_off(registry: Registry, server: Server, tmp_path: Path) -> None:
    sent = [0]

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            while sent[0] < 100_000_000:
                handler.wfile.write(bytes(100_000))
                sent[0] += 100_000

    server.content["/good/train-images-idx3-ubyte.gz"] = endless
    with pytest.raises(DataError, match="sends more than the"):
        download("mnist", tmp_path, registry=registry)
    assert in_folder(tmp_path) == []
    assert sent[0] < 50_000_000


def test_an_answer_that_breaks_off_leaves_nothing(registry: Registry, server: Server, tmp_path: Path) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        handler.wfile.write(bytes(200_000))

    server.content["/good/train-images-idx3-ubyte.gz"] = half
    with pytest.raises(DataError, match=r"breaks off|wrong checksum"):
        download("mnist", tmp_path, registry=registry)
    assert in_folder(tmp_path) == []


def test_a_download_is_cancelled_in_the_middle_of_a_file(registry: Registry, tmp_path: Path) -> None:
    cancel = threading.Event()

    def cancel_in_the_middle(done: int, total: int, file: str) -> None:
        if done > 300_000:
            cancel.set()

    with pytest.raises(DownloadCancelled, match="MNIST was cancelled"):
        download("mnist", tmp_path, registry=registry, progress=cancel_in_the_middle, cancel=cancel)
    assert in_folder(tmp_path) == [], "the partial file is gone"
    cancel.clear()
    assert len(download("mnist", tmp_path, registry=registry, cancel=cancel)) == 4


def test_one_already_cancelled_asks_nobody(registry: Registry, server: Server, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(DownloadCancelled):
        load_dataset("mnist", cache_dir=tmp_path, registry=registry, cancel=cancel)
    assert server.asked == []


@pytest.mark.parametrize("place", ["mnist", "."])
def test_files_brought_by_hand_are_taken(
    registry: Registry, server: Server, files: dict[str, bytes], tmp_path: Path, place: str
) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    for name, data in files.items():
        (tmp_path / place / name).write_bytes(data)
    assert is_available("mnist", tmp_path, registry=registry)
    assert len(load_dataset("mnist", cache_dir=tmp_path, registry=registry).test) == 50
    assert server.asked == []


def test_only_what_is_missing_is_fetched(
    registry: Registry, server: Server, files: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(files["train-images-idx3-ubyte.gz"])
    download("mnist", tmp_path, registry=registry, mirrors=[f"{server.address}good/"])
    assert len(server.asked) == 3


def test_a_file_brought_by_hand_with_a_wrong_checksum_is_fetched_again(
    registry: Registry, server: Server, files: dict[str, bytes], tmp_path: Path
) -> None:
    name = "t10k-labels-idx1-ubyte.gz"
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / name).write_bytes(bytes(len(files[name])))
    download("mnist", tmp_path, registry=registry)
    assert (tmp_path / "mnist" / name).read_bytes() == files[name]


def test_with_no_network_one_message_says_which_files_to_put_where(registry: Registry, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(DataError, match="cannot be reached") as caught:
        load_dataset("mnist", cache_dir=tmp_path, registry=registry, mirrors=[nobody])
    message = str(caught.value)
    assert message.isprintable()
    assert str(tmp_path / "mnist") in message
    assert nobody in message
    for file in registry["mnist"].files:
        assert file.name in message
    assert message.count("cannot be reached") == 1


def test_a_cache_folder_that_cannot_be_written_is_said(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(DataError, match="cannot be written"):
        download("mnist", tmp_path / "cache", registry=registry)


def test_what_a_killed_download_left_is_removed_a_day_later(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    old, fresh, other = folder / "tmpabcd1234", folder / "tmpwxyz5678", folder / "temporary.txt"
    for path in (old, fresh, other):
        path.write_bytes(b"partial")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    download("mnist", tmp_path, registry=registry)
    assert not old.exists()
    assert fresh.exists()
    assert other.exists()


def test_the_cache_folder_is_an_argument_a_variable_or_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNSTUDIO_DATA", str(tmp_path / "variable"))
    assert cache_folder(tmp_path / "argument") == tmp_path / "argument"
    assert cache_folder() == tmp_path / "variable"
    monkeypatch.delenv("CNNSTUDIO_DATA")
    assert cache_folder().name == "datasets"
    assert "cnnstudio" in cache_folder().parts
