"""Is one version better than another on the same rows, and what differs between them?"""

from console.comparison.compare import compare
from console.comparison.report import Comparison
from console.comparison.sets import HeldOut, Logged, Rows, Table, open_table, rows, uploaded
from console.comparison.several import table

__all__ = [
    "Comparison",
    "HeldOut",
    "Logged",
    "Rows",
    "Table",
    "compare",
    "open_table",
    "rows",
    "table",
    "uploaded",
]
