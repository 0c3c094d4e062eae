"""Evidently's reports of a window, made by a job from a sample, apart from our own verdict."""
