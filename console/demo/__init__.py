"""The demo: two models on real data, made over the same functions that people use."""

from console.demo.load import load, remove
from console.demo.run import run, run_job

__all__ = ["load", "remove", "run", "run_job"]
