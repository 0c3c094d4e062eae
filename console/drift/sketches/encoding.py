"""Cells and vectors as bytes, for the database.

Cells: a line of JSON that says the format and describes the columns, then their edges and deciles
as little-endian doubles. They are stored once for a version, so that its cells stay what they are
when the rule that chooses them changes.

Vectors: a header, then the leading whole numbers (rows, missing, counts) in as few bytes as the
greatest of them needs, then the rest (sums) as doubles; either all of them or, where shorter, the
places and values of those that are not zero. Decoding gives the very same doubles.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.errors import ArtefactDamaged
from backend.versions.features import Feature
from console.drift.sketches.cells import ColumnCells
from console.drift.statistics import Floats

FORMAT = 1
_DOUBLE = "<f8"
_PLACE = "<u4"
# Layout, bytes of a whole number, whole numbers that follow, doubles that follow.
_HEAD = struct.Struct("<BBII")
_DENSE, _SPARSE = 0, 1
_LARGEST_WHOLE = 2**32 - 1


def to_bytes(cells: Sequence[ColumnCells]) -> bytes:
    """The frozen cells of a version's columns as bytes; see the module."""
    columns = [
        {
            "name": column.feature.name,
            "kind": column.feature.kind,
            "edges": len(column.edges),
            "deciles": len(column.deciles),
            "categories": column.categories,
            # JSON has no word for NaN.
            "deviation": None if np.isnan(column.deviation) else column.deviation,
            "median": None if np.isnan(column.median) else column.median,
        }
        for column in cells
    ]
    head = json.dumps({"format": FORMAT, "columns": columns}, allow_nan=False)
    numbers = [part for column in cells for part in (column.edges, column.deciles)]
    body = np.concatenate([*numbers, np.zeros(0)]).astype(_DOUBLE).tobytes()
    return head.encode() + b"\n" + body


def from_bytes(data: bytes, features: Sequence[Feature]) -> tuple[ColumnCells, ...]:
    """The cells that `to_bytes` wrote, for each of `features` in their order.

    Raises:
        ArtefactDamaged: the bytes are of another format, or for other features.
    """
    head, _, body = data.partition(b"\n")
    try:
        described = json.loads(head)
        form, columns = described["format"], described["columns"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArtefactDamaged(
            "The cells of the summaries cannot be read: they do not begin with their description."
            " Rebuild the summaries of this version."
        ) from error
    if form != FORMAT:
        raise ArtefactDamaged(
            f"The cells of the summaries are of format {form}; this release reads format {FORMAT}."
            " Rebuild the summaries of this version."
        )
    found = _read(columns, np.frombuffer(body, dtype=_DOUBLE).astype(np.float64), features)
    lacking = [feature.name for feature in features if feature.name not in found]
    if lacking:
        raise ArtefactDamaged(
            f"The cells of the summaries lack the column `{lacking[0]}`, or have it as another"
            " kind. Rebuild the summaries of this version."
        )
    return tuple(found[feature.name] for feature in features)


def encode(vector: Floats) -> bytes:
    """A vector as bytes: about 10 a cell, or 10 a value where few cells hold any."""
    plain = (vector >= 0) & (vector <= _LARGEST_WHOLE) & (vector == np.floor(vector))
    n_whole = len(vector) if plain.all() else int(np.argmin(plain))
    width = _width(vector[:n_whole])
    places = np.flatnonzero(vector)
    held = int(np.searchsorted(places, n_whole))
    dense = n_whole * width + (len(vector) - n_whole) * 8
    sparse = len(places) * 4 + held * width + (len(places) - held) * 8
    if sparse >= dense:
        return _HEAD.pack(_DENSE, width, n_whole, len(vector) - n_whole) + _packed(
            vector, n_whole, width
        )
    head = _HEAD.pack(_SPARSE, width, held, len(places) - held)
    return head + places.astype(_PLACE).tobytes() + _packed(vector[places], held, width)


def decode(data: bytes, size: int) -> Floats:
    """The vector of `size` figures that `encode` wrote, as a new array.

    Raises:
        ArtefactDamaged: the bytes are not those of a vector of this size.
    """
    try:
        return _decoded(data, size)
    except (struct.error, ValueError, IndexError) as error:
        raise ArtefactDamaged(
            f"A summary of {len(data):,} bytes cannot be read as a vector of {size:,} figures."
            " Rebuild the summaries of this version."
        ) from error


def _decoded(data: bytes, size: int) -> Floats:
    layout, width, n_whole, n_rest = _HEAD.unpack_from(data)
    n = n_whole + n_rest
    at = _HEAD.size + (4 * n if layout == _SPARSE else 0)
    if len(data) != at + n_whole * width + n_rest * 8 or layout not in {_DENSE, _SPARSE}:
        raise ValueError(layout)
    values = np.empty(n)
    values[:n_whole] = np.frombuffer(data, f"<u{width}", n_whole, at)
    values[n_whole:] = np.frombuffer(data, _DOUBLE, n_rest, at + n_whole * width)
    if layout == _SPARSE:
        vector = np.zeros(size)
        vector[np.frombuffer(data, _PLACE, n, _HEAD.size)] = values
        return vector
    if n != size:
        raise ValueError(n)
    return values


def _width(whole: Floats) -> int:
    greatest = whole.max(initial=0)
    return 1 if greatest < 2**8 else 2 if greatest < 2**16 else 4


def _packed(values: Floats, n_whole: int, width: int) -> bytes:
    whole: NDArray[np.unsignedinteger] = values[:n_whole].astype(f"<u{width}")
    return whole.tobytes() + values[n_whole:].astype(_DOUBLE).tobytes()


def _read(
    columns: Sequence[dict[str, Any]], numbers: Floats, features: Sequence[Feature]
) -> dict[str, ColumnCells]:
    """The cells of those columns that are features, of the kind they were frozen as."""
    wanted = {(feature.name, feature.kind): feature for feature in features}
    found = {}
    at = 0
    for one in columns:
        middle, end = at + one["edges"], at + one["edges"] + one["deciles"]
        feature = wanted.get((one["name"], one["kind"]))
        if feature is not None:
            found[feature.name] = ColumnCells(
                feature,
                numbers[at:middle],
                tuple(one["categories"]),
                numbers[middle:end],
                *(np.nan if one[key] is None else one[key] for key in ("deviation", "median")),
            )
        at = end
    if at != len(numbers):
        raise ArtefactDamaged(
            f"The cells of the summaries hold {len(numbers):,} numbers where {at:,} are described."
            " Rebuild the summaries of this version."
        )
    return found
