"""Reviews: freeze what was found, decide on it, and begin the next time with what was decided.

`freeze` makes the document, `meeting` reads it and what was said on it, `page` prints both.
`backend.records.reviews` keeps them.
"""

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "accept": "Accept",
    "watch": "Watch",
    "retrain": "Retrain",
    "roll_back": "Roll back",
    "data_fault": "Data fault",
}
"""The decisions by their keys, in the order in which they are offered."""

MEANINGS: Mapping[str, str] = {
    "accept": "It is known and does no harm; nothing is to be done.",
    "watch": "Nothing is changed yet; the owner looks again by the due date.",
    "retrain": "The owner trains a version on newer data by the due date.",
    "roll_back": "The owner lets an earlier version answer again.",
    "data_fault": "The inputs are wrong, not the world: the owner sees to their source.",
}
"""What each decision says, as a sentence."""

STATES: Mapping[str, str] = {"open": "Open", "done": "Done", "dropped": "Dropped"}
"""How far an action is."""

STATUSES: Mapping[str, str] = {
    "drifted": "Drifted",
    "moderate": "Moved moderately",
    "stable": "Stable",
    "not_enough_rows": "Not enough rows",
    "worse": "Worse",
    "warning": "Warning",
    "well": "Well",
    "unknown": "Not known",
    "notice": "Notice",
}
"""The statuses of findings and reviews for readers."""
