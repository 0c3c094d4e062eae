"""The rows of a log whose truth is known, to be answered anew by the versions compared."""

from collections.abc import Sequence

import pandas as pd

from backend.records import log, truths
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.signature import Signature
from console.comparison.chosen import MOST_ROWS, TRUTH, Rows
from console.comparison.held_out import named, started
from console.comparison.usable import usable
from console.summaries.read import counts
from console.windows import iso, moment

_DROPPED = ["__id__", "__label__", "__value__", "__score__"]


def logged_rows(database: Database, versions: Sequence[Version], window: Window) -> Rows:
    """The answered rows of a window whose truth is known, whichever version answered them.

    A feature that the answering version did not have is missing, as in a request that leaves it
    out; rows that a version would refuse are left out.

    Raises:
        Unusable: fewer than 30 rows are left.
    """
    model = versions[-1].model
    which = log.Filter(model, window)
    counted = counts(database, model, window)
    known = truths.known(database, which, counted.answered + counted.pending, MOST_ROWS)
    signatures = [Signature.from_json(version.signature) for version in versions]
    names = list(dict.fromkeys(name for one in signatures for name in one.names))
    frame = log.features(database, which, names, ids=known.ids).drop(columns=_DROPPED)
    n_found = len(frame) if known.n is None else known.n
    remedy = "Choose a longer window, or report more ground truth."
    found = usable(frame[frame[TRUTH].notna()], versions, "logged rows with truth", remedy)
    notes = found.notes
    if n_found > len(frame):
        notes = (f"They were drawn at random from {n_found:,} rows with truth.", *notes)
    title = f"{len(found.frame):,} logged rows with truth, {iso(window.start)} to {iso(window.end)}"
    warning = " ".join(filter(None, (_early(one, found.frame["__at__"]) for one in versions)))
    return Rows("log", title, found.frame, n_found, warning, notes, window)


def trained_until(version: Version) -> int:
    """A moment (UTC µs) after which no row can be among those a version was trained on.

    Where its training data have times and were cut, that is the cut; else when it was made.
    """
    until = version.data.get("until")
    if until and version.data.get("time"):
        return moment(str(until))
    return version.created_at


def _early(version: Version, at: "pd.Series[int]") -> str:
    until = trained_until(version)
    early = int((at < until).sum())
    if not early:
        return ""
    return (
        f"{started(named(version))} may have been trained on {early:,} of these {len(at):,} rows"
        f" (they are older than {iso(until)}, up to when its training data may reach), which"
        " flatters it."
    )
