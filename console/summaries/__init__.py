"""Hourly counts and sketches, derived from the log, from which any window is read."""
