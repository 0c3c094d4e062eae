"""`make bench-drift`: drift over ten million logged predictions, and beside Evidently's preset."""
