"""What is known by name, and what the messages say of names that are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnstudio.data import DATASETS, DataError, download, is_available, load_dataset


def test_four_data_sets_are_known_with_licence_and_checksums() -> None:
    assert list(DATASETS) == ["digits", "mnist", "fashion-mnist", "cifar10"]
    for info in DATASETS.values():
        assert info.licence
        assert info.credit
        assert len(info.classes) == 10
        assert info.bundled == (not info.mirrors)
        assert all(mirror.endswith("/") for mirror in info.mirrors)
        assert all(len(file.sha256) == 64 and file.size > 0 for file in info.files)
    assert DATASETS["mnist"].size == 11_594_722


def test_a_shipped_set_needs_no_download(tmp_path: Path) -> None:
    assert is_available("digits", tmp_path)
    assert download("digits", tmp_path) == ()
    assert not is_available("mnist", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["digits", "Digits", " digits "])
def test_names_forgive_case_and_blanks(name: str) -> None:
    assert load_dataset(name).name == "digits"


def test_a_name_wins_over_a_folder_but_a_path_is_always_a_path(
    mnist_like: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mnist_like(t10k=50, name="digits")
    monkeypatch.chdir(folder.parent)
    assert load_dataset("digits").shape == (1, 8, 8)
    assert load_dataset("./digits").shape == (1, 4, 4)
    assert load_dataset(Path("digits")).shape == (1, 4, 4)


@pytest.mark.parametrize(("name", "known"), [("Fashion_MNIST", "fashion-mnist"), ("CIFAR-10", "cifar10")])
def test_names_forgive_dashes_and_underscores(name: str, known: str, tmp_path: Path) -> None:
    assert is_available(name, tmp_path) == is_available(known, tmp_path)


@pytest.mark.parametrize(("name", "hint"), [("mnits", "Did you mean mnist"), ("cifar100", "Did you mean cifar10")])
def test_a_name_that_is_nearly_right_gets_the_right_one_offered(name: str, hint: str) -> None:
    with pytest.raises(DataError, match=hint):
        load_dataset(name)
    with pytest.raises(DataError, match=hint):
        is_available(name)


@pytest.mark.parametrize("name", ["", "zebra", "no/such/folder", "no\0path", "two\nlines", "~nobody-here/x"])
def test_anything_else_is_told_what_is_known(name: str) -> None:
    with pytest.raises(DataError, match="Known by name: digits, mnist, fashion-mnist, cifar10") as caught:
        load_dataset(name)
    assert str(caught.value).isprintable()
    assert "Did you mean" not in str(caught.value)
