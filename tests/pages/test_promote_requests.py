"""Promote on evidence: gates, waivers, the job that asks, approval by another person."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.records import aliases, policies, registry, requests
from backend.records.database import Database
from backend.records.policies import Policy
from backend.records.requests import Request, Waiver
from backend.records.tables import blob_chunks
from backend.settings import Settings
from backend.versions.artefacts import Store
from console import jobs
from console.jobs import claims
from console.jobs.context import JobContext
from console.jobs.worker import work
from console.promotion import asking
from tests.pages.challenged import AS_GOOD, BLOCKS, CHAMPION, MODEL, WORSE, challenged
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import table


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database with a champion and two candidates."""
    return challenged(tmp_path_factory, tmp_path / "data")


@pytest.fixture
def request_of_ana(database: Database, store: Store) -> Request:
    """An open request for the candidate that is as good; another person must approve it."""
    policies.save(database, MODEL, Policy(approval=True), actor="ben")
    return asking.ask(
        database, store, MODEL, AS_GOOD, actor="ana", reason="As right.", seen=CHAMPION
    )


def champion(database: Database) -> int | None:
    return registry.model(database, MODEL).champion


def open_candidate(open_page: OpenPage, number: int) -> AppTest:
    return open_page("promote", model=MODEL, version=str(number))


def field(page: AppTest, part: str) -> str:
    """The key of the field or area whose key begins so."""
    inputs = [*page.text_input, *page.text_area]
    return next(str(one.key) for one in inputs if str(one.key).startswith(part))


def waive(page: AppTest, reason: str, name: str = "cleo") -> AppTest:
    """Waive the gate that blocks."""
    page.text_area(key=field(page, "promote_waive_reason_")).set_value(reason)
    page.text_input(key=field(page, "promote_waive_name_")).set_value(name)
    return page.button(key=f"promote_waive_agree_{BLOCKS}").click().run()


def ask(page: AppTest, reason: str, name: str = "ana") -> AppTest:
    """Ask for the promotion of the candidate that is shown."""
    page.text_input(key=field(page, "promote_ask_reason_")).set_value(reason)
    page.text_input(key=field(page, "promote_ask_name_")).set_value(name)
    return page.button(key="promote_ask").click().run()


def decide(page: AppTest, number: int, decision: str, name: str, reason: str = "") -> AppTest:
    """Decide on an open request."""
    page.text_input(key=f"promote_decide_name_{number}").set_value(name)
    page.text_input(key=f"promote_decide_reason_{number}").set_value(reason)
    return page.button(key=f"promote_{decision}_{number}").click().run()


def test_a_failing_gate_blocks_and_says_why(open_page: OpenPage) -> None:
    page = open_candidate(open_page, WORSE)

    assert "6 of 7 gates pass; 1 fails and nobody waived it; 6 do not apply." in texts(page)
    assert "ROC AUC not worse than the champion's by more than 0.02" in texts(page)
    assert "There are not enough rows to tell" in texts(page)
    assert "A gate fails and is not waived." in texts(page)
    assert page.button(key="promote_ask").disabled
    assert not page.exception


def test_a_candidate_that_passes_may_be_asked_for(open_page: OpenPage) -> None:
    page = open_candidate(open_page, AS_GOOD)

    assert "All 7 gates that apply pass; 6 do not apply." in texts(page)
    assert not page.button(key="promote_ask").disabled


def test_a_waiver_needs_a_reason_and_a_name(open_page: OpenPage) -> None:
    page = waive(open_candidate(open_page, WORSE), "  ")
    assert page.error[0].value == (
        "The reason is empty; say in a sentence why, for those who read it later."
    )
    assert page.button(key="promote_ask").disabled

    page = waive(page, "A week of live truth decides.", name=" ")
    assert f"There is no name for who waives `{BLOCKS}`." in page.error[0].value
    assert page.button(key="promote_ask").disabled


def test_a_waived_gate_lets_ask_and_can_be_taken_back(open_page: OpenPage) -> None:
    page = waive(open_candidate(open_page, WORSE), "A week of live truth decides.")
    assert "Waived by cleo: “A week of live truth decides.”" in texts(page)
    assert "6 of 7 gates pass; 1 is waived; 6 do not apply." in texts(page)
    assert not page.button(key="promote_ask").disabled

    page = page.button(key=f"promote_unwaive_{BLOCKS}").click().run()
    assert "nobody waived it" in texts(page)
    assert page.button(key="promote_ask").disabled


def test_asking_freezes_a_dossier_and_promotes_where_nobody_must_approve(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    page = waive(open_candidate(open_page, WORSE), "A week of live truth decides.")
    page = ask(page, "It needs no scaling.")
    [job] = jobs.recent(database, "dossier")
    assert job.submitted_by == "ana"
    assert job.params["waivers"] == [
        {"gate": BLOCKS, "actor": "cleo", "reason": "A week of live truth decides."}
    ]
    assert champion(database) == CHAMPION
    assert not [one for one in page.button if one.key == "promote_ask"]  # while it is at it

    work(settings, once=True)
    page = page.run()

    assert champion(database) == WORSE
    [made] = requests.of_model(database, MODEL)
    assert (made.state, made.requested_by, made.from_number) == ("made", "ana", CHAMPION)
    assert "Request 1 is made: version 2 was promoted. Its dossier is in the history" in texts(page)
    assert "[Dossier of request 1](/requests/1/dossier.html)" in texts(page)
    moves = table(page, "approved_by")
    assert moves["dossier"].tolist()[0] == "/requests/1/dossier.html"
    assert "is on probation until" in "\n".join(str(one.value) for one in page.info)


def test_asking_needs_a_reason_and_a_name(database: Database, open_page: OpenPage) -> None:
    page = ask(open_candidate(open_page, AS_GOOD), "   ")
    assert "The reason is empty" in page.error[0].value

    page = ask(page, "As right.", name="")
    assert "There is no name for who asks." in page.error[0].value
    assert jobs.recent(database, "dossier") == []


def test_what_the_job_finds_blocked_is_said_and_nothing_moves(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    params: dict[str, Any] = {
        "model": MODEL,
        "version": WORSE,
        "reason": "Try it.",
        "seen": CHAMPION,
    }
    number = jobs.submit(database, "dossier", params, by="ana")
    _run(database, settings, number)

    page = open_page("promote", model=MODEL, version=str(WORSE), job=str(number))

    assert "Version 2 of `breast_cancer` is not promoted" in page.error[0].value
    assert champion(database) == CHAMPION
    assert requests.of_model(database, MODEL) == []


def test_a_dossier_may_be_made_and_read_before_anything_is_asked_for(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    page = open_candidate(open_page, WORSE)
    page = page.button(key="promote_preview").click().run()
    [job] = jobs.recent(database, "dossier")
    assert job.params["preview"]
    _run(database, settings, job.id)
    page = page.run()

    assert "The dossier of version 2 is made; nothing is asked for." in texts(page)
    content, media_type = jobs.file(database, job.id, "dossier.html")
    assert media_type.startswith("text/html")
    assert b"Promotion dossier" in content
    assert requests.of_model(database, MODEL) == []


def test_who_asked_cannot_approve_however_the_name_is_written(
    database: Database, request_of_ana: Request, open_page: OpenPage
) -> None:
    page = open_candidate(open_page, AS_GOOD)
    assert "1 request waiting for a decision" in [one.value for one in page.subheader]
    assert f"Frozen under SHA-256 `{request_of_ana.sha256}`" in texts(page)
    assert "Request 1 asks for version 3 already" in page.info[-1].value

    page = decide(page, 1, "approve", " ANA ")

    assert "ana asked for request 1" in page.error[0].value
    assert champion(database) == CHAMPION
    assert requests.get(database, 1).is_open


def test_another_person_approves_and_the_champion_moves(
    database: Database, request_of_ana: Request, open_page: OpenPage
) -> None:
    page = decide(open_candidate(open_page, AS_GOOD), 1, "approve", "ben", "Seen in the meeting.")

    assert page.success[0].value == (
        "The champion of `breast_cancer` moved from version 1 to version 3."
    )
    assert champion(database) == AS_GOOD
    move = aliases.history(database, MODEL)[0]
    assert (move.actor, move.approved_by, move.dossier) == ("ana", "ben", request_of_ana.sha256)
    assert "by ana, approved by ben: “As right.”" in texts(page)


def test_the_field_does_not_offer_the_name_of_who_asked(
    database: Database, store: Store, open_page: OpenPage
) -> None:
    policies.save(database, MODEL, Policy(approval=True), actor="ben")
    how = {"actor": "tester", "reason": "As right.", "seen": CHAMPION}
    asking.ask(database, store, MODEL, AS_GOOD, **how)  # type: ignore[arg-type]  # as named

    page = open_candidate(open_page, AS_GOOD)

    assert page.text_input(key="promote_decide_name_1").value == ""
    assert "Another person than tester must approve it." in texts(page)


def test_a_request_is_refused_for_a_reason(
    database: Database, request_of_ana: Request, open_page: OpenPage
) -> None:
    page = decide(open_candidate(open_page, AS_GOOD), 1, "refuse", "ben")
    assert "The reason is empty" in page.error[0].value

    page = decide(page, 1, "refuse", "ben", "Wait for a week of truth.")
    assert page.success[0].value == "Request 1 is refused. The champion stays as it is."
    assert champion(database) == CHAMPION
    found = table(page, "decision")
    assert found["state"].tolist() == ["refused"]
    assert found["decision"].tolist() == ["Wait for a week of truth."]
    assert request_of_ana.number == AS_GOOD


def test_only_who_asked_may_withdraw(
    database: Database, request_of_ana: Request, open_page: OpenPage
) -> None:
    page = decide(open_candidate(open_page, AS_GOOD), 1, "withdraw", "ben", "Never mind.")
    assert "ana asked for request 1, and only who asked may withdraw it" in page.error[0].value

    page = decide(page, 1, "withdraw", "ana", "Never mind.")
    assert requests.get(database, request_of_ana.id).state == "withdrawn"
    assert not [one for one in page.subheader if "waiting" in one.value]


def test_a_stale_page_cannot_approve_what_was_overtaken(
    database: Database, store: Store, request_of_ana: Request, open_page: OpenPage
) -> None:
    page = open_candidate(open_page, AS_GOOD)
    waived = [Waiver(BLOCKS, "cleo", "A week of live truth decides.")]
    how = {"actor": "dan", "reason": "Sooner.", "seen": CHAMPION, "waivers": waived}
    other = asking.ask(database, store, MODEL, WORSE, **how)  # type: ignore[arg-type]  # as named
    asking.approve(database, other.id, actor="eva")

    page = decide(page, request_of_ana.id, "approve", "ben")

    assert page.error[0].value.startswith("Request 1 was overtaken.")
    assert champion(database) == WORSE
    assert table(page, "decision")["state"].tolist() == ["made", "overtaken"]


def test_a_model_that_asks_for_a_request_offers_no_way_past_it(
    database: Database, open_page: OpenPage
) -> None:
    page = open_candidate(open_page, AS_GOOD)
    assert [one for one in page.button if one.key == "promote_open"]

    policies.save(database, MODEL, Policy(gates=True), actor="ben")
    page = page.run()

    assert not [one for one in page.button if one.key == "promote_open"]


def test_a_dossier_whose_bytes_were_altered_is_not_shown(
    database: Database, request_of_ana: Request, open_page: OpenPage
) -> None:
    with database.write() as connection:
        damaged = blob_chunks.c.sha256 == request_of_ana.sha256
        connection.execute(blob_chunks.update().where(damaged).values(bytes=b"{}"))

    page = open_candidate(open_page, AS_GOOD)

    assert "The dossier of request 1 is not what was frozen" in page.error[0].value
    assert "History" in [one.value for one in page.subheader]


def _run(database: Database, settings: Settings, number: int) -> None:
    """Run a job here, as a worker does in a process of its own."""
    claims.claim(database, "w")
    job = jobs.get(database, number)
    context = JobContext(database, settings, job)
    claims.finish(database, number, "w", "done", result=asking.run_job(context, **job.params))
    context.close()


def test_overview_says_that_a_request_waits(open_page: OpenPage, request_of_ana: Request) -> None:
    page = open_page()
    said = f"Version {request_of_ana.number} of `{MODEL}` waits for a decision."
    assert said in [one.value for one in page.markdown]
