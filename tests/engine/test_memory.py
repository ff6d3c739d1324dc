"""Memory that is used again: whose it is, and when it goes back."""

from __future__ import annotations

import gc

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


def test_no_more_lies_idle_than_is_allowed(monkeypatch):
    monkeypatch.setattr(memory, "KEPT", 1 << 20)
    arrays = [memory.empty(SHAPE, np.float32) for _ in range(8)]
    places = {address(array) for array in arrays}
    arrays.clear()
    kept = [memory.empty(SHAPE, np.float32) for _ in range(4)]
    assert {address(array) for array in kept} <= places
    assert memory.idle() == 0
    kept.clear()
    assert 0 < memory.idle() <= 1 << 20
    memory.release()
    assert memory.idle() == 0
