"""The guard against timers and windows left behind, tried on small suites of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def run(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    gui = pytester.mkdir("gui")
    pytester.makeconftest((HERE.parent / "conftest.py").read_text(encoding="utf-8"))
    (gui / "conftest.py").write_text((HERE / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    pytester.makeini("[pytest]\nmarkers = oracle\nqt_api = pyside6\n")
    header = (
        "import pytest, shiboken6\n"
        "from PySide6.QtCore import QObject, QThread, QTimer\n"
        "from PySide6.QtWidgets import QDialog, QWidget\n"
    )
    path = pytester.makepyfile(test_suite=test)
    (gui / "test_suite.py").write_text(header + path.read_text(encoding="utf-8"), encoding="utf-8")
    path.unlink()
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "gui")


def test_a_timer_left_running_fails_the_test_and_is_traced_to_its_start(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        kept = []

        def begin():
            timer = QTimer(objectName="forgotten")
            timer.start(1000)
            kept.append(timer)

        def test_forgets(qtbot):
            begin()

        def test_next_is_not_blamed(qtbot):
            assert not kept[0].isActive()
        """,
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*The test left behind:",
            "running QTimer 'forgotten' of 1000 ms, child of nobody, started at",
            "*in begin",
            "*in test_forgets",
        ]
    )


def test_a_timer_without_a_python_reference_is_found_by_its_parent(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        owner = QObject(objectName="owner")

        def test_forgets(qtbot):
            QTimer(owner).start(1000)
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["running QTimer '' of 1000 ms, child of QObject 'owner', started at"])


def test_a_single_shot_still_to_come_fails_unless_its_receiver_is_gone(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_of_a_deleted_receiver(qtbot):
            window = QWidget()
            QTimer.singleShot(60_000, window.close)
            shiboken6.delete(window)

        def test_fired(qtbot):
            fired = []
            QTimer.singleShot(0, lambda: fired.append(1))
            qtbot.waitUntil(lambda: len(fired) == 1)

        def test_forgets(qtbot):
            QTimer.singleShot(60_000, print)
        """,
    )
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["a single shot that is still to come, set at", "*in test_forgets"])


@pytest.mark.parametrize("kind", ["QWidget", "QDialog"])
def test_a_window_left_open_fails_the_test_and_is_traced_to_its_showing(pytester: pytest.Pytester, kind: str) -> None:
    result = run(
        pytester,
        f"""
        kept = []

        def test_forgets(qtbot):
            window = {kind}(objectName="forgotten")
            kept.append(window)
            window.show()
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"open window {kind} 'forgotten', last shown at", "*in test_forgets"])


def test_a_running_qthread_fails_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        kept = []

        @pytest.fixture(scope="module", autouse=True)
        def end():
            yield
            kept[0].quit()
            assert kept[0].wait(5000)

        def test_forgets(qtbot):
            kept.append(QThread())
            kept[0].start()
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["running QThread '', started at", "*in test_forgets"])


def test_what_is_tidied_up_or_only_garbage_passes(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_hands_its_window_over(qtbot):
            window = QWidget()
            qtbot.addWidget(window)
            QTimer(window).start(1000)
            window.show()

        def test_stops_its_timer(qtbot):
            timer = QTimer()
            timer.start(1000)
            timer.stop()

        class Studio(QWidget):
            def __init__(self):
                super().__init__()
                self.menu = QWidget()

        @pytest.fixture
        def studio(qtbot):
            studio = Studio()
            qtbot.addWidget(studio)
            return studio

        def test_whose_window_has_a_part_without_a_parent(studio):
            studio.show()

        def test_makes_a_cycle(qtbot):
            window = QWidget()
            window.itself = window
            window.show()
        """,
    )
    result.assert_outcomes(passed=4)


def test_a_warning_of_qt_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nqt_api = pyside6\nqt_log_level_fail = WARNING\n")
    pytester.makepyfile(
        """
        from PySide6.QtCore import qWarning

        def test_warns(qtbot):
            qWarning("beware")
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(failed=1)
