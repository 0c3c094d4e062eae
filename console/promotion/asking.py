"""Asking for a promotion on evidence, and approving it."""

from collections.abc import Sequence
from typing import Any

from backend.errors import Refused
from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.requests import Request, Waiver
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.jobs.context import JobContext
from console.promotion.dossier import Report, silent
from console.promotion.gates import Gate


class Blocked(Refused):
    """Gates stand in the way of a promotion.

    `gates` are all that were judged, `blocking` those that fail and are not waived.
    """

    def __init__(self, detail: str, gates: Sequence[Gate], blocking: Sequence[Gate]) -> None:
        super().__init__(detail)
        self.gates = tuple(gates)
        self.blocking = tuple(blocking)


def ask(
    database: Database,
    store: Store,
    model: str,
    number: int,
    *,
    actor: str,
    reason: str,
    seen: int | None,
    waivers: Sequence[Waiver] = (),
    report: Report = silent,
    wait: bool = False,
    settings: Settings | None = None,
) -> Request:
    """Judge the gates, make the dossier, and ask: the promotion is made at once where it may be.

    Args:
        seen: the champion that the person saw; None: there was none.
        wait: leave the request open for an approval even where the policy needs none.
        settings: whose webhook is told; None: those of the environment.

    Returns:
        The request: `made` with its `promotion_id`, or `open` where another person must approve.

    Raises:
        Blocked: a gate fails that is not waived.
        ChampionMoved, NotFound, Refused, Unusable: as `backend.records.requests.ask`.
    """
    raise NotImplementedError


def approve(
    database: Database,
    request_id: int,
    *,
    actor: str,
    reason: str = "",
    settings: Settings | None = None,
) -> Promotion:
    """Approve an open request; see `backend.records.requests.approve`. The webhook is told."""
    raise NotImplementedError


def run_job(
    context: JobContext,
    *,
    model: str,
    version: int,
    reason: str,
    seen: int | None,
    waivers: Sequence[dict[str, str]] = (),
    wait: bool = False,
    preview: bool = False,
) -> dict[str, Any]:
    """The job `dossier`: ask in the name of who submitted it.

    Args:
        waivers: each `gate`, `actor` and `reason`.
        preview: make the dossier and ask for nothing; it is kept with the job as `dossier.json`
            and `dossier.html`.

    Returns:
        `request` (its id; None when blocked or a preview), `state`, `promotion`, `sha256`,
        `gates` (each as `Gate.to_json`), `blocking` (names) and `message`.
    """
    raise NotImplementedError
