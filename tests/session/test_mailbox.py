"""How news travels from a worker to the screen."""

from __future__ import annotations

import threading

import pytest

from cnnstudio.session.mailbox import Mailbox, Slot
from cnnstudio.session.worker import LatestWorker


def test_letters_arrive_once_and_in_order() -> None:
    box: Mailbox[int] = Mailbox()
    for number in range(5):
        box.post(number)
    assert box.drain(2) == [0, 1]
    assert box.drain() == [2, 3, 4]
    assert box.drain() == []


def test_no_letter_is_lost_between_two_threads() -> None:
    box: Mailbox[int] = Mailbox()
    thread = threading.Thread(target=lambda: [box.post(number) for number in range(10_000)])
    thread.start()
    found: list[int] = []
    while thread.is_alive():
        found += box.drain()
    thread.join()
    assert found + box.drain() == list(range(10_000))


def test_a_slot_holds_the_latest_only() -> None:
    slot: Slot[str] = Slot()
    slot.post("old")
    slot.post("new")
    assert slot.take() == "new"
    assert slot.take() is None


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


def test_of_the_jobs_that_wait_only_the_newest_is_done(gate: threading.Event) -> None:
    worker: LatestWorker[str] = LatestWorker("test")
    begun, done = threading.Event(), []

    def first() -> str:
        begun.set()
        gate.wait(30)
        return "first"

    worker.submit(first)
    assert begun.wait(30)
    for name in ("second", "third", "fourth"):
        worker.submit(lambda name=name: done.append(name) or name)
    gate.set()
    assert worker.join(30)
    assert done == ["fourth"]
    assert worker.results.take() == "fourth"
    assert not worker.busy
    assert worker.close(30)


def test_what_a_job_raises_is_its_outcome_and_the_worker_goes_on() -> None:
    worker: LatestWorker[int] = LatestWorker("test")
    worker.submit(lambda: 1 // 0)
    assert worker.join(30)
    assert isinstance(worker.results.take(), ZeroDivisionError)
    worker.submit(lambda: 7)
    assert worker.join(30)
    assert worker.results.take() == 7
    assert worker.close(30)


def test_a_closed_worker_drops_what_waits_and_takes_nothing_more(gate: threading.Event) -> None:
    worker: LatestWorker[int] = LatestWorker("test")
    done: list[int] = []
    begun = threading.Event()
    worker.submit(lambda: begun.set() or (gate.wait(30) and 1))
    assert begun.wait(30)  # a job that waits for its thread would make room for the next
    worker.submit(lambda: done.append(2) or 2)
    assert not worker.close(timeout=0)  # the first job still runs
    gate.set()
    assert worker.close(timeout=30)
    worker.submit(lambda: done.append(3) or 3)
    assert not worker.busy
    assert 3 not in done
