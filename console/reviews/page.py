"""A review as one page for the meeting: self-contained, without a script, made to be printed."""

from datetime import date

from backend.records.database import Database
from backend.records.review_rows import Review


def html(database: Database, review: Review, *, today: date | None = None) -> str:
    """The page: last actions, verdict, each finding with its decision, and how to verify it.

    It holds no script and asks nothing of any other machine.

    Raises:
        ArtefactDamaged: the document's bytes are missing or altered.
    """
    raise NotImplementedError
