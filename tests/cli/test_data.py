"""`cnnstudio data`: what is known by name, and fetching it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.data import DATASETS, DataError


def test_the_list_names_every_set_with_its_licence(run) -> None:
    done = run("data", "list")
    assert done.code == 0
    for info in DATASETS.values():
        (line,) = [line for line in done.out.splitlines() if line.startswith(f"{info.name} ")]
        assert info.licence in line
        assert ("built in" in line) == info.bundled


def test_what_ships_with_the_program_needs_no_fetching(run) -> None:
    done = run("data", "get", "digits")
    assert (done.code, done.err) == (0, "")
    assert "ships with CNN Studio" in done.out


def test_a_fetched_set_says_where_it_lies(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fetch(name: str, folder: Path | None, *, progress) -> tuple[Path, ...]:
        progress(50, 100, "a.gz")
        progress(100, 100, "a.gz")
        return (tmp_path / name / "a.gz",)

    monkeypatch.setattr("cnnstudio.cli.datasets.download", fetch)
    done = run("data", "get", "mnist")
    assert done.code == 0
    assert done.out == f"{tmp_path / 'mnist' / 'a.gz'}\n"
    assert done.err.splitlines()[-1] == "100 %  a.gz"


def test_without_a_network_the_sentence_of_the_data_room_is_passed_on(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DataError("MNIST could not be downloaded: put the files into 'x'.")

    monkeypatch.setattr("cnnstudio.cli.datasets.download", refuse)
    done = run("data", "get", "mnist")
    assert done.code == 2
    assert done.complaint == "MNIST could not be downloaded: put the files into 'x'."
