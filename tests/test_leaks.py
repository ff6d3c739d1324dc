"""The guard against threads left behind, tried on small suites of its own: it fails what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")


def run(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers = oracle\n")
    pytester.makepyfile(test)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:pytest-qt")


def test_a_thread_left_running_fails_the_test_and_is_traced_to_its_start(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import threading

        release = threading.Event()

        def begin():
            threading.Thread(target=release.wait, args=(60,), name="forgotten", daemon=True).start()

        def test_forgets():
            begin()

        def test_next_is_not_blamed():
            assert any(thread.name == "forgotten" for thread in threading.enumerate())
            release.set()
        """,
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "The test left 1 thread(s) running:",
            "forgotten, started at",
            "*line 6, in begin",
            "*in test_forgets",
        ]
    )


def test_threads_that_end_or_belong_to_a_wider_fixture_are_welcome(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import threading, pytest

        @pytest.fixture(scope="module")
        def worker():
            release = threading.Event()
            thread = threading.Thread(target=release.wait, args=(60,))
            thread.start()
            yield thread
            release.set()
            thread.join()

        def test_uses_it(worker):
            assert worker.is_alive()

        def test_joins_its_own():
            thread = threading.Thread(target=print)
            thread.start()
            thread.join()

        def test_leaves_one_that_is_about_to_end():
            threading.Timer(0.05, print).start()
        """,
    )
    result.assert_outcomes(passed=3)


def test_a_failing_test_is_reported_once(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import threading

        def test_fails():
            threading.Thread(target=threading.Event().wait, args=(60,), daemon=True).start()
            assert False
        """,
    )
    result.assert_outcomes(failed=1)


def test_user_folders_are_the_tests_own(tmp_path: Path) -> None:
    import platformdirs

    for folder in (platformdirs.user_config_dir, platformdirs.user_cache_dir, platformdirs.user_data_dir):
        assert Path(folder("cnnstudio")).is_relative_to(tmp_path)
