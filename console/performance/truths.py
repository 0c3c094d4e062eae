"""The rows of a window that performance is computed from: all of them, or a random part."""

from dataclasses import dataclass

import pandas as pd

from backend.records import log, truths
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.signature import Signature
from console.drift.report import SAMPLE
from console.drift.report import rows as answered_rows
from console.summaries.read import counts

MOST_KNOWN = 20_000
"""Rows with truth beyond which a random part of them gives the figures: more narrow no interval
that matters, and take seconds to find."""


@dataclass(frozen=True)
class Rows:
    """What was read of a window.

    Attributes:
        answered: answered rows as `backend.records.log.features` gives them, 20,000 at most.
        known: rows with truth, 20,000 at most.
        n_answered, n_known: how many the window has.
        sampled: how many rows `answered` was drawn to; None where it is all of them.
        notes: what a reader should know about it, in sentences.
    """

    answered: pd.DataFrame
    known: pd.DataFrame
    n_answered: int
    n_known: int
    sampled: int | None
    notes: tuple[str, ...] = ()


def read(
    database: Database,
    version: Version,
    window: Window,
    sample: int = SAMPLE,
    most_known: int = MOST_KNOWN,
) -> Rows:
    """The rows that `version` answered in `window`, and those of them whose truth is known.

    A window of no more than `sample` rows is read once and whole. Of a greater one the answered
    rows are counted from the summaries, a random part is read, and rows with truth apart from it,
    because of few truths a random part of all rows would hold next to none.
    """
    answered = answered_rows(database, version, window, sample)
    has_truth = answered["__truth__"].notna()
    if len(answered) < sample:
        known = answered[has_truth]
        return Rows(answered, known, len(answered), len(known), None)
    counted = counts(database, version.model, window, version.number)
    n_answered = max(counted.answered, len(answered))
    which = log.Filter(version.model, window, version=version.number)
    found = truths.known(database, which, n_answered, most_known)
    names = Signature.from_json(version.signature).names
    known = log.features(database, which, names, ids=found.ids)
    n_known = found.n
    if n_known is None:
        n_known = max(len(known), round(float(has_truth.mean()) * n_answered))
    notes = _notes(n_answered, n_known, len(answered), len(known), found.n is None)
    if counted.pending:
        notes.append(f"The newest {counted.pending:,} rows of the log are not counted yet.")
    return Rows(answered, known, n_answered, n_known, len(answered), tuple(notes))


def _notes(answered: int, known: int, n_sample: int, n_known: int, estimated: bool) -> list[str]:
    notes = []
    if answered > n_sample:
        notes.append(
            f"Estimates are made from {n_sample:,} of the {answered:,} answered rows, drawn at"
            " random."
        )
    if known > n_known:
        about = "about " if estimated else ""
        notes.append(
            f"Realized figures are those of {n_known:,} of {about}{known:,} rows with truth, drawn"
            " at random."
        )
    return notes
