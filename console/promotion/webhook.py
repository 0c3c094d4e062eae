"""Telling a webhook of a promotion: signed, at once, and again by the worker until it is taken.

The body is signed with HMAC-SHA256 (RFC 2104) under the secret that both sides know, in the header
`X-Watchdesk-Signature: sha256=…`. It may arrive twice, never unseen: `id` tells them apart.
"""

import hashlib
import hmac
import logging
from typing import Any, Final

from backend.errors import Unavailable
from backend.records import aliases, announcing
from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.requests import VERIFIED
from backend.settings import Settings
from console.jobs import claims
from console.jobs.context import JobContext
from console.monitors import webhook
from console.monitors.unsent import NotSent
from console.reviews.canonical import packed
from console.windows import iso

HEADER: Final = "X-Watchdesk-Signature"
AT_ONCE_SECONDS: Final = (2.0, 3.0)
"""To connect and to wait when a person waits too; the worker's attempts have longer."""
logger = logging.getLogger("watchdesk.promotion")


def is_wanted(settings: Settings) -> bool:
    """Whether there is a webhook to tell."""
    return settings.promotion_webhook is not None


def body_of(made: Promotion, installation: str) -> bytes:
    """What is sent, as canonical JSON (docs/promotion.md lists its keys)."""
    document = {
        "event": "promotion",
        "id": made.id,
        "installation": installation,
        "model": made.model,
        "kind": made.kind,
        "from": made.from_number,
        "to": made.to_number,
        "at": iso(made.at),
        "actor": made.actor,
        "approved_by": made.approved_by,
        "verified": VERIFIED,
        "reason": made.reason,
        "request": made.request_id,
        "dossier": made.dossier,
    }
    return packed(document)


def signature(body: bytes, secret: str) -> str:
    """The header's value: `sha256=` and the HMAC in hexadecimal."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def send(
    database: Database,
    settings: Settings,
    made: Promotion,
    seconds: tuple[float, float] = webhook.SECONDS,
) -> None:
    """Tell the webhook of the settings; without one nothing is sent.

    Raises:
        NotSent: it was not taken.
    """
    address, secret = settings.promotion_webhook, settings.promotion_webhook_secret
    if address is None or secret is None:
        return
    body = body_of(made, database.installation_id())
    webhook.post_bytes(address, body, {HEADER: signature(body, secret)}, seconds)


def at_once(database: Database, settings: Settings, promotion_id: int | None) -> bool:
    """Run the job that was queued with a promotion here and now, unless a worker has it already.

    What fails is tried again by the worker, so nothing is raised for it.

    Returns:
        Whether the webhook was told.
    """
    if promotion_id is None or not is_wanted(settings):
        return False
    try:
        return _at_once(database, settings, promotion_id)
    except Unavailable as error:  # the promotion is made: it must not look as if it were not
        logger.warning("The webhook was not told at once: %s", error.detail)
        return False


def _at_once(database: Database, settings: Settings, promotion_id: int) -> bool:
    job_id, name = announcing.queued(database, promotion_id), claims.worker_name()
    if job_id is None or not claims.take(database, job_id, name):
        return False
    try:
        send(database, settings, aliases.get(database, promotion_id), AT_ONCE_SECONDS)
    except NotSent as error:
        claims.finish(database, job_id, name, "failed", error=error.detail)
        raise
    return claims.finish(database, job_id, name, "done", result={"told": True})


def run_job(context: JobContext, *, promotion: int, attempt: int = 1) -> dict[str, Any]:
    """The job `promotion_webhook`; one that fails is followed by another.

    Returns:
        `told`: False where the settings of the worker name no webhook.

    Raises:
        NotFound: there is no such promotion any more.
        NotSent: it was not taken.
    """
    context.progress(0.0, f"Telling the webhook (attempt {attempt})")
    made = aliases.get(context.database, promotion)
    if not is_wanted(context.settings):
        context.log("`WATCHDESK_PROMOTION_WEBHOOK` is not set where this worker runs.")
        return {"told": False}
    send(context.database, context.settings, made)
    return {"told": True}
