"""What the program remembers survives a restart, and a damaged memory is no reason not to start."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.project import DataChoice, ProjectError, Settings, SettingsStore, default_settings_folder
from cnnstudio.project.settings import MAX_RECENT


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings")


def test_the_first_start_takes_the_defaults_and_writes_nothing(store: SettingsStore) -> None:
    assert store.load() == Settings()
    assert not store.folder.exists()


def test_settings_come_back_equal(store: SettingsStore) -> None:
    settings = Settings(
        theme="dark",
        geometry=bytes(range(256)),
        state=b"\0\xff",
        workspace="train",
        splitters={"build.columns": [220, 800, 300]},
        data=DataChoice("cifar10", size=(32, 32), mode="grey"),
        download_folder="/data",
    )
    settings.remember(Path("/work/a.cnnstudio"))
    store.save(settings)
    assert store.load() == settings


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"theme": "pink"}',
        b'{"geometry": "not base64!"}',
        b'{"splitters": {"a": [-5]}}',
        b'{"recent": 5}',
        b'{"data": {"source": ""}}',
        b"[" * 100_000,
        b'{"language": "' + b"x" * 2_000_000 + b'"}',
    ],
    ids=lambda content: content[:20].decode("latin-1"),
)
def test_a_damaged_file_is_set_aside(store: SettingsStore, content: bytes) -> None:
    store.folder.mkdir()
    store.path.write_bytes(content)
    assert store.load() == Settings()
    assert not store.path.exists()
    assert (store.folder / "settings.damaged.json").read_bytes() == content


def test_settings_of_a_later_version_are_read_as_far_as_they_are_known(store: SettingsStore) -> None:
    store.folder.mkdir()
    store.path.write_text('{"theme": "light", "hologram": true}', encoding="utf-8")
    assert store.load() == Settings(theme="light")


def test_settings_that_cannot_be_written_are_said_in_one_line(store: SettingsStore) -> None:
    store.folder.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"The settings in '.*settings' cannot be written: File exists"):
        store.save(Settings())


def test_no_two_settings_share_a_list(store: SettingsStore) -> None:
    Settings().recent.append("x")
    assert Settings().recent == []


class TestRecentProjects:
    def test_the_last_one_comes_first_and_only_once(self) -> None:
        settings = Settings()
        for name in ("/a", "/b", "/a"):
            settings.remember(Path(name))
        assert settings.recent == [str(Path(name).absolute()) for name in ("/a", "/b")]

    def test_the_oldest_fall_out(self) -> None:
        settings = Settings()
        for number in range(MAX_RECENT + 3):
            settings.remember(Path(f"/{number}"))
        assert len(settings.recent) == MAX_RECENT
        assert str(Path("/0").absolute()) not in settings.recent

    def test_one_can_be_forgotten(self) -> None:
        settings = Settings()
        settings.remember(Path("/a"))
        settings.forget(Path("/a"))
        assert settings.recent == []


def test_the_folders_are_the_user_s_own(store: SettingsStore, tmp_path: Path) -> None:
    assert default_settings_folder().is_relative_to(tmp_path)
    assert store.recovery_folder.parent == store.folder
