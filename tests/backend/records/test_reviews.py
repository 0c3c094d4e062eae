"""Reviews: kept under a hash, decided on by one person at a time, never changed afterwards."""

import json
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.errors import ArtefactDamaged, NotFound, Refused, Unusable
from backend.records import blobs, registry, review_rules, reviews, tables
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.review_rows import Entry, Review

DOCUMENT = json.dumps({"findings": [{"key": "feature:age"}, {"key": "performance"}]}).encode()
LATER = (review_rules.earliest_today() + timedelta(days=30)).isoformat()


def named(database: Database, name: str) -> None:
    """A model without a version: a review does not look at it."""
    about = {"task": "binary", "target": "ill", "demo": False, "created_by": "ada"}
    with database.write() as connection:
        connection.execute(tables.models.insert().values(name=name, created_at=1, **about))


@pytest.fixture
def review(database: Database) -> Review:
    named(database, "iris")
    files = {"drift.html.gz": (b"page", "text/html+gzip")}
    return added(database, files)


def added(database: Database, files: dict[str, tuple[bytes, str]] | None = None) -> Review:
    window = Window(1, 2)
    return reviews.add(database, "iris", 1, window, "drifted", DOCUMENT, files or {}, actor="ada")


def decided(
    database: Database,
    review: Review,
    decision: str = "watch",
    seen: int | None = None,
    actor: str = "ada",
    finding: str = "feature:age",
    owner: str | None = "Grace",
    due_on: str | None = LATER,
    text: str = "",
) -> Entry:
    return reviews.decide(
        database,
        review.id,
        finding,
        decision,
        owner=owner,
        due_on=due_on,
        text=text,
        actor=actor,
        seen=seen,
    )


def test_what_was_frozen_comes_back_byte_for_byte(database: Database, review: Review) -> None:
    assert reviews.get(database, review.id) == review
    assert (review.window, review.status, review.is_closed) == (Window(1, 2), "drifted", False)
    assert reviews.document(database, review) == DOCUMENT
    assert reviews.file_names(database, review) == ("drift.html.gz",)
    assert reviews.file(database, review, "drift.html.gz") == (b"page", "text/html+gzip")
    with pytest.raises(NotFound, match=r"^Review 1 has no file `other`\.$"):
        reviews.file(database, review, "other")


def test_reviews_list_newest_first(database: Database, review: Review) -> None:
    second = added(database)
    assert reviews.of_model(database, "iris") == [second, review]
    assert reviews.all_recent(database, 1) == [second]
    assert reviews.of_model(database, "other") == []
    with pytest.raises(NotFound, match=r"^There is no review 9"):
        reviews.get(database, 9)
    with pytest.raises(NotFound):
        reviews.get(database, 2**70)


def test_altered_bytes_are_not_shown(database: Database, review: Review) -> None:
    chunks = tables.blob_chunks
    with database.write() as connection:
        mine = chunks.c.sha256 == review.sha256
        connection.execute(chunks.update().where(mine).values(bytes=DOCUMENT.replace(b"a", b"b")))
    with pytest.raises(ArtefactDamaged, match=r"^The document of review 1 is not what was frozen"):
        reviews.document(database, review)
    with pytest.raises(ArtefactDamaged):
        decided(database, review)


def test_a_later_decision_replaces_the_one_that_was_seen(
    database: Database, review: Review
) -> None:
    first = decided(database, review)
    second = decided(database, review, "accept", first.id, owner=None, due_on=None, text="Season.")
    assert reviews.entries(database, review.id) == [first, second]
    assert (first.decision, first.owner, first.due_on) == ("watch", "Grace", LATER)
    assert (second.decision, second.owner, second.due_on) == ("accept", None, None)


def test_who_did_not_see_the_newest_decision_is_told_of_it(
    database: Database, review: Review
) -> None:
    first = decided(database, review, actor="linus")
    for seen in (None, first.id + 100):
        with pytest.raises(Refused) as caught:
            decided(database, review, "retrain", seen)
        assert caught.value.detail.startswith(
            "Somebody decided on `feature:age` meanwhile: linus chose `watch`, owner Grace, due"
            f" {LATER}, at 2"
        )
    # Another finding is another matter.
    decided(database, review, finding="performance")


def test_of_two_who_decide_at_once_one_wins_and_one_is_told(
    database: Database, review: Review
) -> None:
    rounds = 6
    for round_ in range(rounds):
        held = [one.id for one in reviews.entries(database, review.id)]
        seen = held[-1] if held else None
        outcomes: list[str] = []
        start = threading.Barrier(2)

        def both(actor: str, seen: int | None, start: threading.Barrier, out: list[str]) -> None:
            start.wait()
            try:
                decided(database, review, seen=seen, actor=actor)
                out.append("done")
            except Refused as error:
                out.append(error.detail[:16])

        people = [
            threading.Thread(target=both, args=(name, seen, start, outcomes))
            for name in ("ada", "grace")
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert sorted(outcomes) == ["Somebody decided", "done"], round_
    assert len(reviews.entries(database, review.id)) == rounds


def test_a_closed_review_takes_no_decision_but_progress_goes_on(
    database: Database, review: Review
) -> None:
    action = decided(database, review)
    closed = reviews.close(database, review.id, actor="grace")
    assert (closed.is_closed, closed.closed_by) == (True, "grace")
    with pytest.raises(Refused, match=r"^Review 1 was closed by grace at 2.* takes no more dec"):
        decided(database, review, seen=action.id)
    with pytest.raises(Refused, match=r"^Review 1 was closed by grace"):
        reviews.close(database, review.id, actor="ada")
    done = reviews.progress(database, action.id, "done", "Looked.", actor="Grace")
    assert (done.kind, done.decision_id, done.state) == ("progress", action.id, "done")
    reviews.comment(database, review.id, "", "See you in two weeks.", actor="ada")


def test_progress_is_of_the_action_that_holds(database: Database, review: Review) -> None:
    first = decided(database, review)
    second = decided(database, review, "accept", first.id, owner=None, due_on=None)
    with pytest.raises(Refused, match=r"^Decision 1 no longer holds: ada chose `accept`"):
        reviews.progress(database, first.id, "done", "", actor="ada")
    with pytest.raises(Refused, match=r"^Decision 2 accepts the finding; there is nothing to do"):
        reviews.progress(database, second.id, "done", "", actor="ada")
    with pytest.raises(NotFound, match=r"^There is no decision 99\.$"):
        reviews.progress(database, 99, "done", "", actor="ada")
    with pytest.raises(Unusable) as caught:
        reviews.progress(database, first.id, "half", "", actor="ada")
    assert caught.value.detail == "`half` is no state; expected one of `open`, `done` or `dropped`."


def test_a_decision_that_cannot_be_is_not_written(database: Database, review: Review) -> None:
    for changes in ({"owner": None}, {"due_on": "tomorrow"}, {"text": "a\x00b"}, {"finding": ""}):
        with pytest.raises(Unusable):
            decided(database, review, **changes)
    assert reviews.entries(database, review.id) == []


def test_an_unknown_finding_is_told_with_those_that_there_are(
    database: Database, review: Review
) -> None:
    with pytest.raises(NotFound) as caught:
        reviews.comment(database, review.id, "feature:size", "Hm.", actor="ada")
    assert caught.value.detail == (
        "Review 1 has no finding `feature:size`. Its findings are `feature:age`, `performance`."
    )
    with pytest.raises(Unusable, match=r"^The comment is empty\."):
        reviews.comment(database, review.id, "", " \n", actor="ada")


def test_the_sweep_leaves_what_reviews_name(database: Database, review: Review) -> None:
    loose = blobs.store(database, b"named by nobody")
    blobs.sweep(database, older_than_seconds=-1)
    assert reviews.document(database, review) == DOCUMENT
    with pytest.raises(ArtefactDamaged):
        blobs.fetch(database, loose)


def test_a_model_goes_with_its_reviews_and_no_others(database: Database, review: Review) -> None:
    named(database, "diabetes")
    window = Window(1, 2)
    kept = reviews.add(database, "diabetes", 1, window, "stable", DOCUMENT, {}, actor="ada")
    action = decided(database, review)
    reviews.progress(database, action.id, "done", "", actor="ada")
    registry.remove_model(database, "iris", with_protected=True)
    assert reviews.all_recent(database) == [kept]
    with database.read() as connection:
        for table in (tables.review_entries, tables.review_files):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
