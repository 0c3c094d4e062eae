"""`make bench-serving`: the prediction service against its peers, as a table in docs/."""
