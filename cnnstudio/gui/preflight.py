"""Whether the window can open here, asked before Qt is: what Qt answers with an abort gets a sentence.

Importing this module imports no Qt. `check` does: first the bindings (a shared library of the system may be
missing), then, on Linux, the display and the plugin that talks to it.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

DEBIAN_PACKAGES = (
    "libgl1 libegl1 libglib2.0-0 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
)
_WAYLAND_PACKAGES = "libwayland-client0 libwayland-cursor0 libwayland-egl1"
HEADLESS = (
    "Without a screen, these work as they are: cnnstudio train, cnnstudio analyze, cnnstudio compare, "
    "cnnstudio profile, cnnstudio inspect, cnnstudio data."
)

_PROBES = 64  # calls by which a leak is measured: enough to stand out, too few to use None up
_MISSING_LIBRARY = re.compile(r"([\w.+-]+\.(?:so[\d.]*|dylib|dll)): ")

Import = Callable[[str], ModuleType]
Load = Callable[[str], object]


class PreflightError(RuntimeError):
    """The window cannot open here; the message says why and what to do, in sentences for the user."""


def check(environment: Mapping[str, str] = os.environ, import_module: Import = importlib.import_module) -> None:
    """Return if the window can open; raise `PreflightError` if Qt is missing, unsound or has no screen."""
    check_libraries(import_module)
    check_references(lambda: measure_drift(import_module))
    if sys.platform.startswith("linux"):
        check_platform(environment, plugin_folder(import_module))


def check_libraries(import_module: Import = importlib.import_module) -> None:
    """Refuse where PySide6, or a shared library of the system that it needs, is missing."""
    for name in ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets"):
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            raise PreflightError(
                f"The window of CNN Studio needs PySide6, which this Python lacks ({error}): install it "
                f'with\n    "{sys.executable}" -m pip install cnnstudio\n{HEADLESS}'
            ) from error
        except ImportError as error:
            raise PreflightError(_library_message(str(error))) from error


def check_references(measure: Callable[[], int]) -> None:
    """Refuse a PySide6 that loses references to None, which ends in an abort of the interpreter.

    PySide6 6.12.0 does on CPython 3.11: one at each call that returns nothing. From CPython 3.12 None is
    immortal, and nothing can be lost.
    """
    if sys.version_info >= (3, 12):
        return
    drift = measure()
    if abs(drift) > _PROBES // 2:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise PreflightError(
            f"PySide6 {_pyside_version()} would abort CNN Studio on Python {python}: {_PROBES} calls moved the "
            f"count of references to None by {drift}; install a sound build with\n"
            f'    "{sys.executable}" -m pip install "PySide6-Essentials>=6.8,!=6.11.0,!=6.11.1,<6.12"\n{HEADLESS}'
        )


def measure_drift(import_module: Import = importlib.import_module) -> int:
    """Change of None's reference count over `_PROBES` calls of Qt that return nothing."""
    thing = import_module("PySide6.QtCore").QObject()
    thing.setObjectName("probe")
    before = sys.getrefcount(None)
    for _ in range(_PROBES):
        thing.setObjectName("probe")
    return sys.getrefcount(None) - before


def check_platform(environment: Mapping[str, str], plugins: Path, load: Load = ctypes.CDLL) -> None:
    """Refuse where Qt would find no screen to draw on (Linux).

    `QT_QPA_PLATFORM` may ask for platforms by name, several divided by semicolons; without it Qt takes the
    display that the session offers.
    """
    asked = [part.partition(":")[0] for part in environment.get("QT_QPA_PLATFORM", "").split(";")]
    wanted = [name for name in asked if name] or _offered(environment)
    if not wanted:
        raise PreflightError(
            "CNN Studio finds no display: neither DISPLAY nor WAYLAND_DISPLAY is set; start it from a desktop "
            f"session, or under xvfb-run.\n{HEADLESS}"
        )
    refusals: list[str] = []
    for name in wanted:
        try:
            _check_one(name, environment, plugins, load)
        except PreflightError as error:
            refusals.append(str(error))
        else:
            return
    raise PreflightError(refusals[0])


def plugin_folder(import_module: Import = importlib.import_module) -> Path:
    """The folder of Qt's platform plugins, one shared library each."""
    info = import_module("PySide6.QtCore").QLibraryInfo
    return Path(info.path(info.LibraryPath.PluginsPath)) / "platforms"


def _offered(environment: Mapping[str, str]) -> list[str]:
    platforms = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
    return [name for name, variable in platforms.items() if environment.get(variable)]


def _check_one(name: str, environment: Mapping[str, str], plugins: Path, load: Load) -> None:
    plugin = plugins / f"libq{name.partition('-')[0]}.so"  # wayland-egl is a way of the plugin wayland
    if not plugin.is_file():
        known = ", ".join(sorted(path.stem.removeprefix("libq") for path in plugins.glob("libq*.so")))
        raise PreflightError(
            f"QT_QPA_PLATFORM asks for {name!r}, which this PySide6 does not have; it has {known}.\n{HEADLESS}"
        )
    try:
        load(str(plugin))
    except OSError as error:
        raise PreflightError(_library_message(str(error))) from error
    if name == "xcb" and not _x_answers(environment.get("DISPLAY")):
        raise PreflightError(_silent("DISPLAY", environment))
    if name.startswith("wayland") and not _wayland_answers(environment):
        raise PreflightError(_silent("WAYLAND_DISPLAY", environment))


def _x_answers(display: str | None) -> bool:
    """Whether an X server lets us in: the very call that Qt's plugin makes, and it has loaded the library."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display) if display else None, None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY", "wayland-0")
    address = Path(environment.get("XDG_RUNTIME_DIR", ""), name)
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(address))
    except OSError:
        return False
    return True


def _silent(variable: str, environment: Mapping[str, str]) -> str:
    value = environment.get(variable)
    name = f"{variable}={value}" if value else f"{variable}, which is not set"
    return (
        f"CNN Studio cannot open the display {name}: no server answers there, or it does not let this user in; "
        f"start it from a desktop session, or under xvfb-run.\n{HEADLESS}"
    )


def _library_message(reason: str) -> str:
    found = _MISSING_LIBRARY.search(reason)
    library = f"the shared library {found[1]}" if found else "a shared library"
    packages = f"{DEBIAN_PACKAGES} {_WAYLAND_PACKAGES}" if "wayland" in library else DEBIAN_PACKAGES
    state = "this machine lacks" if "No such file" in reason else f"cannot be loaded here ({reason})"
    return (
        f"The window of CNN Studio needs {library}, which {state}. "
        f"On Debian or Ubuntu, as root, this brings all it needs:\n    apt-get install -y {packages}\n{HEADLESS}"
    )


def _pyside_version() -> str:
    for name in ("PySide6-Essentials", "PySide6"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "of unknown version"
