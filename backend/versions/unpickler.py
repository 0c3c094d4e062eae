"""joblib bytes, loaded without running what they say.

The second wall: the first is that nothing is loaded that was not signed (`manifests.py`). It stops
code, not numbers: a decision tree that points outside of itself can still crash the process.
"""

import io
import zlib

import joblib
from sklearn.base import BaseEstimator

from backend.errors import TooLarge
from backend.versions.machine import Machine
from backend.versions.permitted import Forbidden

MOST_BYTES = 2 << 30
"""Of an estimator before it is compressed, or after it is decompressed."""
FREE_BYTES = 64 << 20
MOST_TIMES = 100
"""Small bytes do not become many: more than 64 MB at most 100 times what they are compressed."""


def dump(estimator: object) -> bytes:
    """An estimator as zlib-compressed joblib bytes.

    Raises:
        TooLarge: it has more than 2 GB before it is compressed.
    """
    buffer = io.BytesIO()
    joblib.dump(estimator, buffer)
    if buffer.tell() > MOST_BYTES:
        raise TooLarge(
            f"The estimator has {buffer.tell() >> 20:,} MB; the limit is {MOST_BYTES >> 20:,} MB."
            " Train a smaller model (fewer trees, less depth)."
        )
    content = zlib.compress(buffer.getbuffer(), level=1)
    if buffer.tell() > _allowance(content):  # next to nothing but zeros
        content = zlib.compress(buffer.getbuffer(), level=0)
    return content


def load(content: bytes) -> BaseEstimator:
    """The estimator in what `dump` gave.

    Raises:
        Forbidden: the bytes name, call or change what is not on the list, or are too many when
            decompressed.
        Exception: they are no such bytes.
    """
    plain = _inflated(content)
    file = io.BytesIO(plain)
    found = Machine(file, len(plain)).load()
    if not isinstance(found, BaseEstimator):
        raise Forbidden(f"it holds a `{type(found).__name__}` and no scikit-learn estimator")
    if file.read(1):
        raise Forbidden("there are bytes behind its end")
    return found


def _inflated(content: bytes) -> bytes:
    inflater, most = zlib.decompressobj(), _allowance(content)
    try:
        plain = inflater.decompress(content, most)
    except zlib.error as error:
        raise Forbidden(f"it is not compressed by zlib ({error})") from error
    if inflater.unconsumed_tail:
        raise Forbidden(f"it has more than {most >> 20:,} MB when decompressed")
    if not inflater.eof or inflater.unused_data:
        raise Forbidden("it is cut short, or there are bytes behind its end")
    return plain


def _allowance(content: bytes) -> int:
    """How many bytes these may become."""
    return min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * len(content)))
