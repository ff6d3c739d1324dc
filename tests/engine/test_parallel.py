"""Sharing work among threads: order, errors, and what BLAS is told."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from cnnstudio.engine.kernels import matrix, parallel
from cnnstudio.engine.kernels.blas import one_blas_thread
from cnnstudio.engine.kernels.moments import merge, moments


@pytest.fixture(autouse=True)
def two_workers(monkeypatch):
    monkeypatch.setattr(parallel, "worker_count", lambda: 2)


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@given(st.integers(0, 100), st.integers(1, 12))
def test_spans_cover_everything_once_and_evenly(count, parts):
    found = parallel.spans(count, parts)
    assert [place for start, stop in found for place in range(start, stop)] == list(range(count))
    lengths = [stop - start for start, stop in found]
    assert len(found) <= max(1, parts)
    assert max(lengths) - min(lengths) <= 1


def test_results_come_in_order_whatever_ends_first():
    second_done = threading.Event()

    def work(start: int, stop: int) -> tuple[int, int]:
        if start == 0:
            assert second_done.wait(10)
        else:
            second_done.set()
        return start, stop

    assert parallel.split(work, 10) == [(0, 5), (5, 10)]


def test_little_work_stays_in_the_calling_thread():
    assert parallel.split(lambda start, stop: threading.current_thread(), 9, grain=10) == [threading.current_thread()]


def test_a_share_is_not_split_again():
    def work(start: int, stop: int) -> list[tuple[int, int]]:
        return parallel.split(lambda *span: span, 10)

    assert parallel.split(work, 2) == [[(0, 10)], [(0, 10)]]
    assert parallel.split(lambda *span: span, 10) == [(0, 5), (5, 10)]


@pytest.mark.parametrize("place", [0, 5])
def test_an_error_in_any_span_is_raised_after_all_have_ended(place):
    ended = []

    def work(start: int, stop: int) -> None:
        if start == place:
            raise RuntimeError("no")
        ended.append(start)

    with pytest.raises(RuntimeError, match="no"):
        parallel.split(work, 10)
    assert ended == [5 - place]


def test_blas_has_one_thread_inside_and_its_former_number_after():
    before, inside = blas_threads(), []
    parallel.split(lambda start, stop: inside.append(blas_threads()), 10)
    assert inside == [[1] * len(before)] * 2
    assert blas_threads() == before


def test_blas_gets_its_threads_back_when_the_last_user_leaves():
    """Two computations overlap in time; the one that ends first must not undo the other's limit."""
    before = blas_threads()
    entered, joined, left = (threading.Event() for _ in range(3))

    def other() -> None:
        with one_blas_thread():
            entered.set()
            assert joined.wait(10)
        left.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert entered.wait(10)
    with one_blas_thread():
        joined.set()
        assert left.wait(10)
        assert blas_threads() == [1] * len(before)
    thread.join()
    assert blas_threads() == before


def test_overflow_in_a_worker_is_no_warning():
    huge = np.full(8, 3e38, np.float32)
    assert all(np.isinf(each).all() for each in parallel.split(lambda start, stop: huge[start:stop] * 10, 8))


def test_elementwise_works_on_pieces_of_views():
    x = np.arange(24.0).reshape(4, 6)[:, ::2]
    out = parallel.elementwise(lambda y, a, b: np.add(a, b, out=y), np.empty(x.shape), x, x.T.copy().T)
    assert np.array_equal(out, 2 * x)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 100), (100, 3), (64, 64)])
def test_product_equals_numpys(rows, columns):
    generator = np.random.default_rng(0)
    a, b = generator.standard_normal((rows, 7)), generator.standard_normal((columns, 7))
    np.testing.assert_allclose(matrix.product(a, b.T), a @ b.T, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("shape", [(2, 1), (5, 3), (40_000, 5)])
def test_moments_of_all_rows_equal_numpys_also_when_put_together_from_parts(shape):
    x = np.random.default_rng(0).standard_normal(shape) + 3
    for found in (moments(x), merge([moments(x[:1]), moments(x[1:])])):
        assert found.count == len(x)
        np.testing.assert_allclose(found.mean, x.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.squares / found.count, x.var(axis=0), rtol=1e-12)


def test_who_finds_the_others_at_work_does_all_of_it_in_the_same_spans():
    """A prediction does not wait for a training step's phase to end."""
    begun, free = threading.Event(), threading.Event()

    def long(start: int, stop: int) -> None:
        begun.set()
        assert free.wait(10)

    trainer = threading.Thread(target=parallel.split, args=(long, 2))
    trainer.start()
    assert begun.wait(10)
    try:
        found = parallel.split(lambda start, stop: (start, stop, threading.current_thread().name), 10)
    finally:
        free.set()
        trainer.join()
    assert [span[:2] for span in found] == [(0, 5), (5, 10)]
    assert {span[2] for span in found} == {threading.current_thread().name}


def test_an_interruption_is_raised_when_the_others_have_ended():
    """Ctrl-C while a helper writes: whoever catches it finds arrays that nobody writes to any more."""
    begun, written = threading.Event(), []

    def work(start: int, stop: int) -> None:
        if start == 0:
            assert begun.wait(10)
            raise KeyboardInterrupt
        begun.set()
        for place in range(20):
            np.linalg.svd(np.ones((30, 30)))
            written.append(place)

    with pytest.raises(KeyboardInterrupt):
        parallel.split(work, 10)
    assert len(written) == 20


@pytest.mark.parametrize(
    ("rows", "channels", "mean", "most"),
    [(1009 * 1009, 3, 2.5, 3e-6), (227 * 227, 32, 1.0, 3e-6), (64 * 64, 16, 1e4, 1e-5)],
)
def test_moments_in_single_precision_keep_their_digits(rows, channels, mean, most):
    """However many rows there are, and however far from 0 they lie."""
    x = (np.random.default_rng(0).standard_normal((rows, channels)) + mean).astype(np.float32)
    found, exact = moments(x), x.astype(np.float64)
    np.testing.assert_allclose(found.squares / rows, exact.var(axis=0), rtol=most)
    assert np.abs(found.mean - exact.mean(axis=0)).max() <= 1.2e-7 * mean
