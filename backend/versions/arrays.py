"""What a file says of an array, looked at before numpy is told."""

import math
from typing import Any

import numpy as np

from backend.versions.permitted import Forbidden, is_plain

_ALIGNED_STRUCT = 0x80  # numpy's flag


def state_of_dtype(target: "np.dtype[Any]", state: Any) -> Any:
    """The state that numpy itself would write for what `state` describes.

    A file that lies here (an array of objects that is flagged as one of numbers) would have numpy
    take its bytes for addresses.
    """
    expected = target
    if type(state) is tuple and len(state) == 8 and type(state[4]) is dict:
        names, fields = state[3], [state[4][name] for name in state[3]]
        if not all(is_plain(dtype) for dtype, _ in fields):
            raise Forbidden("it holds an array of an unusual type")
        expected = np.dtype(
            {
                "names": list(names),
                "formats": [dtype for dtype, _ in fields],
                "offsets": [offset for _, offset in fields],
                "itemsize": target.itemsize,
            },
            align=bool(state[7] & _ALIGNED_STRUCT),
        )
    honest: Any = expected.__reduce__()[2]
    if state != honest:
        raise Forbidden("it holds an array of an unusual type")
    return honest


def check_array(state: Any) -> None:
    """The state of an array within an array: version, shape, type, order and content."""
    _, shape, dtype, _, content = state
    if not isinstance(dtype, np.dtype) or not is_shape(shape):
        raise Forbidden("it holds an array of an unusual kind")
    size = math.prod(shape) * (1 if dtype.hasobject else dtype.itemsize)
    if type(content) is not (list if dtype.hasobject else bytes) or len(content) != size:
        raise Forbidden("it holds an array that is not as described")


def is_shape(shape: object) -> bool:
    return type(shape) is tuple and all(type(n) is int and n >= 0 for n in shape)
