"""After a crash the work is offered again; a session that is still running keeps its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cnnstudio.project import Autosave, Project, ProjectError, save_project

CRASHING = """
import os, sys
from pathlib import Path
from cnnstudio.graph import presets
from cnnstudio.project import Autosave, Project
Autosave(Path(sys.argv[1])).write(Project(presets.load("digits-small"), title=sys.argv[2], path=Path(sys.argv[3])))
os.kill(os.getpid(), 9) if sys.argv[4] == "kill" else print("ready", flush=True)
sys.stdin.read()
"""


def session(folder: Path, title: str, ending: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CRASHING, str(folder), title, str(folder / "original.cnnstudio"), ending],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def autosave(folder: Path) -> Iterator[Autosave]:
    autosave = Autosave(folder)
    yield autosave
    autosave.close()


@pytest.fixture
def crashed(folder: Path) -> Callable[[str], None]:
    """crashed(title): a session that was killed after it wrote its copy."""

    def crash(title: str) -> None:
        with session(folder, title, "kill") as process:
            process.wait(60)

    return crash


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process the Unix way")
class TestAfterACrash:
    def test_the_copy_is_offered(self, crashed: Callable[[str], None], autosave: Autosave, folder: Path) -> None:
        crashed("Lost work")
        (recovery,) = autosave.recoverable()
        assert recovery.title == "Lost work"
        assert recovery.original_path == folder / "original.cnnstudio"
        assert (datetime.now(UTC) - recovery.time).total_seconds() < 100

    def test_restoring_gives_the_project_back_and_takes_the_copy_over(
        self, crashed: Callable[[str], None], autosave: Autosave, folder: Path
    ) -> None:
        crashed("Lost work")
        project = autosave.restore(autosave.recoverable()[0])
        assert project.title == "Lost work"
        assert project.path == folder / "original.cnnstudio"
        assert len(project.graph) == 10
        assert autosave.recoverable() == []
        assert len(list(folder.glob("*.cnnstudio"))) == 1, "and it is safe in this session's own copy"

    def test_a_file_of_a_newer_version_is_still_not_written_over(self, autosave: Autosave, folder: Path) -> None:
        path = folder.parent / "newer.cnnstudio"
        path.write_bytes(b"what only the newer version understands")
        crashing = Autosave(folder)
        crashing.write(Project(path=path, read_only=True, read_only_reason="It is of a newer version."))
        crashing.leave()
        project = autosave.restore(autosave.recoverable()[0])
        assert project.read_only
        with pytest.raises(ProjectError, match=r"newer\.cnnstudio' is read-only: It is of a newer version"):
            save_project(project, path)
        again = Autosave(folder)
        autosave.leave()
        assert again.restore(again.recoverable()[0]).read_only
        again.close()

    def test_forgetting_removes_every_trace(
        self, crashed: Callable[[str], None], autosave: Autosave, folder: Path
    ) -> None:
        crashed("Lost work")
        autosave.forget(autosave.recoverable()[0])
        assert autosave.recoverable() == []
        assert list(folder.iterdir()) == []

    def test_the_newest_comes_first(self, crashed: Callable[[str], None], autosave: Autosave, folder: Path) -> None:
        for age, title in enumerate(["newest", "older", "oldest"]):
            crashed(title)
            (fresh,) = (each.path for each in autosave.recoverable() if each.title == title)
            os.utime(fresh, (1e9 - age, 1e9 - age))
        assert [each.title for each in autosave.recoverable()] == ["newest", "older", "oldest"]

    def test_a_damaged_copy_is_said_and_stays(
        self, crashed: Callable[[str], None], autosave: Autosave, folder: Path
    ) -> None:
        crashed("Lost work")
        (recovery,) = autosave.recoverable()
        recovery.path.write_bytes(recovery.path.read_bytes()[:500])
        with pytest.raises(ProjectError, match="its end is missing"):
            autosave.restore(recovery)
        assert [each.path for each in autosave.recoverable()] == [recovery.path]

    def test_a_copy_without_its_record_is_offered_all_the_same(
        self, crashed: Callable[[str], None], autosave: Autosave
    ) -> None:
        crashed("Lost work")
        autosave.recoverable()[0].path.with_suffix(".json").write_text("{", encoding="utf-8")
        (recovery,) = autosave.recoverable()
        assert (recovery.title, recovery.original_path) == ("Untitled", None)
        assert autosave.restore(recovery).title == "Lost work"

    def test_a_session_that_still_runs_is_left_alone(self, autosave: Autosave, folder: Path) -> None:
        with session(folder, "In use", "wait") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            assert autosave.recoverable() == []
            assert len(list(folder.glob("*.cnnstudio"))) == 1
            process.kill()
        assert [each.title for each in autosave.recoverable()] == ["In use"]


class TestARunningSession:
    def test_does_not_offer_its_own_copy(self, autosave: Autosave, project: Project) -> None:
        autosave.write(project)
        assert autosave.recoverable() == []

    def test_nor_that_of_another_session(self, autosave: Autosave, folder: Path, project: Project) -> None:
        other = Autosave(folder)
        other.write(project)
        assert autosave.recoverable() == []
        other.close()

    def test_replaces_its_copy(self, autosave: Autosave, folder: Path, project: Project) -> None:
        for title in ("first", "second"):
            project.title = title
            autosave.write(project)
        assert len(list(folder.glob("*.cnnstudio"))) == 1

    def test_keeps_no_copy_of_what_has_been_saved(self, autosave: Autosave, folder: Path, project: Project) -> None:
        autosave.write(project)
        autosave.discard()
        assert list(folder.glob("*.cnnstudio")) == []
        autosave.write(project)
        assert len(list(folder.glob("*.cnnstudio"))) == 1

    def test_leaves_nothing_when_it_ends(self, folder: Path, project: Project) -> None:
        autosave = Autosave(folder)
        autosave.write(project)
        autosave.close()
        assert list(folder.iterdir()) == []

    def test_ends_without_ever_having_written(self, folder: Path) -> None:
        Autosave(folder).close()
        assert not folder.exists()

    def test_copies_a_read_only_project_too(self, autosave: Autosave, folder: Path, project: Project) -> None:
        project.path, project.read_only, project.read_only_reason = folder / "x.cnnstudio", True, "Newer."
        autosave.write(project)
        assert len(list(folder.glob("*.cnnstudio"))) == 1

    def test_does_not_touch_the_original(self, autosave: Autosave, project: Project, tmp_path: Path) -> None:
        path = tmp_path / "original.cnnstudio"
        save_project(project, path)
        project.path, before = path, path.read_bytes()
        project.graph.remove("linear_2")
        autosave.write(project)
        assert path.read_bytes() == before

    def test_says_when_it_cannot_write(self, tmp_path: Path, project: Project) -> None:
        (tmp_path / "recovery").write_text("a file where the folder should be", encoding="utf-8")
        autosave = Autosave(tmp_path / "recovery")
        with pytest.raises(ProjectError, match=r"The recovery copy in '.*recovery' cannot be written"):
            autosave.write(project)
        autosave.close()

    def test_no_folder_means_nothing_to_recover(self, autosave: Autosave) -> None:
        assert autosave.recoverable() == []
