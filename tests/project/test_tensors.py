"""Arrays on disk are safetensors: the library reads what we write, and we read what it writes."""

from __future__ import annotations

import numpy as np
import pytest
import safetensors.numpy

from cnnstudio.project.tensors import TensorsError, pack, unpack

ARRAYS = {
    "conv1.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "conv1.bias": np.array([np.nan, np.inf], np.float64),
    "counter": np.array(7, np.int64),
    "half": np.ones((3, 1), np.float16),
    "nothing": np.zeros((0, 5), np.float32),
}


def assert_same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        assert array.shape == other[name].shape
        assert array.tobytes() == other[name].tobytes()


def test_the_library_reads_what_we_write() -> None:
    assert_same(safetensors.numpy.load(pack(ARRAYS)), ARRAYS)


def test_we_read_what_the_library_writes() -> None:
    assert_same(unpack(safetensors.numpy.save(ARRAYS, metadata={"format": "pt"})), ARRAYS)


def test_the_order_of_the_arrays_does_not_change_the_bytes() -> None:
    assert pack(dict(reversed(ARRAYS.items()))) == pack(ARRAYS)


def test_arrays_in_any_memory_order_are_written_by_rows() -> None:
    turned = np.arange(12, dtype=np.float32).reshape(3, 4).T
    assert_same(unpack(pack({"a": turned})), {"a": turned.copy()})


def test_what_is_read_cannot_be_written_to() -> None:
    array = unpack(pack(ARRAYS))["conv1.weight"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_text_is_no_array() -> None:
    with pytest.raises(TensorsError, match="an array of <U1"):
        pack({"a": np.array(["x"])})
