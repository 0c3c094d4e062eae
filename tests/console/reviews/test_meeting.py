"""What a meeting opens with: last time's actions, and how features went from review to review."""

from datetime import date, timedelta

import sqlalchemy as sa

from backend.records import review_rules, reviews, tables
from backend.records.review_rows import Entry, Review
from console.reviews import meeting
from tests.console.reviews.conftest import HOSTILE, MOVED, QUIET, Logged

TODAY = review_rules.earliest_today()
KEY = f"feature:{HOSTILE}"


def decided(logged: Logged, review: Review, key: str, decision: str, days: int = 7) -> Entry:
    is_action = decision in reviews.ACTIONS
    return reviews.decide(
        logged.database,
        review.id,
        key,
        decision,
        owner="Grace" if is_action else None,
        due_on=(TODAY + timedelta(days=days)).isoformat() if is_action else None,
        text="",
        actor="ada",
        seen=None,
    )


def test_the_next_review_opens_with_what_the_last_one_left_to_do(logged: Logged) -> None:
    first = logged.freeze(MOVED)
    action = decided(logged, first, KEY, "watch")
    decided(logged, first, "answers:__value__", "accept")
    assert meeting.last_actions(logged.database, first) == []
    second = logged.freeze(QUIET)
    (left,) = meeting.last_actions(logged.database, second, TODAY)
    assert (left.review, left.decision, left.title) == (first, action, HOSTILE)
    assert (left.state, left.progress, left.is_overdue) == ("open", None, False)
    late: date = TODAY + timedelta(days=8)
    assert meeting.last_actions(logged.database, second, late)[0].is_overdue
    done = reviews.progress(logged.database, action.id, "done", "Looked.", actor="Grace")
    (left,) = meeting.last_actions(logged.database, second, late)
    assert (left.state, left.progress, left.is_overdue) == ("done", done, False)
    assert meeting.open_actions(logged.database, first.model) == []


def test_an_action_stays_until_it_is_done_and_then_leaves(logged: Logged) -> None:
    first = logged.freeze(MOVED)
    late = decided(logged, first, KEY, "watch", days=9)
    soon = decided(logged, first, "answers:__value__", "retrain", days=3)
    logged.freeze(QUIET)
    third = logged.freeze(QUIET)
    shown = [one.decision for one in meeting.last_actions(logged.database, third)]
    assert shown == [soon, late]
    reviews.progress(logged.database, soon.id, "dropped", "", actor="Grace")
    # Reported since the last meeting: this one hears of it, the next one does not.
    shown = [one.decision for one in meeting.last_actions(logged.database, third)]
    assert shown == [late, soon]
    logged.freeze(QUIET)
    fifth = logged.freeze(QUIET)
    shown = [one.decision for one in meeting.last_actions(logged.database, fifth)]
    assert shown == [late]


def test_a_replaced_decision_leaves_nothing_to_do(logged: Logged) -> None:
    review = logged.freeze(MOVED)
    action = decided(logged, review, KEY, "watch")
    reviews.decide(
        logged.database,
        review.id,
        KEY,
        "accept",
        owner=None,
        due_on=None,
        text="Season.",
        actor="ada",
        seen=action.id,
    )
    assert meeting.actions(logged.database, review) == []


def test_the_trend_has_each_feature_of_each_review_oldest_first(logged: Logged) -> None:
    quiet, moved = logged.freeze(QUIET), logged.freeze(MOVED)
    trend = meeting.trend(logged.database, quiet.model)
    assert list(trend.columns) == list(meeting.TREND)
    assert trend["review"].tolist() == [quiet.id] * 3 + [moved.id] * 3
    one = trend[trend["feature"] == HOSTILE]
    assert one["status"].iloc[1] == "drifted"
    assert one["floors"].iloc[1] > 5 > 1 > one["floors"].iloc[0]
    assert one["changed"].isna().tolist() == [True, False]
    assert meeting.trend(logged.database, "other").empty


def test_a_damaged_review_costs_the_others_nothing(logged: Logged) -> None:
    first = logged.freeze(MOVED)
    decided(logged, first, KEY, "watch")
    second = logged.freeze(QUIET)
    with logged.database.write() as connection:
        chunks = tables.blob_chunks
        mine = chunks.c.sha256 == first.sha256
        connection.execute(sa.update(chunks).where(mine).values(bytes=b"{}"))
    (left,) = meeting.last_actions(logged.database, second)
    assert left.title == KEY
    assert set(meeting.trend(logged.database, first.model)["review"]) == {second.id}
