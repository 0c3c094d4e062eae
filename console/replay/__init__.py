"""Replay: history sent through a version and logged, with its own times."""

from console.replay.choices import Choices, Result, check_delay
from console.replay.run import replay, run_job

__all__ = ["Choices", "Result", "check_delay", "replay", "run_job"]
