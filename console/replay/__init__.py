"""Replay: history sent through a version and logged, with its own times."""

from console.replay.choices import Choices, Result, check_delay
from console.replay.run import answering, replay, run_job
from console.replay.table import open_table

__all__ = ["Choices", "Result", "answering", "check_delay", "open_table", "replay", "run_job"]
