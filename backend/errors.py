"""Every error that a person or a program is told about, in one tree.

    WatchdeskError                   a sentence for the reader, and an HTTP status
    ├── Malformed           400      the request is not readable at all
    ├── NotFound            404      no such model, version, prediction or job
    ├── Refused             409      understood, and not done as things stand
    │   ├── NoChampion               nothing serves for this model yet
    │   ├── ChampionMoved            somebody else promoted in the meantime
    │   ├── FeedbackConflict         another truth is already recorded
    │   └── SchemaMismatch           the database is of another release
    ├── TooLarge            413      a body, batch or artefact over its limit
    ├── UnsupportedMedia    415      a body that does not say it is JSON
    ├── Unusable            422      well formed, but the values cannot be used
    └── Unavailable         503      try again: the database or an artefact cannot be used
        └── ArtefactDamaged          bytes that are not what was registered

A message is a full sentence: what is wrong with its value, what was expected, what to do.
Three boundaries translate it (`backend/service/app.py`, `console/ui/boundary.py`,
`console/__main__.py`); nothing else catches it.
"""


class WatchdeskError(Exception):
    """The root; never raised itself. `status` is the HTTP status of the answer."""

    status = 500

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(WatchdeskError):
    """The request cannot be read: not JSON, or not of the documented form."""

    status = 400


class NotFound(WatchdeskError):
    """The model, version, prediction or job that was named does not exist."""

    status = 404


class Refused(WatchdeskError):
    """Understood, and not done as things stand."""

    status = 409


class NoChampion(Refused):
    """The model has no champion, so nothing may answer for it."""


class ChampionMoved(Refused):
    """The champion is not the one that the caller saw."""


class FeedbackConflict(Refused):
    """A different ground truth is already recorded for this prediction."""


class SchemaMismatch(Refused):
    """The database was written by another release of Watchdesk."""


class TooLarge(WatchdeskError):
    """A body, batch, file or artefact is over its limit."""

    status = 413


class UnsupportedMedia(WatchdeskError):
    """The body is not declared to be JSON."""

    status = 415


class Unusable(WatchdeskError):
    """Well formed, but its values cannot be used."""

    status = 422


class Unavailable(WatchdeskError):
    """The database or an artefact cannot be used at the moment; try again."""

    status = 503


class ArtefactDamaged(Unavailable):
    """Stored bytes are missing or are not those that were registered."""
