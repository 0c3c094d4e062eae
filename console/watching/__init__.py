"""Watching a version's inputs all the time within a budget of false alarms."""

from console.watching.results import Evidence
from console.watching.watch import evidence

__all__ = ["Evidence", "evidence"]
