"""The promotion dossier: the evidence for a promotion as one document under its hash."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.requests import Request, Waiver
from backend.versions.artefacts import Store
from console.promotion.gates import Gate

Report = Callable[[float, str], None]
FORM = 1
"""Of the document; a reader of another form must look at it."""


def silent(_share: float, _message: str) -> None:
    """For those who do not ask how far it is."""


def make(
    database: Database,
    version: Version,
    store: Store,
    *,
    champion: Version | None,
    actor: str,
    reason: str,
    waivers: Sequence[Waiver] = (),
    report: Report = silent,
    gates: Sequence[Gate] | None = None,
    window: Window | None = None,
    moment: int | None = None,
) -> bytes:
    """The document as canonical JSON (docs/promotion.md lists its keys).

    Args:
        champion: the version that it would replace; None where nothing answers yet.
        waivers: of failing gates; those of others are left out.
        report: told the share that is done, in [0, 1]; may raise to stop.
        gates: as they were judged already; None judges them.
        window: of the log to rescore; without one its last 7 days.
        moment: UTC µs, when it is made; None: now.

    Raises:
        NotFound, Unusable: as `gates.evaluate`.
        Unusable: a waiver names no gate of the version, or lacks its name or reason.
    """
    raise NotImplementedError


def html(document: Mapping[str, Any], request: Request | None = None) -> str:
    """The document as one page: self-contained, without a script, made to be printed.

    Args:
        request: what became of it, to stand at its head; None leaves that out.
    """
    raise NotImplementedError
