"""Named arrays as safetensors: a length, a JSON header, then the bytes. Read here with every claim checked first.

The header is checked against the size of its entry before anything of the claimed size is read or made, so the
reader is written out below; files are written by the `safetensors` library.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Annotated

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

Array = NDArray[np.generic]

MAX_HEADER_BYTES = 4 * 1024**2
MAX_RANK = 8
DTYPES: Mapping[str, str] = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8"}

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**48)]


class TensorsError(ValueError):
    """Bytes that are no sound safetensors; the message says what is wrong with them."""


class _Tensor(msgspec.Struct, forbid_unknown_fields=True):
    dtype: str
    shape: Annotated[list[_Count], msgspec.Meta(max_length=MAX_RANK)]
    data_offsets: tuple[_Count, _Count]


def pack(arrays: Mapping[str, Array]) -> bytes:
    """`arrays` in the safetensors format; the same arrays give the same bytes.

    Raises:
        TensorsError: an array of a type that project files do not hold.
    """
    for name, array in arrays.items():
        if array.dtype.newbyteorder("<").str not in DTYPES.values():
            raise TensorsError(f"{name} is an array of {array.dtype}; project files hold floats and whole numbers")
    ordered = {name: np.ascontiguousarray(arrays[name]).reshape(arrays[name].shape) for name in sorted(arrays)}
    return safetensors.numpy.save(ordered)


def unpack(content: bytes) -> dict[str, Array]:
    """Read-only arrays, by name, that share memory with `content`.

    Raises:
        TensorsError: the header does not describe these bytes; nothing has been allocated for it.
    """
    body_size, table = _header(content)
    arrays: dict[str, Array] = {}
    expected = 0
    for name, tensor in sorted(table.items(), key=lambda item: item[1].data_offsets):
        begin, end = tensor.data_offsets
        if tensor.dtype not in DTYPES:
            raise TensorsError(f"{name} has the number type {tensor.dtype[:20]!r}, which project files do not hold")
        dtype = np.dtype(DTYPES[tensor.dtype])
        if not begin <= end <= body_size:
            raise TensorsError(f"{name} claims bytes {begin} to {end} of {body_size}")
        if begin != expected:
            raise TensorsError(f"{name} leaves a gap or overlaps its neighbour")
        if prod(tensor.shape) * dtype.itemsize != end - begin:
            raise TensorsError(f"{name} claims a shape that its {end - begin} bytes do not hold")
        expected = end
        start = len(content) - body_size + begin
        arrays[name] = np.frombuffer(content, dtype, prod(tensor.shape), start).reshape(tensor.shape)
    if expected != body_size:
        raise TensorsError(f"{body_size - expected} bytes at its end belong to no array")
    return arrays


def _header(content: bytes) -> tuple[int, dict[str, _Tensor]]:
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(len(content) - 8, MAX_HEADER_BYTES):
        raise TensorsError(f"its header claims {length} bytes of {max(len(content) - 8, 0)}")
    try:
        table = msgspec.json.decode(content[8 : 8 + length], type=dict[str, msgspec.Raw])
        table.pop("__metadata__", None)
        return len(content) - 8 - length, {
            name: msgspec.json.decode(raw, type=_Tensor, strict=True) for name, raw in table.items()
        }
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise TensorsError(f"its header cannot be read ({error})") from None
