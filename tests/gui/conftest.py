"""A guard for tests with windows: no timer, thread of Qt or top-level window may outlive its test.

And what tests of whole windows share: the window itself, on real digits, and a way to wait.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

if TYPE_CHECKING:
    from cnnstudio.gui.main_window import MainWindow
    from cnnstudio.gui.theme import Theme

Where = Callable[[FrameType | None], str]
LONG = 60_000
"""Milliseconds that are enough on a loaded machine; nothing waits so long on a free one."""


class Recorder:
    """Remembers where timers were started and windows shown, and which single shots are still to come.

    Asking the collector for every object would find the same timers, at a tenth of a second a test.
    """

    def __init__(self, where: Where) -> None:
        self._where = where
        self._places: weakref.WeakKeyDictionary[QObject, str] = weakref.WeakKeyDictionary()
        self._shots: list[tuple[float, weakref.ref[QObject] | None, str]] = []

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Wrap the calls by which Python starts a timer or shows a window.

        Timers that Qt starts for itself (a blinking cursor, an animation) die with their widget and are
        none of ours.
        """
        for owner, name in (
            (QTimer, "start"),
            (QThread, "start"),
            *((QWidget, name) for name in ("show", "showNormal", "showMaximized", "showFullScreen")),
            *((kind, "setVisible") for kind in (QWidget, QDialog)),
            *((QDialog, name) for name in ("open", "exec")),
        ):
            patch.setattr(owner, name, self._recording(getattr(owner, name)))
        patch.setattr(QTimer, "singleShot", staticmethod(self._recording_shot(QTimer.singleShot)))

    def _recording(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(this: QObject, *args: Any, **kwargs: Any) -> Any:
            self._places[this] = self._where(sys._getframe(1))
            return call(this, *args, **kwargs)

        return recorded

    def _recording_shot(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(milliseconds: int, *args: Any) -> None:
            owners = [arg if isinstance(arg, QObject) else getattr(arg, "__self__", None) for arg in args]
            owner = next((weakref.ref(found) for found in owners if isinstance(found, QObject)), None)
            self._shots.append((monotonic() + milliseconds / 1000, owner, self._where(sys._getframe(1))))
            call(milliseconds, *args)

        return recorded

    def place(self, thing: QObject) -> str:
        """Where `thing` was started or shown."""
        return self._places.get(thing, "  (not by a call from Python)")

    def started(self) -> list[QObject]:
        """Timers and threads that Python has started and that still run."""
        things = [thing for thing in self._places if isinstance(thing, (QTimer, QThread)) and _valid(thing)]
        return [thing for thing in things if (thing.isActive() if isinstance(thing, QTimer) else thing.isRunning())]

    def coming_shots(self) -> list[str]:
        """Where single shots were set that have not fired and whose receiver, if known, still lives."""
        now = monotonic()
        return [place for due, owner, place in self._shots if due > now and (owner is None or _valid(owner()))]

    def forget_shots(self) -> None:
        """A new test begins: what an older one left was that one's failure."""
        self._shots.clear()


def _valid(thing: QObject | None) -> bool:
    return thing is not None and shiboken6.isValid(thing)


@pytest.fixture(scope="session", autouse=True)
def qt_recorder(where_am_i: Where) -> Iterator[Recorder]:
    """The one recorder, wrapped around Qt's calls for the whole run."""
    recorder = Recorder(where_am_i)
    with pytest.MonkeyPatch.context() as patch:
        recorder.install(patch)
        yield recorder


@pytest.fixture(scope="module", autouse=True)
def light_collections() -> None:
    """The guard collects garbage after many a test: spare it the modules, which hold most objects and no garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_of_qt_left_behind(
    request: pytest.FixtureRequest, qt_recorder: Recorder, call_failed: Callable[[], bool], no_thread_left_behind: None
) -> Iterator[None]:
    """Fails a test that leaves a timer, a QThread or a top-level window behind, and says whence it came.

    Windows handed to `qtbot.addWidget` are closed before this looks.
    """
    before = _windows() + qt_recorder.started()

    def left_behind() -> list[QObject]:
        _settle()
        return [thing for thing in _windows() + qt_recorder.started() if not any(thing is old for old in before)]

    qt_recorder.forget_shots()
    yield
    request.node.funcargs.clear()  # pytest keeps what the fixtures gave until later, and with it all its parts
    if left_behind() or qt_recorder.coming_shots():
        gc.collect()  # what only waits for the collector is not left behind
    left = left_behind()
    stories = [f"{_describe(thing)}\n{qt_recorder.place(thing)}" for thing in left]
    stories += [f"a single shot that is still to come, set at\n{place}" for place in qt_recorder.coming_shots()]
    for thing in left:
        _remove(thing)
    if stories and not call_failed():
        pytest.fail("The test left behind:\n" + "\n".join(stories), pytrace=False)


def _settle() -> None:
    """Carry out what `deleteLater` has promised; without a running event loop Qt does not do it by itself."""
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()


def _windows() -> list[QObject]:
    """Top-level windows of their own: one with a parent goes with it, and Qt keeps its tool tip for later use."""
    if QCoreApplication.instance() is None:
        return []
    return [w for w in QApplication.topLevelWidgets() if w.parent() is None and not w.inherits("QTipLabel")]


def _describe(thing: QObject) -> str:
    name = f"{type(thing).__name__} {thing.objectName()!r}"
    if isinstance(thing, QTimer):
        parent = thing.parent()
        owner = f"{type(parent).__name__} {parent.objectName()!r}" if parent else "nobody"
        return f"running {name} of {thing.interval()} ms, child of {owner}, started at"
    if isinstance(thing, QThread):
        return f"running {name}, started at"
    state = "open" if isinstance(thing, QWidget) and thing.isVisible() else "hidden"
    return f"{state} window {name}, last shown at"


def _remove(thing: QObject) -> None:
    """Spare the next tests."""
    if isinstance(thing, QTimer):
        thing.stop()
    elif isinstance(thing, QWidget):
        thing.hide()
        thing.deleteLater()


@pytest.fixture
def theme(qapp) -> Iterator[Theme]:
    """The light look, applied."""
    from cnnstudio.gui.theme import Theme  # late: the guard is tried on small suites that need none of the studio

    theme = Theme("light")
    theme.apply(qapp)
    yield theme
    theme.deleteLater()


@pytest.fixture
def until(qtbot) -> Callable[[Callable[[], bool]], None]:
    """Wait until something is so, with time enough for a loaded machine."""
    return lambda condition: qtbot.waitUntil(condition, timeout=LONG)


@pytest.fixture
def open_window(qtbot, until, tmp_path: Path) -> Iterator[Callable[[str], MainWindow]]:
    """Opens the whole window at 1280 × 800, in light, on a workspace, with digits loaded."""
    from cnnstudio.gui.app import create_window
    from cnnstudio.session import DataState

    opened: list[MainWindow] = []

    def open_on(place: str) -> MainWindow:
        window = create_window(settings_dir=tmp_path / "settings")
        opened.append(window)
        qtbot.addWidget(window)
        window.theme.set_mode("light")
        window.resize(1280, 800)
        window.show_workspace(place)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        until(lambda: window.studio.data.state is DataState.READY)
        return window

    yield open_on
    for window in opened:
        window.leave()
