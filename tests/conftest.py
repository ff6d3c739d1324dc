"""What every test may lean on: no screen, folders of its own, and a guard against threads left behind."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import hypothesis
import pytest

# Must stand before any Qt application is made. A developer who wants to watch sets it to xcb or wayland.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No judging by the clock: a busy machine is not a fault. In CI the same examples each time.
hypothesis.settings.register_profile(
    "studio",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("studio")

ROOT = Path(__file__).resolve().parents[1]

# Workers that live as long as the process, by design: the name's beginning, and whose they are.
LASTING_THREADS = {"cnnstudio-kernel": "the engine's pool for the batch", "execnet": "xdist's own"}

GRACE_SECONDS = 2.0  # for a thread that is already on its way out when the test ends

_CALL_FAILED = pytest.StashKey[bool]()
_starts: weakref.WeakKeyDictionary[threading.Thread, str] = weakref.WeakKeyDictionary()
_start_thread = threading.Thread.start


def where_am_i(frame: FrameType | None) -> str:
    """The innermost calls of the project or its tests that led to `frame`, as a traceback prints them."""
    lines: list[str] = []
    while frame is not None and "_pytest" not in frame.f_code.co_filename and len(lines) < 6:
        code = frame.f_code
        if Path(code.co_filename).name != "conftest.py":  # the guards' own wrappers say nothing
            lines.append(f'  File "{code.co_filename}", line {frame.f_lineno}, in {code.co_name}')
        frame = frame.f_back
    return "\n".join(lines) or "".join(traceback.format_stack(limit=4))


def _recorded_start(thread: threading.Thread) -> None:
    _starts[thread] = where_am_i(sys._getframe(1))
    _start_thread(thread)


threading.Thread.start = _recorded_start  # type: ignore[method-assign]


@pytest.fixture(scope="session", name="where_am_i")
def _where_am_i() -> Callable[[FrameType | None], str]:
    """`where_am_i` for the guards of other conftest files."""
    return where_am_i


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if call.when == "call":
        item.stash[_CALL_FAILED] = report.failed
    return report


@pytest.fixture
def call_failed(request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Whether the test itself has failed; its traceback keeps things alive, and one failure is enough."""
    return lambda: request.node.stash.get(_CALL_FAILED, False)


@pytest.fixture(autouse=True)
def no_thread_left_behind(call_failed: Callable[[], bool]) -> Iterator[None]:
    """Fails a test that leaves a thread running, and says where that was started.

    Wider fixtures are set up before this one, so that a thread of a module's fixture is not the test's.
    """
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith(tuple(LASTING_THREADS))
    ]
    for thread in left:
        thread.join(GRACE_SECONDS)
    alive = [thread for thread in left if thread.is_alive()]
    if alive and not call_failed():
        stories = "\n".join(f"{t.name}, started at\n{_starts.get(t, '  (unknown)')}" for t in alive)
        pytest.fail(f"The test left {len(alive)} thread(s) running:\n{stories}", pytrace=False)


def _user_folders(home: Path) -> dict[str, str]:
    """The environment that moves the user's settings, cache and data folders below `home`."""
    variables = {f"XDG_{kind}_HOME": home / kind.lower() for kind in ("CONFIG", "CACHE", "DATA", "STATE")}
    if sys.platform == "darwin":
        variables["HOME"] = home
    elif sys.platform == "win32":
        variables |= {f"WIN_PD_OVERRIDE_{kind}": home / kind.lower() for kind in ("APPDATA", "LOCAL_APPDATA")}
    return {name: str(path) for name, path in variables.items()}


@pytest.fixture(scope="session", autouse=True)
def session_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings and caches of wider fixtures go to a temporary folder too."""
    with pytest.MonkeyPatch.context() as patch:
        for name, path in _user_folders(tmp_path_factory.mktemp("user")).items():
            patch.setenv(name, path)
        yield


@pytest.fixture(autouse=True)
def own_folders(session_folders: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings, caches or autosaves of the user or of another test."""
    for name, path in _user_folders(tmp_path / "user").items():
        monkeypatch.setenv(name, path)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real samples of MNIST and CIFAR-10 beside the checkout; a test that needs them is skipped elsewhere."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the sample data in {folder}, which this machine lacks")
    return folder


# Marker, the modules that its tests need, and what installs them.
_NEEDS = {
    "oracle": (("torch", "onnx"), "'.[oracle]'"),
    "tools": (("importlinter", "hatchling"), "'.[dev]' hatchling"),
}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (modules, requirements) in _NEEDS.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        if missing and item.get_closest_marker(marker):
            pytest.skip(f"{marker} test: {' and '.join(missing)} missing; pip install -e {requirements}")
