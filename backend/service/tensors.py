"""Tensors of the Open Inference Protocol: JSON or bytes in, plain values out, and back.

In bytes a tensor is row-major and little-endian without padding; text is UTF-8 behind its length
in four bytes. In JSON its data is flat, or nested as its shape says.
"""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from backend.errors import Malformed
from backend.versions.features import shown

_NUMBERS: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("u1"),
    "INT8": np.dtype("<i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "UINT8": np.dtype("<u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}
DATATYPES = (*_NUMBERS, "BYTES")


class InferInput(msgspec.Struct):
    """A tensor that a caller sends: `data`, or `binary_data_size` bytes after the JSON."""

    name: str
    shape: list[int]
    datatype: str
    parameters: dict[str, Any] = {}
    data: list[Any] | UnsetType = UNSET


def size_of(tensor: InferInput) -> int | None:
    """How many of the bytes after the JSON are this tensor's; None when its data is JSON.

    Raises:
        Malformed: it has neither or both, or a size that is no size.
    """
    if "shared_memory_region" in tensor.parameters:
        raise Malformed(f"Input {_named(tensor)} is in shared memory, which is not read. Send it.")
    size = tensor.parameters.get("binary_data_size")
    if (size is None) == (tensor.data is UNSET):
        raise Malformed(
            f"Input {_named(tensor)} has neither or both of `data` and the parameter"
            " `binary_data_size`; expected one of them."
        )
    if size is not None and (size.__class__ is not int or size < 0):
        raise Malformed(
            f"Input {_named(tensor)} has the `binary_data_size` {shown(size)}; expected a number"
            " of bytes."
        )
    return size


def values_of(tensor: InferInput, binary: bytes | None) -> list[Any]:
    """A tensor's values in row-major order, a missing one None or NaN.

    Args:
        tensor: what was sent.
        binary: its bytes, if it was sent as bytes.

    Raises:
        Malformed: data, datatype and shape do not go together; the sentence says how.
    """
    if tensor.datatype not in DATATYPES:
        raise Malformed(
            f"Input {_named(tensor)} has the datatype `{tensor.datatype[:60]}`; expected one of"
            f" {', '.join(f'`{name}`' for name in DATATYPES)}."
        )
    count = math.prod(tensor.shape)
    if binary is None:
        return _from_json(tensor, count)
    if tensor.datatype == "BYTES":
        return _texts(tensor, binary, count)
    kind = _NUMBERS[tensor.datatype]
    if len(binary) != count * kind.itemsize:
        raise Malformed(
            f"Input {_named(tensor)} has {len(binary):,} bytes; {tensor.datatype} of shape"
            f" {_shape(tensor)} takes {shown(count * kind.itemsize)}."
        )
    values: list[Any] = np.frombuffer(binary, kind).tolist() if binary else []
    if tensor.datatype != "BOOL":
        return values
    if any(value > 1 for value in values):
        raise Malformed(f"Input {_named(tensor)} is BOOL and has a byte that is neither 0 nor 1.")
    return [value == 1 for value in values]


def binary_of(datatype: str, values: Sequence[Any]) -> bytes:
    """Values as the bytes of a tensor."""
    if datatype != "BYTES":
        return np.array(values, _NUMBERS[datatype]).tobytes()
    encoded = [str(value).encode() for value in values]
    return b"".join(part for text in encoded for part in (len(text).to_bytes(4, "little"), text))


def _from_json(tensor: InferInput, count: int) -> list[Any]:
    values = _flat(tensor)
    if len(values) != count:
        raise Malformed(
            f"Input {_named(tensor)} has {len(values):,} values; its shape {_shape(tensor)} takes"
            f" {shown(count)}."
        )
    allowed = _classes(tensor.datatype)
    for value in values:
        if value is not None and value.__class__ not in allowed:
            raise _misfit(tensor, value)
    if tensor.datatype.startswith(("INT", "UINT")):
        least, most = _limits(tensor.datatype)
        for value in values:
            if value is not None and not least <= value <= most:
                raise _misfit(tensor, value)
    return values


def _flat(tensor: InferInput) -> list[Any]:
    """The data without its nesting, which follows the shape if there is any."""
    values: list[Any] = tensor.data if isinstance(tensor.data, list) else []
    for size in tensor.shape[1:]:
        if not values or not isinstance(values[0], list):
            break
        if not all(isinstance(part, list) and len(part) == size for part in values):
            raise Malformed(
                f"The lists in input {_named(tensor)} are not nested as its shape"
                f" {_shape(tensor)} says."
            )
        values = [value for part in values for value in part]
    return values


def _texts(tensor: InferInput, binary: bytes, count: int) -> list[Any]:
    texts: list[str] = []
    start = 0
    while start < len(binary) and len(texts) < count:
        begin = start + 4
        start = begin + int.from_bytes(binary[start:begin], "little")
        if begin > len(binary) or start > len(binary):
            raise Malformed(
                f"Input {_named(tensor)} ends within value {len(texts)}; expected four bytes of"
                " length (little-endian) and then as many bytes."
            )
        try:
            texts.append(binary[begin:start].decode())
        except UnicodeDecodeError:
            raise Malformed(
                f"Input {_named(tensor)} has value {len(texts)} that is not UTF-8. Send text."
            ) from None
    if start != len(binary) or len(texts) != count:
        raise Malformed(
            f"Input {_named(tensor)} has {'more' if start < len(binary) else 'fewer'} values than"
            f" its shape {_shape(tensor)} takes ({shown(count)})."
        )
    return texts


def _classes(datatype: str) -> tuple[type, ...]:
    if datatype == "BOOL":
        return (bool,)
    if datatype == "BYTES":
        return (str,)
    return (int, float) if datatype.startswith("FP") else (int,)


def _limits(datatype: str) -> tuple[int, int]:
    bits = 8 * _NUMBERS[datatype].itemsize
    return (
        (0, 2**bits - 1) if datatype.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    )


def _misfit(tensor: InferInput, value: object) -> Malformed:
    return Malformed(
        f"Input {_named(tensor)} has the value {shown(value)}, which is not {tensor.datatype}."
    )


def _named(tensor: InferInput) -> str:
    return f"`{tensor.name[:60]}`"


def _shape(tensor: InferInput) -> str:
    return shape_text(tensor.shape)


def shape_text(shape: Sequence[int]) -> str:
    """A shape for a sentence, cut short."""
    text = f"[{', '.join(str(size) if abs(size) < 10**15 else '…' for size in shape[:6])}"
    return f"`{text}, …]`" if len(shape) > 6 else f"`{text}]`"
