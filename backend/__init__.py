"""The prediction service and the records it keeps. Nothing here knows that a console exists."""
