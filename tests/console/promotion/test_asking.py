"""Asking: gates block, waivers let pass, another person approves, and a job does it all."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend.errors import ChampionMoved, Refused, Unusable
from backend.records import aliases, policies, registry, requests
from backend.records.database import Database
from backend.records.policies import Policy
from backend.records.registry import Version
from backend.records.requests import Request, Waiver
from backend.settings import Settings
from backend.versions import anchors
from backend.versions.artefacts import Store
from backend.versions.keys import Key
from console.jobs import claims, queue
from console.jobs.context import JobContext
from console.jobs.kinds import KINDS
from console.promotion import asking
from console.promotion.gates import save_rules
from console.reviews.canonical import sha256

Make = Callable[..., Version]
FAILS = "[floors]\naccuracy = 1.0\nf1 = 0.5\n"


@pytest.fixture
def two(registered: Make) -> None:
    """A champion and a version that may follow it."""
    registered()
    registered(promoted=False)


def ask(database: Database, store: Store, settings: Settings, **more: Any) -> Request:
    given: dict[str, Any] = {"actor": "ana", "reason": "It is better.", "seen": 1}
    return asking.ask(database, store, "breast_cancer", 2, **given | more, settings=settings)


@pytest.mark.usefixtures("two")
def test_what_passes_is_promoted_at_once_on_a_dossier_that_is_kept(
    database: Database, store: Store, settings: Settings
) -> None:
    shares: list[float] = []
    request = ask(database, store, settings, report=lambda share, _: shares.append(share))
    assert (request.state, request.passed) == ("made", True)
    move = asking.promotion_of(database, request)
    assert move is not None
    assert (move.to_number, move.dossier) == (2, request.sha256)
    content = requests.document(database, request)
    assert sha256(content) == request.sha256
    assert json.loads(content)["version"] == 2
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # The move is marked outside the database at once.
    check = anchors.verify(database, settings.audit_anchors, Key(settings.key_file))
    assert check.ok
    assert check.anchored >= check.rows - 1


@pytest.mark.usefixtures("two")
def test_a_failing_gate_blocks_and_is_named_and_a_waiver_lets_pass(
    database: Database, store: Store, settings: Settings
) -> None:
    save_rules(database, "breast_cancer", FAILS, actor="boss")
    with pytest.raises(asking.Blocked) as blocked:
        ask(database, store, settings)
    assert blocked.value.detail.startswith(
        "Version 2 of `breast_cancer` is not promoted: 1 gate that is not waived fails,"
        " `floors.accuracy`."
    )
    assert [gate.name for gate in blocked.value.blocking] == ["floors.accuracy"]
    assert {"floors.accuracy", "floors.f1"} <= {gate.name for gate in blocked.value.gates}
    assert requests.of_model(database, "breast_cancer") == []
    assert registry.model(database, "breast_cancer").champion == 1

    with pytest.raises(Unusable, match=r"`floors\.roc_auc` is no gate"):
        ask(database, store, settings, waivers=[Waiver("floors.roc_auc", "ana", "Hm.")])

    waivers = [
        Waiver("floors.accuracy", "Boris", "Nobody is always right."),
        Waiver("floors.f1", "Boris", "Needless."),
    ]
    request = ask(database, store, settings, waivers=waivers)
    assert request.state == "made"
    assert [(one.gate, one.actor) for one in request.waivers] == [("floors.accuracy", "Boris")]
    frozen = json.loads(requests.document(database, request))
    assert frozen["waivers"] == [
        {
            "gate": "floors.accuracy",
            "by": "Boris",
            "reason": "Nobody is always right.",
            "verified": False,
        }
    ]


@pytest.mark.usefixtures("two")
def test_where_the_model_asks_for_it_another_person_approves(
    database: Database, store: Store, settings: Settings
) -> None:
    policies.save(database, "breast_cancer", Policy(approval=True), actor="boss")
    request = ask(database, store, settings)
    assert request.state == "open"
    assert asking.promotion_of(database, request) is None
    with pytest.raises(Refused, match="another person's approval"):
        asking.approve(database, request.id, actor="Ana", settings=settings)
    move = asking.approve(database, request.id, actor="boris", settings=settings)
    assert (move.to_number, move.actor, move.approved_by) == (2, "ana", "boris")


@pytest.mark.usefixtures("two")
def test_a_stale_page_overwrites_nothing(
    database: Database, store: Store, settings: Settings, registered: Make
) -> None:
    registered(promoted=False)
    waiting = ask(database, store, settings, wait=True)
    assert waiting.state == "open"
    aliases.promote(database, "breast_cancer", 3, actor="cy", reason="first")
    with pytest.raises(ChampionMoved, match="is version 3, not version 1 as you saw"):
        ask(database, store, settings)
    with pytest.raises(Refused, match="Request 1 was overtaken"):
        asking.approve(database, waiting.id, actor="boris", settings=settings)
    assert registry.model(database, "breast_cancer").champion == 3


def ran(database: Database, settings: Settings, **params: Any) -> tuple[queue.Job, dict[str, Any]]:
    """The job as a worker's child runs it, but in this process."""
    given = {"model": "breast_cancer", "version": 2, "reason": "It is better.", "seen": 1}
    job_id = queue.submit(database, "dossier", given | params, by="ana")
    assert claims.claim(database, "worker") == job_id
    job = queue.get(database, job_id)
    context = JobContext(database, settings, job)
    try:
        return job, asking.run_job(context, **job.params)
    finally:
        context.close()


@pytest.mark.usefixtures("two")
def test_the_job_asks_in_the_name_of_who_submitted_it(
    database: Database, settings: Settings
) -> None:
    assert KINDS["dossier"] == "console.promotion.asking:run_job"
    save_rules(database, "breast_cancer", FAILS, actor="boss")

    _, blocked = ran(database, settings)
    assert (blocked["state"], blocked["request"]) == ("blocked", None)
    assert blocked["blocking"] == ["floors.accuracy"]
    assert blocked["message"].startswith("Version 2 of `breast_cancer` is not promoted")

    job, seen = ran(database, settings, preview=True)
    assert (seen["state"], seen["blocking"]) == ("preview", ["floors.accuracy"])
    content, _ = queue.file(database, job.id, "dossier.json")
    assert sha256(content) == seen["sha256"]
    page, media_type = queue.file(database, job.id, "dossier.html")
    assert page.startswith(b"<!doctype html>")
    assert media_type == "text/html; charset=utf-8"
    assert requests.of_model(database, "breast_cancer") == []

    waiver = {"gate": "floors.accuracy", "actor": "Boris", "reason": "Known."}
    _, done = ran(database, settings, waivers=[waiver])
    assert (done["state"], done["blocking"]) == ("made", [])
    made = requests.get(database, done["request"])
    assert (made.requested_by, made.promotion_id) == ("ana", done["promotion"])
