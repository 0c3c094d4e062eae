"""The rows of promotion requests: what a request and a waiver are, and reading and ending them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.errors import NotFound, Refused
from backend.records.database import now
from backend.records.people import MOST_NAME, check_said, same_person
from backend.records.registry import Version, model_row
from backend.records.tables import promotion_requests

__all__ = [
    "MOST_NAME",
    "STATES",
    "VERIFIED",
    "Request",
    "Waiver",
    "artefact_of",
    "check_said",
    "end",
    "ended",
    "insert",
    "locked",
    "opened",
    "read",
    "request_of",
    "same_person",
]

STATES: Final = ("open", "made", "refused", "withdrawn", "overtaken")
VERIFIED: Final = False
"""Whether the names of people are verified: not before there is sign-in."""


@dataclass(frozen=True)
class Waiver:
    """A failing gate that somebody let pass.

    Attributes:
        gate: the gate's name.
        actor: who answers for it; an unverified name until there is sign-in.
        reason: why, for those who read it later.
        at: UTC µs; 0: the time of the request.
    """

    gate: str
    actor: str
    reason: str
    at: int = 0


@dataclass(frozen=True)
class Request:
    """A promotion that was asked for. Times are UTC µs.

    Attributes:
        number: the version that shall answer.
        from_number: the champion that was seen; None: there was none.
        sha256: of the dossier, which `requests.document` gives.
        passed: whether no gate failed that was not waived.
        state: one of `STATES`; overtaken: the champion moved, or the version changed, meanwhile.
        decided_at, decided_by, decision: when, by whom and why it ended; None while it is open.
        promotion_id: of the move that fulfilled it.
    """

    id: int
    model: str
    number: int
    from_number: int | None
    requested_at: int
    requested_by: str
    reason: str
    sha256: str
    passed: bool
    waivers: tuple[Waiver, ...]
    state: str
    decided_at: int | None
    decided_by: str | None
    decision: str | None
    promotion_id: int | None

    @property
    def is_open(self) -> bool:
        """Whether it can still be approved, refused or withdrawn."""
        return self.state == "open"


def artefact_of(version: Version) -> dict[str, Any]:
    """What a dossier's `artefact` says: the version's row, and the SHA-256 of each of its files."""
    return {"id": version.id, "files": dict(sorted(version.files.items()))}


def insert(connection: Connection, values: Mapping[str, Any], waivers: Sequence[Waiver]) -> Request:
    """A new open request, now."""
    at = now()
    dated = [asdict(one) | {"at": one.at or at} for one in waivers]
    row = promotion_requests.insert().values(**values, requested_at=at, waivers=dated, state="open")
    return request_of(connection.execute(row.returning(*promotion_requests.c)).one())


def locked(connection: Connection, request_id: int) -> Request:
    """A request, after the lock on its model's row is had: nothing ends it until the commit.

    Raises:
        NotFound: there is none of that id.
    """
    found = read(connection, request_id)
    model_row(connection, found.model, lock=True)
    return read(connection, request_id)


def opened(connection: Connection, request_id: int) -> Request:
    """As `locked`, one that is open.

    Raises:
        NotFound: there is none of that id.
        Refused: it is not open any more.
    """
    found = locked(connection, request_id)
    if not found.is_open:
        raise Refused(ended(found))
    return found


def read(connection: Connection, request_id: int) -> Request:
    """One request.

    Raises:
        NotFound: there is none of that id.
    """
    query = sa.select(promotion_requests).where(promotion_requests.c.id == request_id)
    row = connection.execute(query).one_or_none() if 0 < request_id < 2**31 else None
    if row is None:
        raise NotFound(
            f"There is no promotion request {request_id}. `python -m console requests M` lists"
            " those of a model."
        )
    return request_of(row)


def end(
    connection: Connection,
    request: Request,
    state: str,
    *,
    by: str,
    why: str,
    promotion_id: int | None = None,
) -> Request:
    """Write how a request ended."""
    change = promotion_requests.update().where(promotion_requests.c.id == request.id)
    change = change.values(
        state=state, decided_at=now(), decided_by=by, decision=why, promotion_id=promotion_id
    )
    return request_of(connection.execute(change.returning(*promotion_requests.c)).one())


def request_of(row: Row[Any]) -> Request:
    """A row as a request."""
    waivers = tuple(Waiver(**one) for one in row.waivers)
    return Request(**row._asdict() | {"waivers": waivers, "passed": bool(row.passed)})


def ended(request: Request) -> str:
    """The sentence for somebody who comes too late."""
    said = {
        "made": f"was approved by {request.decided_by} already",
        "refused": f"was refused by {request.decided_by}",
        "withdrawn": f"was withdrawn by {request.decided_by}",
        "overtaken": "was overtaken",
    }
    how = said.get(request.state, request.state)
    if request.state == "made" and same_person(request.decided_by or "", request.requested_by):
        how = f"was made already by {request.requested_by}, who asked for it"
    why = f" {_closed(request.decision)}" if request.decision else ""
    then = "" if request.state == "made" else " Ask anew."
    return f"Request {request.id} {how}.{why}{then}"


def _closed(text: str) -> str:
    """What somebody wrote, with the stop that ends a sentence."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
