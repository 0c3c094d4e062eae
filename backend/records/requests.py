"""Promotion requests: what was asked for on which evidence, and what became of it.

open ──> made | refused | withdrawn | overtaken

A request holds the hash of its dossier, the champion that was seen, and who asked. The move of the
alias, the request's end and the rows of the audit log are one transaction (`aliases.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.records.aliases import Promotion
from backend.records.database import Database

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
        sha256: of the dossier, which `document` gives.
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


def ask(
    database: Database,
    model: str,
    number: int,
    *,
    actor: str,
    reason: str,
    seen: int | None,
    content: bytes,
    waivers: Sequence[Waiver] = (),
) -> Request:
    """Keep an open request with its dossier; it waits for `approve`.

    Args:
        seen: the champion that the person saw; None: there was none.
        content: the dossier's canonical JSON; `passed` and the version's files are in it.

    Raises:
        NotFound: there is no such model or version.
        ChampionMoved: the champion is another than `seen`.
        Refused: the version is the champion already, a gate failed that is not waived, or an open
            request asks for this version already.
        Unusable: the reason is empty or too long.
    """
    raise NotImplementedError


def make(
    database: Database,
    model: str,
    number: int,
    *,
    actor: str,
    reason: str,
    seen: int | None,
    content: bytes,
    waivers: Sequence[Waiver] = (),
    announce: bool = False,
) -> Request:
    """Ask and promote in one transaction, where the model's policy needs no approval.

    Args:
        announce: whether a job that calls the webhook is queued in the same transaction.

    Raises:
        Refused: the policy needs an approval; else as `ask`.
        ChampionMoved, NotFound, Unusable: as `ask`.
    """
    raise NotImplementedError


def approve(
    database: Database, request_id: int, *, actor: str, reason: str = "", announce: bool = False
) -> Promotion:
    """Approve an open request: the alias moves in the same transaction.

    Raises:
        NotFound: there is no such request.
        ChampionMoved: the champion is another than was seen; the request is `overtaken`.
        Refused: it is not open, the actor asked for it and the model needs another person's
            approval, a gate failed, or the version changed (then it is `overtaken`).
        Unusable: the reason is too long.
    """
    raise NotImplementedError


def refuse(database: Database, request_id: int, *, actor: str, reason: str) -> Request:
    """Refuse an open request, for a reason.

    Raises:
        NotFound: there is no such request.
        Refused: it is not open.
        Unusable: the reason is empty or too long.
    """
    raise NotImplementedError


def withdraw(database: Database, request_id: int, *, actor: str, reason: str) -> Request:
    """Take an open request back; only who asked may.

    Raises:
        NotFound, Refused, Unusable: as `refuse`; also Refused when another person asked for it.
    """
    raise NotImplementedError


def get(database: Database, request_id: int) -> Request:
    """One request.

    Raises:
        NotFound: there is none of that id.
    """
    raise NotImplementedError


def of_model(database: Database, model: str, *, state: str | None = None) -> list[Request]:
    """The requests of a model, newest first; those in one state if given."""
    raise NotImplementedError


def open_requests(database: Database) -> list[Request]:
    """The open requests of all models, oldest first."""
    raise NotImplementedError


def document(database: Database, request: Request) -> bytes:
    """The dossier that was frozen with a request, verified against its hash.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    raise NotImplementedError


def same_person(one: str, other: str) -> bool:
    """Whether two names are of one person: spaces, case and compatible characters aside."""
    raise NotImplementedError
