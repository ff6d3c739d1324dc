"""Arrays in memory that is used again and again.

Memory fresh from the system costs a page fault every few kilobytes, more than most layers' arithmetic, and a training
step would ask for the same arrays anew each time. So blocks go back into a pool when the last array that looks at
them is gone. They begin at a multiple of 64 bytes: wide vector instructions are slower across the lines of a cache.

Every thread has a pool of its own, to which its blocks return whoever lets go of them: a block that another core has
written last would have to come out of that core's cache first, which makes two threads hardly faster than one.
"""

from __future__ import annotations

import os
import threading
from math import prod
from typing import Any
from weakref import ref

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array

LINE = 64
"""Bytes of a cache line."""

SMALL = 1 << 15
"""Bytes below which the C library's own pool serves better."""

KEPT = 1 << 28
"""Bytes that may lie idle in a pool."""


class _Block:
    """Raw memory, and the first aligned address in it."""

    __slots__ = ("address", "raw", "size")

    def __init__(self, size: int) -> None:
        self.raw = np.empty(size + LINE, np.uint8)
        address: int = self.raw.ctypes.data
        self.address = address + -address % LINE
        self.size = size


class _Lease:
    """Lends a block to one array, and through it to all views of it; gives it back when they are gone."""

    __slots__ = ("__array_interface__", "_block", "_pool")

    def __init__(self, pool: Pool, block: _Block, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._pool, self._block = pool, block
        data = (block.address, False)
        self.__array_interface__ = {"shape": shape, "typestr": dtype.str, "data": data, "version": 3}

    def __del__(self) -> None:
        self._pool.put(self._block)


class Pool:
    """Idle blocks by size. Any thread may give back.

    Attributes:
        most: bytes that may lie idle.
        idle: bytes that do.
    """

    def __init__(self, most: int) -> None:
        self.most, self.idle = most, 0
        self._blocks: dict[int, list[_Block]] = {}
        # Reentrant, since a garbage collection inside may give a block back.
        self._lock = threading.RLock()

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """An uninitialized array, aligned to a cache line where it is large."""
        dtype = np.dtype(dtype)
        size = prod(shape) * dtype.itemsize
        if size < SMALL:
            return np.empty(shape, dtype)
        return np.asarray(_Lease(self, self._take(_capacity(size)), shape, dtype))

    def put(self, block: _Block) -> None:
        """Take a block back; where too much lies idle then, what has not been of use for longest goes."""
        with self._lock:
            blocks = self._blocks.pop(block.size, [])
            self._blocks[block.size] = blocks  # the last of the sizes is the one used last
            blocks.append(block)
            self.idle += block.size
            while self.idle > self.most:
                size, oldest = next(iter(self._blocks.items()))
                if oldest:
                    self.idle -= size
                    oldest.pop(0)
                else:  # all of this size have been taken
                    del self._blocks[size]

    def release(self) -> None:
        """Give all idle blocks back to the system."""
        with self._lock:
            self._blocks.clear()
            self.idle = 0

    def _take(self, size: int) -> _Block:
        with self._lock:
            blocks = self._blocks.get(size)
            if blocks:
                self.idle -= size
                return blocks.pop()
        return _Block(size)


class _Here(threading.local):
    """The present thread's pool; it goes when the thread and the last of its arrays have gone."""

    def __init__(self) -> None:
        self.pool = Pool(KEPT)
        _ALL.append(ref(self.pool, _ALL.remove))


_ALL: list[ref[Pool]] = []
_HERE = _Here()


if hasattr(os, "register_at_fork"):
    # A lock that another thread holds stays locked in a child.
    os.register_at_fork(after_in_child=_HERE.__init__)  # type: ignore[misc]


def empty(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """An uninitialized array, aligned to a cache line where it is large."""
    return _HERE.pool.empty(shape, dtype)


def empty_like(array: Array) -> Array:
    """`empty` in the shape and type of another array."""
    return _HERE.pool.empty(array.shape, array.dtype)


def zeros(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """`empty`, filled with zeros."""
    array = _HERE.pool.empty(shape, dtype)
    array.fill(0)
    return array


def release() -> None:
    """Give all idle blocks of all threads back to the system."""
    for each in _ALL.copy():  # threads may come and go meanwhile
        pool = each()
        if pool is not None:
            pool.release()


def _capacity(size: int) -> int:
    """`size` rounded up by an eighth at most, so that blocks fit again."""
    step = 1 << max((size.bit_length() - 4), 12)
    return -(-size // step) * step
