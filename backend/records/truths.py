"""Truths and the predictions they belong to: how many, which, and how late."""
