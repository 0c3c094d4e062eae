"""Overview: what a glance counts, and what the sentence says."""

from collections.abc import Callable

import pytest

from backend.records import predictions
from backend.records.database import Database
from backend.records.predictions import Truth, text_of
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console import overview
from console.windows import Choice
from tests.conftest import Problem
from tests.console.log_rows import HOUR, NOON, row

Register = Callable[..., Version]


def log_rows(
    database: Database, version: Version, made: Problem, count: int, shift: float = 0.0
) -> None:
    """Log some of a problem's own rows, one an hour."""
    objects = (
        made.frame.sample(count, replace=count > len(made.frame), random_state=1) + shift
    ).to_dict("records")
    predictions.append(
        database,
        [row(version, NOON - i * HOUR, features=dict(o)) for i, o in enumerate(objects)],
    )


def test_counts_outcomes_times_and_truths_in_the_window(
    database: Database, registered: Register, store: Store
) -> None:
    version = registered()
    rows = [row(version, NOON - i, latency_ms=float(i)) for i in range(5)]
    rows += [row(version, outcome="refused", label=None, score=None, latency_ms=None)]
    rows += [row(version, NOON - 40 * 24 * HOUR)]
    predictions.append(database, rows)
    truth = Truth(text_of(rows[0].prediction_id), "benign", None)
    predictions.append_feedback(database, version.model, [truth])

    glance = overview.glance(database, version.model, Choice("24h"), store)

    assert (glance.answered, glance.refused, glance.failed, glance.known) == (5, 1, 0, 1)
    assert glance.p50_ms == pytest.approx(2.0, rel=0.025)
    assert glance.p95_ms == pytest.approx(3.0, rel=0.025)  # 95 % of 0, 1, 2, 3, 4 do not exceed it
    assert glance.refused_share == pytest.approx(1 / 6)
    assert glance.known_share == pytest.approx(1 / 5)
    assert glance.traffic["count"].sum() == 6
    assert len(glance.traffic) == 24


def test_names_the_model_that_drifted_and_how_much(
    database: Database, registered: Register, problems: dict[str, Problem], store: Store
) -> None:
    moved, calm = registered("iris"), registered("breast_cancer")
    log_rows(database, moved, problems["iris"], 100, shift=5.0)
    log_rows(database, calm, problems["breast_cancer"], 100)

    choice = Choice("7d")
    found = [overview.glance(database, v.model, choice, store) for v in (calm, moved)]

    assert overview.verdict(found, choice) == overview.Verdict(
        "review", "Needs review: 4 of 4 inputs of `iris` drifted in the last 7 days of its log."
    )


def test_says_that_all_is_well_only_when_it_was_judged(
    database: Database, registered: Register, problems: dict[str, Problem], store: Store
) -> None:
    version = registered("diabetes")
    log_rows(database, version, problems["diabetes"], 1_000)

    glance = overview.glance(database, "diabetes", Choice("all"), store)

    assert overview.verdict([glance], Choice("all")) == overview.Verdict(
        "well",
        "All is well: no input drifted and no request failed in all of its log.",
    )


def test_a_reference_too_small_for_any_verdict_is_not_called_well(
    database: Database, registered: Register, problems: dict[str, Problem], store: Store
) -> None:
    log_rows(database, registered("iris"), problems["iris"], 150)

    glance = overview.glance(database, "iris", Choice("7d"), store)

    assert glance.drift is not None
    assert (glance.drift.enough, glance.drift.n_drifted) == (None, 0)
    assert overview.verdict([glance], Choice("7d")) == overview.Verdict(
        "unknown",
        "The reference has too few rows to say whether anything drifted in the last 7 days of its"
        " log.",
    )


def test_says_that_a_few_rows_are_too_few(
    database: Database, registered: Register, problems: dict[str, Problem], store: Store
) -> None:
    log_rows(database, registered("iris"), problems["iris"], 3)

    glance = overview.glance(database, "iris", Choice("7d"), store)

    assert overview.verdict([glance], Choice("7d")) == overview.Verdict(
        "unknown",
        "Too few predictions in the last 7 days of its log to say whether anything drifted.",
    )


def test_a_failed_request_and_many_refused_ones_need_a_look(
    database: Database, registered: Register, store: Store
) -> None:
    version = registered("iris")
    rows = [row(version, outcome=outcome) for outcome in ("failed", "refused", "answered")]
    predictions.append(database, rows)

    glance = overview.glance(database, "iris", Choice("1h"), store)

    assert glance.concerns == [
        "1 request to `iris` failed",
        "1 of 3 requests to `iris` were refused",
    ]


def test_a_model_without_champion_needs_a_look_and_has_no_drift(
    database: Database, registered: Register, store: Store
) -> None:
    registered("iris", promoted=False)

    glance = overview.glance(database, "iris", Choice("7d"), store)

    assert glance.drift is None
    assert overview.verdict([glance], Choice("7d")) == overview.Verdict(
        "review", "Needs review: `iris` has no champion."
    )


def test_speaks_of_several_logs_where_it_means_several(
    database: Database, registered: Register, store: Store
) -> None:
    found = []
    for name in ("iris", "diabetes"):
        version = registered(name)
        predictions.append(database, [row(version, outcome="failed")])
        found.append(overview.glance(database, name, Choice("all"), store))

    assert overview.verdict(found, Choice("all")).sentence == (
        "Needs review: 1 request to `iris` failed; 1 request to `diabetes` failed in all of their"
        " logs."
    )


def test_without_a_model_nothing_is_watched() -> None:
    assert overview.verdict([], Choice("7d")).standing == "nothing"


def test_a_model_that_was_never_asked_is_not_called_well(
    database: Database, registered: Register, store: Store
) -> None:
    registered("iris")
    glance = overview.glance(database, "iris", Choice("7d"), store)

    assert overview.verdict([glance], Choice("7d")) == overview.Verdict(
        "unknown", "Nothing was asked in the last 7 days of its log."
    )
