"""Memory that is used again: whose it is, and when it goes back."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

from cnnstudio.engine.kernels import memory

SHAPE = (64, 32, 32)


@pytest.fixture(autouse=True)
def empty_pool():
    gc.collect()
    memory.release()
    yield
    memory.release()


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3,), (0, 5), SHAPE, (1, 9000, 1)])
def test_an_array_has_the_shape_and_type_asked_for_and_can_be_written(shape, dtype):
    array = memory.empty(shape, dtype)
    assert array.shape == shape
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    array[...] = 7
    assert (array == 7).all()


def test_large_arrays_begin_at_a_cache_line():
    assert [address(memory.empty((9000 + 7 * each,), np.float32)) % 64 for each in range(8)] == [0] * 8


def test_memory_is_used_again_once_nobody_looks_at_it():
    first = memory.empty(SHAPE, np.float32)
    place = address(first)
    del first
    assert address(memory.empty(SHAPE, np.float32)) == place


def test_a_view_of_a_view_holds_the_memory():
    first = memory.empty(SHAPE, np.float32)
    place, view = address(first), first[3:].reshape(-1)[::2].T
    del first
    other = memory.empty(SHAPE, np.float32)
    assert address(other) != place
    view[...] = 1
    other[...] = 2
    assert (view == 1).all()
    del view
    assert address(memory.empty(SHAPE, np.float32)) == place


def test_no_more_lies_idle_than_is_allowed():
    pool = memory.Pool(most=1 << 20)
    arrays = [pool.empty(SHAPE, np.float32) for _ in range(8)]
    places = {address(array) for array in arrays}
    arrays.clear()
    assert 0 < pool.idle <= 1 << 20
    kept = [pool.empty(SHAPE, np.float32) for _ in range(3)]
    assert {address(array) for array in kept} <= places
    kept.clear()
    pool.release()
    assert pool.idle == 0


def test_what_has_not_been_of_use_for_longest_goes_first():
    pool = memory.Pool(most=1 << 20)
    old, new = ([pool.empty(shape, np.float32) for _ in range(3)] for shape in ((300, 256), (250, 256)))
    places = {address(array) for array in new}
    old.clear()
    new.clear()
    again = [pool.empty((250, 256), np.float32) for _ in range(3)]
    assert {address(array) for array in again} == places


def test_a_size_whose_blocks_are_all_in_use_is_passed_over():
    pool = memory.Pool(most=1 << 20)
    old = pool.empty((300, 256), np.float32)
    del old
    taken = pool.empty((300, 256), np.float32)
    larger = pool.empty((1200, 256), np.float32)
    del larger  # more than may lie idle, and of the oldest size there is nothing to let go
    assert pool.idle == 0
    place = address(taken)
    del taken
    assert pool.idle > 0
    assert address(pool.empty((300, 256), np.float32)) == place


def test_a_thread_gets_no_memory_that_another_has_used():
    places: set[int] = set()

    def work() -> None:
        places.update(address(memory.empty(SHAPE, np.float32)) for _ in range(3))

    here = memory.empty(SHAPE, np.float32)
    place = address(here)
    del here
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert place not in places
    assert address(memory.empty(SHAPE, np.float32)) == place


def test_threads_may_give_back_what_others_took():
    pool = memory.Pool(most=1 << 24)

    def work(seed: int) -> None:
        sizes = np.random.default_rng(seed).integers(9_000, 40_000, 300)
        held = []
        for size in sizes:
            held.append(pool.empty((int(size),), np.float32))
            held[-1][...] = seed
            if len(held) > 5:
                assert (held.pop(0) == seed).all()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    idle = pool.idle
    pool.release()
    assert 0 < idle <= 1 << 24
