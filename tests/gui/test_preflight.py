"""Where the window cannot open, the program says why in sentences; Qt's own abort is never seen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from cnnstudio.gui import preflight
from cnnstudio.gui.preflight import PreflightError

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has X and Wayland")

CHECK = """
from cnnstudio.gui.preflight import PreflightError, check
try:
    check()
except PreflightError as error:
    print(error)
else:
    from PySide6.QtWidgets import QApplication
    print("opened on", QApplication([]).platformName())
"""


def answer(code: str = CHECK, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """What a fresh interpreter says in an environment without any screen but the one given."""
    env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    env |= {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=env, capture_output=True, text=True, timeout=60
    )


def refusal(**environment: str | None) -> str:
    done = answer(**environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert preflight.HEADLESS in done.stdout
    return done.stdout


# ---------------------------------------------------------------- the screen


def test_the_module_itself_imports_no_qt() -> None:
    done = answer("import sys, cnnstudio.gui.preflight; print(sorted(m for m in sys.modules if 'PySide6' in m))")
    assert done.stdout.strip() == "[]", done.stderr


def test_a_machine_that_can_is_let_through() -> None:
    assert answer(QT_QPA_PLATFORM="offscreen").stdout == "opened on offscreen\n"


@linux_only
def test_no_display_is_said() -> None:
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in refusal()


@linux_only
@pytest.mark.parametrize("display", [":987", "no display", "localhost:x"])
def test_a_display_that_nobody_serves_is_said(display: str) -> None:
    text = refusal(DISPLAY=display)
    assert f"cannot open the display DISPLAY={display}" in text


@linux_only
def test_x_asked_for_without_a_display_is_said() -> None:
    assert "DISPLAY, which is not set" in refusal(QT_QPA_PLATFORM="xcb")


@linux_only
def test_a_platform_that_qt_does_not_have_is_said() -> None:
    text = refusal(QT_QPA_PLATFORM="nonsense")
    assert "'nonsense'" in text
    assert "offscreen" in text


@linux_only
def test_the_first_platform_that_works_is_enough() -> None:
    assert answer(QT_QPA_PLATFORM="xcb;offscreen", DISPLAY=":987").stdout == "opened on offscreen\n"


@linux_only
def test_a_wayland_socket_that_nobody_serves_is_said(tmp_path: Path) -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    plugins = tmp_path / "platforms"
    plugins.mkdir()
    (plugins / "libqwayland.so").touch()
    with pytest.raises(PreflightError, match="cannot open the display WAYLAND_DISPLAY=wayland-7"):
        preflight.check_platform(environment, plugins, load=lambda path: None)


# ---------------------------------------------------------------- the libraries


def importer_that_lacks(name: str, reason: str, kind: type[ImportError] = ImportError) -> Callable[[str], ModuleType]:
    def load(module: str) -> ModuleType:
        if module == name:
            raise kind(reason)
        return ModuleType(module)

    return load


@pytest.mark.parametrize("module", ["PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets"])
def test_a_missing_library_is_named_with_the_line_that_brings_it(module: str) -> None:
    load = importer_that_lacks(module, "libEGL.so.1: cannot open shared object file: No such file or directory")
    with pytest.raises(PreflightError) as caught:
        preflight.check_libraries(load)
    text = str(caught.value)
    assert "the shared library libEGL.so.1, which this machine lacks" in text
    assert f"apt-get install -y {preflight.DEBIAN_PACKAGES}\n" in text
    assert preflight.HEADLESS in text


def test_missing_pyside_is_said() -> None:
    load = importer_that_lacks("PySide6.QtCore", "No module named 'PySide6'", ModuleNotFoundError)
    with pytest.raises(PreflightError, match="needs PySide6, which this Python lacks"):
        preflight.check_libraries(load)


@linux_only
def test_a_library_that_only_the_plugin_for_x_needs_is_named(tmp_path: Path) -> None:
    (tmp_path / "libxcb-cursor.so.0").write_bytes(b"not a library")
    text = refusal(DISPLAY=":987", LD_LIBRARY_PATH=str(tmp_path))
    assert "libxcb-cursor.so.0" in text
    assert "cannot be loaded here" in text
    assert preflight.DEBIAN_PACKAGES in text


@linux_only
def test_a_missing_library_of_wayland_brings_its_packages_too(tmp_path: Path) -> None:
    def lacks(path: str) -> None:
        raise OSError("libwayland-cursor.so.0: cannot open shared object file: No such file or directory")

    (tmp_path / "libqwayland.so").touch()
    with pytest.raises(PreflightError, match=r"(?s)libwayland-cursor\.so\.0, which .* libwayland-cursor0"):
        preflight.check_platform({"QT_QPA_PLATFORM": "wayland-egl"}, tmp_path, load=lacks)


# ---------------------------------------------------------------- the leak


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from CPython 3.12")
@pytest.mark.parametrize("drift", [-64, 64, -40])
def test_a_build_that_loses_references_to_none_is_refused(drift: int) -> None:
    with pytest.raises(PreflightError, match=r"PySide6 \d+\.\d+.* would abort CNN Studio on Python 3\.11"):
        preflight.check_references(lambda: drift)


@pytest.mark.parametrize("drift", [0, -3, 5])
def test_a_sound_build_passes(drift: int) -> None:
    preflight.check_references(lambda: drift)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from CPython 3.12")
def test_the_measure_sees_a_leak_and_this_build_has_none() -> None:
    hoard: list[None] = []

    class Leaking:
        def setObjectName(self, name: str) -> None:
            hoard.append(None)

    leaking = SimpleNamespace(QObject=Leaking)
    assert preflight.measure_drift(lambda name: leaking) >= 60
    assert abs(preflight.measure_drift()) < 8


# ---------------------------------------------------------------- the command


@linux_only
@pytest.mark.parametrize("screen", [{}, {"DISPLAY": ":987"}, {"QT_QPA_PLATFORM": "nonsense"}], ids=str)
def test_the_command_ends_with_2_and_sentences_where_no_window_can_open(screen: dict[str, str]) -> None:
    done = answer("import sys; from cnnstudio.cli import main; sys.exit(main([]))", **screen)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("cnnstudio: ")
    assert preflight.HEADLESS in done.stderr
    assert "Traceback" not in done.stderr
