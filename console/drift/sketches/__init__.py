"""Sketches: additive figures of a column's rows, and the comparison of two sets of rows by them.

`freeze` chooses a version's cells from its reference, once. `ColumnCells.vectors_by` turns rows
into vectors that add up over hours, days and batches; `encode` and `decode` store them. `measure`
compares the sum of a window's vectors with the reference's vector, and `verdict.judge` treats
what it returns like what the rows themselves give. `shapes` reads counts and quantiles from a
vector.
"""

from console.drift.sketches.cells import ColumnCells, freeze
from console.drift.sketches.edges import CELLS
from console.drift.sketches.encoding import decode, encode, from_bytes, to_bytes
from console.drift.sketches.measuring import measure
from console.drift.sketches.shapes import (
    count,
    median,
    quantiles,
)

__all__ = [
    "CELLS",
    "ColumnCells",
    "count",
    "decode",
    "encode",
    "freeze",
    "from_bytes",
    "measure",
    "median",
    "quantiles",
    "to_bytes",
]
