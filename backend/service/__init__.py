"""The prediction service: answers requests and writes each one to the log."""
