"""Asking for a promotion on evidence, and approving it."""

import json
from collections.abc import Sequence
from typing import Any

from backend.errors import ChampionMoved, Refused
from backend.records import aliases, moving, policies, registry, requests
from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.request_rows import check_said
from backend.records.requests import Request, Waiver
from backend.settings import Settings
from backend.versions import anchors
from backend.versions.artefacts import Store
from console.jobs.context import JobContext
from console.promotion import dossier, webhook
from console.promotion.dossier import Report, part, silent
from console.promotion.gates import Gate, evaluate, parse, text_of
from console.promotion.waivers import blocking, refusal, settled
from console.reviews.canonical import sha256


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
    check_said(actor, reason, "asks")
    version, champion = _stands(database, model, number, seen)
    rules = text_of(database, model)
    gates = evaluate(
        database,
        version,
        store,
        champion=champion,
        window=dossier.last_week(database, model),
        report=part(report, 0.0, 0.4),
        rules=parse(rules),
    )
    waived = settled(gates, waivers)
    stopping = blocking(gates, waived)
    if stopping:
        raise Blocked(refusal(model, number, stopping), gates, stopping)
    content = dossier.make(
        database,
        version,
        store,
        champion=champion,
        actor=actor,
        reason=reason,
        waivers=waived,
        report=part(report, 0.4, 1.0),
        gates=gates,
        rules=rules,
    )
    given: dict[str, Any] = {"actor": actor, "reason": reason, "seen": seen, "content": content}
    if wait or policies.of(database, model).approval:
        return requests.ask(database, model, number, **given, waivers=waived)
    told = settings or Settings.from_environment()
    made = requests.make(
        database, model, number, **given, waivers=waived, announce=webhook.is_wanted(told)
    )
    _tell(database, told, made.promotion_id)
    return made


def approve(
    database: Database,
    request_id: int,
    *,
    actor: str,
    reason: str = "",
    settings: Settings | None = None,
) -> Promotion:
    """Approve an open request; see `backend.records.requests.approve`. The webhook is told."""
    told = settings or Settings.from_environment()
    announce = webhook.is_wanted(told)
    made = requests.approve(database, request_id, actor=actor, reason=reason, announce=announce)
    _tell(database, told, made.id)
    return made


def promotion_of(database: Database, request: Request) -> Promotion | None:
    """The move that fulfilled a request; None while there is none."""
    return None if request.promotion_id is None else aliases.get(database, request.promotion_id)


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
        `request` (its id; None when blocked or a preview), `state` (also `blocked`, `preview`),
        `promotion`, `sha256`, `gates` (each as `Gate.to_json`), `blocking` (names), `message`.

    Raises:
        ChampionMoved, NotFound, Refused, Unusable: as `ask`, but for `Blocked`.
    """
    given = [Waiver(one["gate"], one["actor"], one["reason"]) for one in waivers]
    store = Store.of(context.settings)
    if preview:
        return _previewed(context, store, model, version, reason, seen, given)
    try:
        request = ask(
            context.database,
            store,
            model,
            version,
            actor=context.by,
            reason=reason,
            seen=seen,
            waivers=given,
            report=context.progress,
            wait=wait,
            settings=context.settings,
        )
    except Blocked as error:
        return {
            **_NOTHING,
            "state": "blocked",
            "gates": [gate.to_json() for gate in error.gates],
            "blocking": [gate.name for gate in error.blocking],
            "message": error.detail,
        }
    frozen = json.loads(requests.document(context.database, request))
    return {
        "request": request.id,
        "state": request.state,
        "promotion": request.promotion_id,
        "sha256": request.sha256,
        "gates": frozen["gates"],
        "blocking": [],
        "message": frozen["message"],
    }


_NOTHING = {"request": None, "promotion": None, "sha256": None}


def _previewed(
    context: JobContext,
    store: Store,
    model: str,
    number: int,
    reason: str,
    seen: int | None,
    waivers: Sequence[Waiver],
) -> dict[str, Any]:
    version, champion = _stands(context.database, model, number, seen)
    content = dossier.make(
        context.database,
        version,
        store,
        champion=champion,
        actor=context.by,
        reason=reason,
        waivers=waivers,
        report=context.progress,
    )
    document = json.loads(content)
    context.keep("dossier.json", content, "application/json")
    context.keep("dossier.html", dossier.html(document).encode(), "text/html; charset=utf-8")
    waived = {one["gate"] for one in document["waivers"]}
    failing = [gate["name"] for gate in document["gates"] if gate["status"] == "fail"]
    return {
        **_NOTHING,
        "state": "preview",
        "sha256": sha256(content),
        "gates": document["gates"],
        "blocking": [name for name in failing if name not in waived],
        "message": document["message"],
    }


def _stands(
    database: Database, model: str, number: int, seen: int | None
) -> tuple[Version, Version | None]:
    """The version and the champion that it would replace, before any work is done for them."""
    version = registry.version(database, model, number)
    present = registry.model(database, model).champion
    if present != seen:
        raise ChampionMoved(moving.moved(model, present, seen))
    if present == number:
        raise Refused(f"The champion of `{model}` is version {number} already.")
    return version, None if present is None else registry.version(database, model, present)


def _tell(database: Database, settings: Settings, promotion_id: int | None) -> None:
    """What follows a promotion that is made: the webhook, and a mark of the audit log."""
    webhook.at_once(database, settings, promotion_id)
    anchors.keep(database, settings)
