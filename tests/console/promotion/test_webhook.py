"""The webhook of promotions: signed, at once, and again until it is taken; never in the way."""

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from backend.errors import Unusable
from backend.records import aliases, announcing, registry
from backend.records.database import Database, now
from backend.records.registry import Version
from backend.settings import Settings
from console import promotion
from console.jobs import claims, queue
from console.jobs.context import JobContext
from console.monitors.unsent import NotSent
from console.promotion import webhook as hook
from tests.conftest import free_port
from tests.console.monitors.receivers import webhook

Make = Callable[..., Version]
SECRET = "not to be told"
HOUR = 3_600_000_000


def told(settings: Settings, address: str) -> Settings:
    return dataclasses.replace(settings, promotion_webhook=address, promotion_webhook_secret=SECRET)


def promoted(database: Database, settings: Settings, number: int, seen: int | None) -> int:
    move = promotion.promote(
        database, "iris", number, actor="ana", reason="Better.", seen=seen, settings=settings
    )
    return move.id


def two(registered: Make) -> None:
    registered("iris")
    registered("iris", promoted=False)


def calls(database: Database) -> list[queue.Job]:
    return list(reversed(queue.recent(database, announcing.KIND)))


def verified(came: tuple[dict[str, str], bytes]) -> dict[str, Any]:
    """The body, if its signature is right, by the receiver's own arithmetic."""
    headers, body = came
    mine = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Watchdesk-Signature"] == f"sha256={mine}"
    assert headers["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_promotion_is_told_at_once_signed_with_who_from_to_and_why(
    database: Database, settings: Settings, registered: Make
) -> None:
    two(registered)
    with webhook() as receiver:
        made = promoted(database, told(settings, receiver.url), 2, 1)
    found = verified(receiver.raw[0])
    assert found | {"at": "", "installation": ""} == {
        "event": "promotion",
        "id": made,
        "installation": "",
        "model": "iris",
        "kind": "promote",
        "from": 1,
        "to": 2,
        "at": "",
        "actor": "ana",
        "approved_by": None,
        "verified": False,
        "reason": "Better.",
        "request": None,
        "dossier": None,
    }
    assert found["installation"] == database.installation_id()
    assert [job.state for job in calls(database)] == ["done"]


def test_a_roll_back_is_told_too(database: Database, settings: Settings, registered: Make) -> None:
    two(registered)
    promoted(database, settings, 2, 1)
    with webhook() as receiver:
        promotion.roll_back(
            database,
            "iris",
            None,
            actor="boris",
            reason="Worse.",
            seen=2,
            settings=told(settings, receiver.url),
        )
    found = verified(receiver.raw[0])
    assert (found["kind"], found["from"], found["to"]) == ("rollback", 2, 1)


def test_without_a_webhook_there_is_no_job(
    database: Database, settings: Settings, registered: Make
) -> None:
    two(registered)
    promoted(database, settings, 2, 1)
    assert calls(database) == []


@pytest.mark.parametrize("answers", [(500,), (302,), ()])
def test_a_receiver_that_is_ill_or_gone_keeps_nobody_from_promoting(
    database: Database, settings: Settings, registered: Make, answers: tuple[int, ...]
) -> None:
    two(registered)
    if answers:
        with webhook(*answers) as receiver:
            promoted(database, told(settings, receiver.url), 2, 1)
    else:
        promoted(database, told(settings, f"http://127.0.0.1:{free_port()}/s3cret"), 2, 1)
    assert registry.model(database, "iris").champion == 2
    (job,) = calls(database)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.startswith("The webhook at `127.0.0.1` ")
    assert "s3cret" not in job.error


def test_what_failed_is_tried_again_after_its_pause_and_once(
    database: Database, settings: Settings, registered: Make
) -> None:
    two(registered)
    with webhook(500, 200) as receiver:
        ours = told(settings, receiver.url)
        made = promoted(database, ours, 2, 1)
        ended = calls(database)[0].ended_at or 0
        assert announcing.again(database, ended + announcing.pause(1) - 1) == []
        (job_id,) = announcing.again(database, ended + announcing.pause(1))
        assert announcing.again(database, ended + HOUR) == []
        assert queue.get(database, job_id).params == {"promotion": made, "attempt": 2}
        assert claims.claim(database, "worker") == job_id
        context = JobContext(database, ours, queue.get(database, job_id))
        try:
            assert hook.run_job(context, **queue.get(database, job_id).params) == {"told": True}
        finally:
            context.close()
        claims.finish(database, job_id, "worker", "done", result={"told": True})
    assert announcing.again(database, now() + HOUR) == []
    assert [verified(one)["id"] for one in receiver.raw] == [made, made]


def test_what_fails_for_long_is_given_up_and_the_pauses_grow(
    database: Database, settings: Settings, registered: Make
) -> None:
    two(registered)
    promoted(database, told(settings, f"http://127.0.0.1:{free_port()}/"), 2, 1)
    at, tried = now(), 1
    while made := announcing.again(database, at := at + HOUR):
        tried += 1
        assert claims.take(database, made[0], "w")
        assert not claims.take(database, made[0], "other")
        assert claims.finish(database, made[0], "w", "failed", error="gone")
        assert len(made) == 1
    assert tried == announcing.MOST_ATTEMPTS
    pauses = [announcing.pause(n) for n in range(1, 12)]
    assert pauses[:3] == [30_000_000, 60_000_000, 120_000_000]
    assert pauses[-1] == HOUR


def test_a_worker_that_died_over_it_is_followed_by_another_attempt(
    database: Database, settings: Settings, registered: Make
) -> None:
    two(registered)
    aliases.promote(database, "iris", 2, actor="ana", reason="x", announce=True)
    job_id = claims.claim(database, "worker")
    assert job_id is not None
    claims.finish(database, job_id, "worker", "interrupted", error="killed")
    assert len(announcing.again(database, now() + HOUR)) == 1
    assert settings.promotion_webhook is None


def test_a_worker_with_no_webhook_says_so(
    database: Database, settings: Settings, registered: Make
) -> None:
    two(registered)
    aliases.promote(database, "iris", 2, actor="ana", reason="x", announce=True)
    (job,) = calls(database)
    context = JobContext(database, settings, job)
    try:
        assert hook.run_job(context, **job.params) == {"told": False}
    finally:
        context.close()


def test_the_address_needs_its_secret_which_is_never_shown(settings: Settings) -> None:
    address = {"WATCHDESK_PROMOTION_WEBHOOK": "https://ci.example.com/hook"}
    with pytest.raises(Unusable) as refused:
        Settings.from_environment(address)
    assert refused.value.detail == (
        "`WATCHDESK_PROMOTION_WEBHOOK` is set without `WATCHDESK_PROMOTION_WEBHOOK_SECRET`, which"
        " its messages are signed with. Set both; the receiver checks the signature with the same"
        " secret."
    )
    both = address | {"WATCHDESK_PROMOTION_WEBHOOK_SECRET": SECRET}
    found = Settings.from_environment(both)
    assert found.promotion_webhook_secret == SECRET
    assert SECRET not in repr(found)
    assert settings.promotion_webhook is None


def test_a_redirect_to_another_host_is_not_followed(
    database: Database, settings: Settings, registered: Make
) -> None:
    version = registered("iris")
    with webhook() as other:
        elsewhere = f"http://localhost:{other.port}/"
        with webhook(307, location=elsewhere) as receiver, pytest.raises(NotSent):
            hook.send(database, told(settings, receiver.url), aliases.get(database, 1))
    assert version.number == 1
    assert other.raw == []
