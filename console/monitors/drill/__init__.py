"""The fire drill: faults put into a copy of the log, and which monitors notice them."""

from console.monitors.drill.faults import FAULTS
from console.monitors.drill.run import drill, run_job

__all__ = ["FAULTS", "drill", "run_job"]
