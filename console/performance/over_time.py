"""Performance in one stretch of time after another."""
