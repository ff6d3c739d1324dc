"""Writing a file: all of it or nothing, and nothing left behind."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from cnnstudio.project import Project, ProjectError, open_project, save_project
from cnnstudio.project.atomic import STALE_SECONDS, write_atomically, write_bytes_atomically

unix = pytest.mark.skipif(sys.platform == "win32", reason="a Unix matter")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_writes_a_new_file_and_replaces_an_old_one(folder: Path) -> None:
    for content in (b"old, and longer", b"new"):
        write_bytes_atomically(folder / "file", content)
        assert (folder / "file").read_bytes() == content
        assert names(folder) == ["file"]


def test_a_writer_that_fails_leaves_the_old_file_alone(folder: Path) -> None:
    (folder / "file").write_bytes(b"old")

    def fail(file: BinaryIO) -> None:
        file.write(b"new, but")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomically(folder / "file", fail)
    assert (folder / "file").read_bytes() == b"old"
    assert names(folder) == ["file"]


def test_content_is_on_the_disk_before_it_takes_the_old_one_s_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        steps.append("sync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")
        real_fsync(descriptor)

    def replace(path: Path, target: Path) -> Path:
        steps.append("replace")
        return real_replace(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    write_bytes_atomically(folder / "file", b"new")
    assert steps == ["sync file", "replace", "sync folder"][: 2 if sys.platform == "win32" else 3]


@unix
def test_the_mode_of_the_old_file_is_kept(folder: Path) -> None:
    (folder / "file").write_bytes(b"old")
    (folder / "file").chmod(0o640)
    write_bytes_atomically(folder / "file", b"new")
    assert stat.S_IMODE((folder / "file").stat().st_mode) == 0o640


@unix
def test_a_link_stays_a_link_and_its_target_is_written(folder: Path) -> None:
    (folder / "target").write_bytes(b"old")
    (folder / "link").symlink_to("target")
    write_bytes_atomically(folder / "link", b"new")
    assert (folder / "link").is_symlink()
    assert (folder / "target").read_bytes() == b"new"


@unix
def test_a_link_in_the_temporary_file_s_place_is_not_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = folder / "victim"
    victim.write_bytes(b"precious")
    monkeypatch.setattr("secrets.token_hex", lambda count: "guessed")
    (folder / ".file.guessed.tmp").symlink_to(victim)
    with pytest.raises(FileExistsError):
        write_bytes_atomically(folder / "file", b"new")
    assert victim.read_bytes() == b"precious"


def test_what_a_crash_left_a_day_ago_is_swept_away(folder: Path) -> None:
    old, young, other = folder / ".file.aa.tmp", folder / ".file.bb.tmp", folder / ".elsewhere.cc.tmp"
    for each in (old, young, other):
        each.write_bytes(b"half")
    before = time.time() - STALE_SECONDS - 60
    for each in (old, other):
        os.utime(each, (before, before))
    write_bytes_atomically(folder / "file", b"new")
    assert names(folder) == [".elsewhere.cc.tmp", ".file.bb.tmp", "file"]


class TestSavingAProject:
    def refusal(self, project: Project, path: Path) -> str:
        with pytest.raises(ProjectError) as caught:
            save_project(project, path)
        assert str(caught.value).isprintable()
        return str(caught.value)

    def test_to_a_folder_that_is_not_there(self, project: Project, folder: Path) -> None:
        message = self.refusal(project, folder / "gone" / "my.cnnstudio")
        assert message == "'my.cnnstudio' cannot be written: No such file or directory. Save somewhere else."

    def test_over_a_folder(self, project: Project, folder: Path) -> None:
        (folder / "my.cnnstudio").mkdir()
        assert "cannot be written" in self.refusal(project, folder / "my.cnnstudio")
        assert names(folder) == ["my.cnnstudio"]

    def test_to_a_full_disk(self, project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = folder / "my.cnnstudio"
        save_project(project, path)
        before = path.read_bytes()

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        assert "No space left on device" in self.refusal(project, path)
        assert path.read_bytes() == before
        assert names(folder) == ["my.cnnstudio"]

    def test_without_permission(self, project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
        message = self.refusal(project, folder / "my.cnnstudio")
        assert message == "'my.cnnstudio' cannot be written: Permission denied. Save somewhere else."

    @unix
    @pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
    def test_into_a_folder_that_is_not_mine(self, project: Project, folder: Path) -> None:
        folder.chmod(0o500)
        assert "Permission denied" in self.refusal(project, folder / "my.cnnstudio")

    def test_with_arrays_that_files_do_not_hold(self, project: Project, folder: Path) -> None:
        arrays = project.state_dict()
        arrays["conv1.bias"] = arrays["conv1.bias"].astype(complex)
        project.keep_state_dict(arrays)
        assert "conv1.bias is an array of complex128" in self.refusal(project, folder / "my.cnnstudio")

    def test_with_a_title_that_no_file_can_hold(self, project: Project, folder: Path) -> None:
        project.title = "\ud800"
        assert "cannot be written" in self.refusal(project, folder / "my.cnnstudio")
        assert names(folder) == []

    def test_with_a_view_that_could_not_be_opened_again(self, project: Project, folder: Path) -> None:
        for _ in range(40):
            project.view = {"inner": project.view}
        assert "deeper than 32 levels" in self.refusal(project, folder / "my.cnnstudio")

    def test_over_a_damaged_file_mends_it(self, project: Project, folder: Path) -> None:
        path = folder / "my.cnnstudio"
        path.write_bytes(b"damaged")
        save_project(project, path)
        assert open_project(path).graph == project.graph
