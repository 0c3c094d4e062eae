"""What may be said and decided on a review, and the sentences for what may not."""

from datetime import timedelta

import pytest

from backend.errors import Unusable
from backend.records import review_rules

TODAY = review_rules.earliest_today()
LATER = (TODAY + timedelta(days=30)).isoformat()


@pytest.mark.parametrize(
    ("decision", "owner", "due_on", "sentence"),
    [
        (
            "shrug",
            "Grace",
            LATER,
            (
                "`shrug` is no decision; expected one of `accept`, `watch`, `retrain`, `roll_back`"
                " or `data_fault`."
            ),
        ),
        ("watch", "  ", LATER, "`watch` needs an owner: who sees to it? Give a name."),
        ("retrain", None, LATER, "`retrain` needs an owner: who sees to it? Give a name."),
        (
            "roll_back",
            "Grace",
            None,
            "`roll_back` needs a due date: by when? Give one as `YYYY-MM-DD`.",
        ),
        (
            "data_fault",
            "Grace",
            "tomorrow",
            "`tomorrow` is not a date; expected a day as `YYYY-MM-DD`, such as `2026-03-31`.",
        ),
        (
            "watch",
            "Grace",
            "20300101",
            "`20300101` is not a date; expected a day as `YYYY-MM-DD`, such as `2026-03-31`.",
        ),
        (
            "watch",
            "Grace",
            "2011-02-03",
            f"The due date 2011-02-03 is past; expected {TODAY} or later. Choose a day to come.",
        ),
        (
            "accept",
            "Grace",
            None,
            (
                "`accept` leaves nothing to do, so it takes no owner and no due date. Leave them"
                " out, or choose one of `watch`, `retrain`, `roll_back` or `data_fault`."
            ),
        ),
        (
            "watch",
            "o" * 201,
            LATER,
            (
                "The owner has 201 characters or some that cannot be printed; expected a name of"
                " at most 200."
            ),
        ),
    ],
)
def test_says_what_is_wrong_with_a_decision(
    decision: str, owner: str | None, due_on: str | None, sentence: str
) -> None:
    with pytest.raises(Unusable) as caught:
        review_rules.check_decision(decision, owner, due_on)
    assert caught.value.detail == sentence


def test_accepts_what_is_well_formed() -> None:
    review_rules.check_decision("accept", None, None)
    for decision in review_rules.ACTIONS:
        review_rules.check_decision(decision, "Grace", TODAY.isoformat())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a\x00b",
            "The text holds a NUL or half a surrogate pair, which is no text. Write it anew.",
        ),
        (
            "a\ud800b",
            "The text holds a NUL or half a surrogate pair, which is no text. Write it anew.",
        ),
        (
            "a" * 10_001,
            (
                "The text has 10,001 characters; the limit is 10,000. Shorten it, or keep the rest"
                " elsewhere and name the place."
            ),
        ),
    ],
)
def test_says_what_is_wrong_with_a_text(text: str, sentence: str) -> None:
    with pytest.raises(Unusable) as caught:
        review_rules.check_text(text)
    assert caught.value.detail == sentence
    review_rules.check_text("Ünicode, emoji 🌡 and\nlines are text.")
