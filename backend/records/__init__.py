"""The database: one place for records, artefacts, the prediction log and jobs."""
