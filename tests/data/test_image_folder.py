"""Folders and zip files of pictures, one folder a class."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.data import DataError, DownloadCancelled, load_dataset
from cnnstudio.data.image_folder import default_size

ClassFolders = Callable[..., Path]
Png = Callable[..., bytes]


def zipped(folder: Path, top: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, top + file.relative_to(folder).as_posix())
    return path


def test_classes_are_the_sorted_names_of_the_folders(class_folders: ClassFolders) -> None:
    data = load_dataset(class_folders({"dog": 10, "Bird": 10, "cat": 10}))
    assert data.classes == ("Bird", "cat", "dog")
    assert data.shape == (1, 8, 8)
    assert (len(data.train), len(data.validation), len(data.test)) == (22, 2, 6)
    assert np.bincount(data.test.labels).tolist() == [2, 2, 2]
    assert data.name == "pictures"


@pytest.mark.parametrize("top", ["", "cats-and-dogs/", "a/b/"])
def test_a_zip_file_gives_what_the_folder_gives(class_folders: ClassFolders, top: str) -> None:
    folder = class_folders({"cat": 5, "dog": 5})
    from_folder, from_zip = load_dataset(folder), load_dataset(zipped(folder, top))
    assert from_zip.classes == from_folder.classes
    assert np.array_equal(from_zip.train.images, from_folder.train.images)
    assert np.array_equal(from_zip.test.labels, from_folder.test.labels)


def test_train_and_test_folders_are_the_splits(class_folders: ClassFolders) -> None:
    root = class_folders({"train/cat": 10, "train/dog": 10, "test/cat": 3, "test/dog": 4})
    data = load_dataset(root)
    assert (len(data.train), len(data.validation), len(data.test)) == (18, 2, 7)
    assert np.bincount(data.test.labels).tolist() == [3, 4]


def test_a_val_folder_is_the_validation_split(class_folders: ClassFolders) -> None:
    root = class_folders({"train/a": 10, "train/b": 10, "val/a": 3, "val/b": 3, "test/a": 2, "test/b": 2})
    data = load_dataset(root, validation=0.5)
    assert (len(data.train), len(data.validation), len(data.test)) == (20, 6, 4)


def test_what_is_missing_is_taken_from_the_training_pictures(class_folders: ClassFolders) -> None:
    data = load_dataset(class_folders({"Train/a": 10, "Train/b": 10, "Validation/a": 3, "Validation/b": 3}))
    assert (len(data.train), len(data.validation), len(data.test)) == (16, 6, 4)


def test_pictures_in_folders_within_a_class_belong_to_it(class_folders: ClassFolders) -> None:
    data = load_dataset(class_folders({"cat/indoors": 4, "cat/outdoors": 4, "dog": 6}), test=0.5, validation=0)
    assert data.classes == ("cat", "dog")
    assert np.bincount(data.test.labels).tolist() == [4, 3]


def test_litter_of_operating_systems_is_passed_over(class_folders: ClassFolders) -> None:
    root = class_folders({"cat": 4, "dog": 4})
    (root / "__MACOSX" / "cat").mkdir(parents=True)
    (root / "__MACOSX" / "cat" / "._000.png").write_bytes(b"resource fork")
    for name in (".DS_Store", "cat/Thumbs.db", "dog/desktop.ini", "dog/._001.png"):
        (root / name).write_bytes(b"litter")
    for source in (root, zipped(root)):
        data = load_dataset(source)
        assert data.classes == ("cat", "dog")
        assert data.notes == ()


def test_other_files_are_left_out_and_the_notes_say_so(class_folders: ClassFolders) -> None:
    root = class_folders({"cat": 4, "dog": 4})
    (root / "README.txt").write_text("about")
    (root / "cat" / "source.txt").write_text("about")
    assert load_dataset(root).notes == ("2 files outside of class folders or of other kinds were left out.",)


def test_pictures_of_one_size_keep_it(class_folders: ClassFolders) -> None:
    data = load_dataset(class_folders({"a": 4, "b": 4}, height=20, width=30))
    assert data.shape == (1, 20, 30)
    assert data.notes == ()


def test_pictures_of_many_sizes_get_a_common_one_and_the_notes_say_so(class_folders: ClassFolders, png: Png) -> None:
    root = class_folders({"a": 4, "b": 4}, height=300, width=400)
    (root / "a" / "tall.png").write_bytes(png(500, 100))
    data = load_dataset(root)
    assert data.shape == (1, 48, 64)
    assert data.notes == ("The pictures came in 2 sizes and were brought to 48 × 64 pixels.",)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({(32, 32): 5}, (32, 32)),
        ({(256, 100): 5}, (256, 100)),
        ({(3000, 4000): 9}, (48, 64)),
        ({(10, 20): 3, (12, 24): 1}, (10, 20)),
        ({(10, 20): 1, (12, 24): 1}, (11, 22)),
        ({(1, 1000): 1, (1, 1001): 1}, (1, 64)),
    ],
)
def test_the_common_size_is_the_median_with_a_longer_side_of_64_at_most(
    sizes: dict[tuple[int, int], int], expected: tuple[int, int]
) -> None:
    assert default_size(sizes) == expected


def test_size_and_mode_can_be_chosen(class_folders: ClassFolders) -> None:
    root = class_folders({"a": 4, "b": 4})
    assert load_dataset(root, size=16).shape == (1, 16, 16)
    assert load_dataset(root, size=np.int64(16)).shape == (1, 16, 16)
    assert load_dataset(root, size=(5, 7), mode="rgb").shape == (3, 5, 7)


def test_one_coloured_picture_makes_the_set_coloured(class_folders: ClassFolders, png: Png) -> None:
    root = class_folders({"a": 4, "b": 4})
    assert load_dataset(root).shape == (1, 8, 8)
    (root / "a" / "red.png").write_bytes(png(mode="RGB", value=(255, 0, 0)))
    assert load_dataset(root).shape == (3, 8, 8)
    assert load_dataset(root, mode="grey").shape == (1, 8, 8)


def test_pictures_are_turned_upright(class_folders: ClassFolders) -> None:
    root = class_folders({"a": 4, "b": 4}, height=6, width=9)
    for path in root.rglob("*.png"):
        exif = Image.Exif()
        exif[0x0112] = 6  # turned a quarter to the right
        with Image.open(path) as image:
            image.save(path, exif=exif)
    assert load_dataset(root).shape == (1, 9, 6)


def test_progress_counts_the_bytes_of_all_pictures(class_folders: ClassFolders) -> None:
    root = class_folders({"train/a": 3, "train/b": 3, "test/a": 2, "test/b": 2})
    calls: list[tuple[int, int, str]] = []
    load_dataset(root, progress=lambda *call: calls.append(call))
    total = sum(path.stat().st_size for path in root.rglob("*.png"))
    assert len(calls) == 10
    assert [call[0] for call in calls] == sorted(call[0] for call in calls)
    assert calls[-1][:2] == (total, total)


def test_reading_can_be_cancelled(class_folders: ClassFolders) -> None:
    cancel = threading.Event()
    seen: list[str] = []

    def stop_after_three(done: int, total: int, file: str) -> None:
        seen.append(file)
        if len(seen) == 3:
            cancel.set()

    with pytest.raises(DownloadCancelled, match="was cancelled"):
        load_dataset(class_folders({"a": 8, "b": 8}), progress=stop_after_three, cancel=cancel)
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "1 to 1024 pixels"),
        ({"size": (8, 5000)}, "1 to 1024 pixels"),
        ({"mode": "cmyk"}, "grey or rgb"),
        ({"fit": "tile"}, "contain, cover, stretch"),
        ({"validation": 1.0}, "validation share"),
        ({"test": -0.5}, "test share"),
        ({"test": 0}, "The test share must be above 0"),
        ({"seed": -1}, "seed"),
    ],
)
def test_choices_out_of_range_are_refused(
    class_folders: ClassFolders, options: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load_dataset(class_folders({"a": 4, "b": 4}), **options)  # type: ignore[arg-type]


def test_the_real_archive_of_12000_jpegs(shared_data: Path) -> None:
    data = load_dataset(shared_data / "cifar10_jpg_12k.zip")
    assert (len(data.train), len(data.validation), len(data.test)) == (9000, 1000, 2000)
    assert data.shape == (3, 32, 32)
    assert data.classes[0] == "airplane"
    assert np.bincount(data.test.labels).tolist() == [200] * 10
    assert data.notes == ()
