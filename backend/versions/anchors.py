"""Anchors: signed marks of the audit log, in a file outside the database.

A hash chain does not see that its newest rows were cut off. A line here says how many rows there
were and what the newest one's hash was; an HMAC with the installation's key keeps others from
writing such lines.
"""

from dataclasses import dataclass
from pathlib import Path

from backend.records.audit import Check
from backend.records.database import Database
from backend.versions.keys import Key


@dataclass(frozen=True)
class Anchor:
    """A line: at `at` (UTC µs) the log had `rows` rows, and the newest one's hash was `head`."""

    rows: int
    head: str
    at: int


def verify(database: Database, anchors: Path, key: Key) -> Check:
    """Hold the audit log against its own chain and the anchors in a file.

    Raises:
        Unavailable: there are anchors, and the key cannot be used.
    """
    raise NotImplementedError


def write(database: Database, anchors: Path, key: Key, *, actor: str) -> Anchor | None:
    """Add an anchor of the log as it is; None if the last one says it already.

    Raises:
        Unavailable: the key or the file cannot be used.
        Refused: the log or the file is not as it was.
    """
    raise NotImplementedError
