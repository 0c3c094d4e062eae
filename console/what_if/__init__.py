"""One row, changed inputs: what would the answer be? Never logged as traffic."""

from console.what_if.answers import Answer, read_answer
from console.what_if.curl import curl
from console.what_if.inputs import Input, changed, check, inputs, outside
from console.what_if.start import (
    Start,
    logged_row,
    median_row,
    parse_changes,
    reference_row,
    scenario_row,
)
from console.what_if.sweep import curve, grid, instances, ranked

__all__ = [
    "Answer",
    "Input",
    "Start",
    "changed",
    "check",
    "curl",
    "curve",
    "grid",
    "inputs",
    "instances",
    "logged_row",
    "median_row",
    "outside",
    "parse_changes",
    "ranked",
    "read_answer",
    "reference_row",
    "scenario_row",
]
