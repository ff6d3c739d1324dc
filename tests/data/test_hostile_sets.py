"""Folders, archives and IDX files that are damaged, false or meant to do harm: one clear error, nothing
changed."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from cnnstudio.data import limits, load_dataset

Refused = Callable[[Callable[[], object]], str]
Maker = Callable[[Path], Path]
"""Makes something hostile in an empty folder and returns the path to load."""


def picture(value: int = 100) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8), value).save(buffer, "PNG")
    return buffer.getvalue()


def idx(*shape: int, body: bytes | None = None, kind: int = 8) -> bytes:
    """An IDX file with this header; the body is zeros of the promised length, or what is given."""
    header = bytes((0, 0, kind, len(shape))) + struct.pack(f">{len(shape)}I", *shape)
    return header + (bytes(int(np.prod(shape))) if body is None else body)


# -- IDX
# ------------------------------------------------------------------------------------------------------


def pair(images: bytes, labels: bytes, suffix: str = "") -> Maker:
    def make(folder: Path) -> Path:
        (folder / f"t10k-images-idx3-ubyte{suffix}").write_bytes(images)
        (folder / f"t10k-labels-idx1-ubyte{suffix}").write_bytes(labels)
        return folder

    return make


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def images_without_labels(folder: Path) -> Path:
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(4, 2, 2))
    return folder


def labels_given_for_images(folder: Path) -> Path:
    return pair(idx(4, 2, 2), idx(4))(folder) / "t10k-labels-idx1-ubyte"


def two_sets_in_one_folder(folder: Path) -> Path:
    pair(idx(4, 2, 2), idx(4))(folder)
    (folder / "other-train-images-idx3-ubyte").write_bytes(idx(4, 2, 2))
    (folder / "other-train-labels-idx1-ubyte").write_bytes(idx(4))
    return folder


def train_and_test_of_two_sizes(folder: Path) -> Path:
    pair(idx(4, 2, 2), idx(4))(folder)
    (folder / "train-images-idx3-ubyte").write_bytes(idx(4, 3, 3))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(4))
    return folder


IDX = MappingProxyType(
    {
        "a header that promises 30 GB": (
            pair(idx(40_000_000, 28, 28, body=b""), idx(4)),
            "promises 40,000,000 x",
        ),
        "the same, packed": (pair(packed(idx(40_000_000, 28, 28, body=b"")), idx(4), ".gz"), "31.4 GB"),
        "a header that promises 1.5 GB": (pair(idx(2_000_000, 28, 28, body=b"x"), idx(4)), "but holds"),
        "the same, packed small": (
            pair(packed(idx(2_000_000, 28, 28, body=b"x")), packed(idx(4)), ".gz"),
            "at most",
        ),
        "sizes that overflow": (pair(idx(2**32 - 1, 2**32 - 1, 2**32 - 1, body=b""), idx(4)), "promises"),
        "images that end early": (pair(idx(4, 2, 2)[:-1], idx(4)), "but holds 15 bytes"),
        "packed images that end early": (pair(packed(idx(4, 2, 2)[:-1]), packed(idx(4)), ".gz"), "cut off"),
        "images that go on": (pair(idx(4, 2, 2) + b"more", idx(4)), "but holds 20 bytes"),
        "packed images that go on": (
            pair(packed(idx(4, 2, 2) + b"more"), packed(idx(4)), ".gz"),
            "goes on after",
        ),
        "a packed file that unpacks to 1 GB": (
            pair(packed(idx(4, 2, 2)) + packed(bytes(10**8)) * 10, packed(idx(4)), ".gz"),
            "goes on after",
        ),
        "a packed file cut off": (
            pair(packed(idx(400, 9, 9))[:-9], packed(idx(400)), ".gz"),
            "damaged gzip file",
        ),
        "a packed file with a false checksum": (
            pair(packed(idx(4, 2, 2))[:-8] + bytes(8), packed(idx(4)), ".gz"),
            "damaged gzip file",
        ),
        "a packed file with a broken stream": (
            pair(packed(idx(4, 2, 2))[:10] + b"\xff" * 30, packed(idx(4)), ".gz"),
            "damaged gzip file",
        ),
        "text": (pair(b"not at all an IDX file", idx(4)), "is not an IDX file of images"),
        "nothing": (pair(b"", idx(4)), "begins with nothing"),
        "half a header": (pair(idx(4, 2, 2)[:9], idx(4)), "ends within its header"),
        "no images": (pair(idx(0, 28, 28), idx(0)), "is empty"),
        "floats": (pair(idx(4, 2, 2, kind=0x0D), idx(4)), "begins with 00 00 0d 03"),
        "images and labels exchanged": (pair(idx(4), idx(4, 2, 2)), "exchanged"),
        "more labels than images": (pair(idx(4, 2, 2), idx(5)), "4 images, but"),
        "a label out of range": (
            pair(idx(4, 2, 2), idx(4, body=bytes((1, 2, 37, 3)))),
            "the label 37 at image 2",
        ),
        "labels missing": (images_without_labels, "are missing: put 't10k-labels-idx1-ubyte' beside it"),
        "the labels' file chosen": (labels_given_for_images, "is no file of images"),
        "two sets in one folder": (two_sets_in_one_folder, "several data sets"),
        "train and test that differ": (train_and_test_of_two_sizes, "do not belong together"),
    }
)


# -- CIFAR-10
# -------------------------------------------------------------------------------------------------


def batch(data: bytes) -> Maker:
    def make(folder: Path) -> Path:
        (folder / "data_batch_1.bin").write_bytes(data)
        return folder

    return make


def giant_batch(folder: Path) -> Path:
    with (folder / "data_batch_1.bin").open("wb") as file:
        file.truncate(30 * 10**9)
    return folder


def tar(members: dict[str, bytes], cut: int | None = None) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / "cifar-10-binary.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name, data in members.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        path.write_bytes(path.read_bytes()[:cut])
        return path

    return make


def tar_that_promises_30_gb(folder: Path) -> Path:
    member = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
    member.size = 30 * 10**9
    path = folder / "cifar-10-binary.tar.gz"
    path.write_bytes(gzip.compress(member.tobuf() + bytes(10_000)))
    return path


def tar_whose_name_takes_a_gigabyte(folder: Path) -> Path:
    """A header of the kind that tarfile reads whole, packed a thousand to one."""
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 10**9
    path = folder / "cifar-10-binary.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(member.tobuf())
        for _ in range(30):
            file.write(bytes(10**6))
    return path


def tar_that_points_elsewhere(folder: Path) -> Path:
    """Its batch is a link to a file of this machine."""
    path = folder / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("data_batch_1.bin")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    return path


def pickled_version(folder: Path) -> Path:
    (folder / "data_batch_1").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    return folder


CIFAR = MappingProxyType(
    {
        "a batch cut off": (batch(bytes(3073 * 2 - 1)), "no whole number of records"),
        "an empty batch": (batch(b""), "no whole number of records"),
        "a batch of 30 GB": (giant_batch, "at most 30.7 MB"),
        "a foreign label": (batch(bytes(3073) + b"\x0b" + bytes(3072)), "the label 11 at record 1"),
        "the pickled version": (pickled_version, "never opened"),
        "an archive cut off": (tar({"data_batch_1.bin": os.urandom(3073 * 9)}, cut=9_000), "damaged archive"),
        "an archive without batches": (tar({"readme.txt": b"hello"}), "holds no data_batch_1.bin"),
        "an archive of another kind": (tar({f"{n}.txt": b"" for n in range(99)}), "more files than"),
        "a member of 30 GB": (tar_that_promises_30_gb, "at most 30.7 MB"),
        "a name of a gigabyte": (tar_whose_name_takes_a_gigabyte, "unpacks to far more"),
        "a member that is a link": (tar_that_points_elsewhere, "holds no data_batch_1.bin"),
        "a member cut off": (tar({"data_batch_1.bin": bytes(3000)}), "no whole number of records"),
    }
)


# -- Zip files
# ------------------------------------------------------------------------------------------------


def zipped(members: dict[str, bytes], damage: Callable[[bytes], bytes] = bytes) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / "pictures.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        path.write_bytes(damage(path.read_bytes()))
        return path

    return make


def two_classes(**more: bytes) -> dict[str, bytes]:
    members = {f"{name}/{number}.png": picture(number) for name in ("cat", "dog") for number in range(3)}
    return members | {name.replace("__", "/"): data for name, data in more.items()}


def encrypted(data: bytes) -> bytes:
    """Sets the flag of encryption in each local header and in the list of contents."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(signature, at + 1)
    return bytes(changed)


def claiming(size: int) -> Callable[[bytes], bytes]:
    """The list of contents says that each entry unpacks to `size` bytes."""

    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        at = changed.find(b"PK\x01\x02")
        while at >= 0:
            changed[at + 24 : at + 28] = struct.pack("<I", size)
            at = changed.find(b"PK\x01\x02", at + 1)
        return bytes(changed)

    return change


def packed_by(method: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
            at = changed.find(signature)
            while at >= 0:
                changed[at + offset : at + offset + 2] = struct.pack("<H", method)
                at = changed.find(signature, at + 1)
        return bytes(changed)

    return change


def listing_gigabytes(data: bytes) -> bytes:
    at = data.rfind(b"PK\x05\x06")
    return data[:at] + data[at : at + 12] + struct.pack("<I", 3_000_000_000) + data[at + 16 :]


def broken_inside(data: bytes) -> bytes:
    at = data.find(b"cat/0.png") + 9
    return data[: at + 12] + bytes(8) + data[at + 20 :]


ZIP = MappingProxyType(
    {
        "text called zip": (zipped({}, lambda _: b"this is not a zip file" * 9), "is not a zip file"),
        "an empty file": (zipped({}, lambda _: b""), "is not a zip file"),
        "no entries": (zipped({}), "holds no pictures"),
        "cut off": (zipped(two_classes(), lambda data: data[:-30]), "cut off at its end"),
        "its beginning lost": (zipped(two_classes(), lambda data: data[200:]), "is damaged"),
        "an entry broken": (zipped(two_classes(), broken_inside), "is damaged"),
        "encrypted": (zipped(two_classes(), encrypted), "is encrypted"),
        "names that climb out": (
            zipped(two_classes() | {"../../etc/passwd.png": picture()}),
            "points out of",
        ),
        "names that climb out backwards": (
            zipped(two_classes() | {"cat\\..\\..\\x.png": picture()}),
            "points out of",
        ),
        "absolute names": (zipped(two_classes() | {"/etc/x.png": picture()}), "points out of"),
        "names with a drive": (zipped(two_classes() | {"C:/x.png": picture()}), "points out of"),
        "names a hundred folders deep": (
            zipped(two_classes() | {"a/" * 100 + "x.png": picture()}),
            "folders deep",
        ),
        "an entry of 100 MB from 100 kB": (
            zipped(two_classes(cat__bomb=b"") | {"cat/0.png": bytes(10**8)}),
            "unpacks",
        ),
        "entries that claim 3 GB": (zipped(two_classes(), claiming(3_000_000_000)), "are taken in"),
        "entries that claim 100 MB": (zipped(two_classes(), claiming(100_000_000)), "unpacks from"),
        "a method unheard of": (zipped(two_classes(), packed_by(99)), "unusual method"),
        "a list of 3 GB": (zipped(two_classes(), listing_gigabytes), "3.0 GB of contents"),
        "a text called png": (
            zipped(two_classes() | {"cat/note.png": b"hello"}),
            "cat/note.png' is not a picture",
        ),
        "a picture of no bytes": (zipped(two_classes() | {"cat/none.png": b""}), "is empty"),
        "one class": (zipped({f"cat/{n}.png": picture() for n in range(4)}), "only one class, 'cat'"),
        "pictures without folders": (zipped({f"{n}.png": picture() for n in range(4)}), "no class folders"),
        "a class folder without pictures": (zipped(two_classes() | {"fox/": b""}), "fox' holds no pictures"),
        "a foreign class in test": (
            zipped({f"train/{name}": data for name, data in two_classes().items()} | {"test/fox/0.png": picture()}),
            "is not among the training classes ('cat', 'dog')",
        ),
    }
)


# -- Folders
# --------------------------------------------------------------------------------------------------


def folders(members: dict[str, bytes], then: Callable[[Path], object] = bool) -> Maker:
    def make(folder: Path) -> Path:
        for name, data in members.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        then(folder)
        return folder

    return make


def alone(name: str, data: bytes) -> Maker:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def half_a_picture() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 60), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()[:2000]


FOLDER = MappingProxyType(
    {
        "empty": (folders({}), "holds no pictures"),
        "only texts": (
            folders({"cat/a.txt": b"a", "dog/b.txt": b"b"}),
            "only 2 other files, such as 'a.txt'",
        ),
        "pictures without folders": (folders({"a.png": picture(), "b.png": picture()}), "no class folders"),
        "one class": (folders({"cat/a.png": picture(), "cat/b.png": picture()}), "only one class"),
        "a class folder without pictures": (
            folders(two_classes(), lambda root: (root / "fox").mkdir()),
            "fox' holds no pictures: put some in, or remove it",
        ),
        "a class of other files": (
            folders(two_classes() | {"fox/x.heic": b"x"}),
            "(only another file 'x.heic')",
        ),
        "a text called png": (
            folders(two_classes() | {"cat/note.png": b"hello"}),
            "note.png' is not a picture",
        ),
        "half a picture": (
            folders(two_classes() | {"cat/half.png": half_a_picture()}),
            "is a damaged picture",
        ),
        "a picture alone": (alone("cat.png", picture()), "a single picture"),
        "a text alone": (alone("data.csv", b"1,2,3"), "is no data set"),
        "too few pictures": (folders({"cat/a.png": picture(), "dog/a.png": picture()}), "too few images"),
        "a folder within itself": (
            folders(
                two_classes(),
                lambda root: (root / "cat" / "again").symlink_to(root, target_is_directory=True),
            ),
            "a link back to a folder that it lies in",
        ),
        "a link to itself": (
            folders(two_classes(), lambda root: (root / "cat" / "loop.png").symlink_to(root / "cat" / "loop.png")),
            "cannot be read",
        ),
        "a pipe among the pictures": (
            folders(two_classes(), lambda root: os.mkfifo(root / "cat" / "pipe.png")),
            "not a regular file",
        ),
        "folders without end": (folders({"cat/" + "deep/" * 20 + "a.png": picture()}), "folders deep"),
    }
)

CORPUS = MappingProxyType(
    {
        f"{family}: {name}": case
        for family, cases in (("idx", IDX), ("cifar", CIFAR), ("zip", ZIP), ("folder", FOLDER))
        for name, case in cases.items()
    }
)


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_data_set_gets_one_clear_error(name: str, tmp_path: Path, refused: Refused) -> None:
    make, expected = CORPUS[name]
    if os.name == "nt" and ("link" in name or "pipe" in name or "within itself" in name):
        pytest.skip("links and pipes need other means on Windows")
    (tmp_path / "set").mkdir()
    path = make(tmp_path / "set")
    assert expected in refused(lambda: load_dataset(path))


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(CORPUS) >= 60


def test_more_pictures_than_memory_are_refused_before_any_is_decoded(tmp_path: Path, refused: Refused) -> None:
    """4,000 pictures fill no disk, but the size that is asked for would take 12 GB."""
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(2_000):
            (tmp_path / name / f"{number}.png").write_bytes(picture())
    message = refused(lambda: load_dataset(tmp_path, size=1024, mode="rgb"))
    assert "4,000 pictures, which take 12.6 GB" in message
    assert "choose a smaller size" in message


def test_a_folder_with_too_many_files_is_refused_while_it_is_listed(
    tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnstudio.data.trees.MAX_FILES", 50)
    folders({f"cat/{number}.png": picture() for number in range(60)})(tmp_path)
    assert "more than 50 files" in refused(lambda: load_dataset(tmp_path))
    (tmp_path / "zip").mkdir()
    archive = zipped({f"cat/{number}.png": picture() for number in range(60)})(tmp_path / "zip")
    assert "more than 50 files" in refused(lambda: load_dataset(archive))
    assert limits.MAX_FILES == 200_000


@pytest.fixture
def unprivileged() -> Iterator[tuple[Path, Callable[[], object]]]:
    """A folder, and what loads it as a user who is not root; root may read everything."""
    if os.name == "nt":
        pytest.skip("needs POSIX permissions")
    folder = Path(tempfile.mkdtemp())  # not tmp_path, whose parents are closed to others
    is_root = os.geteuid() == 0

    def load() -> object:
        if not is_root:
            return load_dataset(folder)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
        os.seteuid(65534)
        try:
            return load_dataset(folder)
        finally:
            os.seteuid(0)

    yield folder, load
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize("closed", ["cat/0.png", "cat", "."])
def test_what_may_not_be_read_is_said(
    unprivileged: tuple[Path, Callable[[], object]], refused: Refused, closed: str
) -> None:
    folder, load = unprivileged
    folders(two_classes())(folder)
    (folder / closed).chmod(0)
    message = refused(load)
    assert "cannot be read: Permission denied" in message
    assert str(folder / closed) in message
