"""Probation proposes to roll back where the old champion was better, and not where it was not."""

import io
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.errors import NotFound
from backend.records import aliases, policies, predictions, registry, tables
from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.policies import Policy
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from console.promotion.probation import Finding, Probation, probation
from console.promotion.probation.differences import of_means, of_shares, status_of, widened
from console.windows import HOUR
from tests.conftest import Problem, new_version
from tests.console.comparison.made import buyers, problem_of, shopping, version_of
from tests.console.log_rows import row
from tests.console.promotion.test_promotion import add_version
from tests.console.rescoring.logs import log, tell

Names = dict[str, Finding]


def careless(seed: int = 3) -> Problem:
    """A model of `bought` that learned from truths drawn by lot."""
    frame = shopping().drop(columns="spent")
    lot = np.random.default_rng(seed).permutation(frame["bought"].to_numpy())
    return problem_of(frame.assign(bought=lot), "bought")


def spenders(noise: float) -> Problem:
    """A model of `spent`, that learned from truths with more or less noise."""
    frame = shopping().drop(columns="bought")
    more = np.random.default_rng(1).normal(0, noise, len(frame))
    return problem_of(frame.assign(spent=frame["spent"] + more), "spent", "regression")


def promoted(database: Database, store: Store, *problems: Problem) -> list[Version]:
    found = [registered(database, store, problem) for problem in problems]
    for version in found:
        aliases.promote(database, "made", version.number or 0, actor="ada", reason="better")
    return found


def registered(database: Database, store: Store, problem: Problem) -> Version:
    """A version whose kept rows have the scores that it would answer."""
    if problem.signature.task == "regression":
        return version_of(database, store, problem)
    new = new_version(problem, model="made")
    place = list(problem.signature.labels).index(problem.signature.positive)
    scores = problem.estimator.predict_proba(problem.frame.to_numpy())[:, place]
    files = dict(new.files)
    for name in (artefacts.REFERENCE, artefacts.HELDOUT):
        table = pd.read_parquet(io.BytesIO(files[name]))
        files[name] = artefacts.pack_table(table.assign(__score__=scores[: len(table)]))
    made = replace(new, files=files)
    return registration.register(database, registration.add(database, made, store), store)


def answered(
    database: Database,
    store: Store,
    version: Version,
    hours: float,
    rows: pd.DataFrame,
    target: str = "bought",
    known: int | None = None,
) -> None:
    """Rows that a version answered some hours after (before: negative) the last promotion."""
    start = last(database).at + round(hours * HOUR)
    logged = log(database, store, version, rows, start=start)
    tell(database, logged, rows[target].head(len(rows) if known is None else known), start)


def last(database: Database) -> Promotion:
    return aliases.history(database, "made", 1)[0]


def judged(database: Database, store: Store, hours: float = 10.0) -> Probation:
    found = probation(database, "made", store, last(database).at + round(hours * HOUR))
    assert found is not None
    return found


def by_name(found: Probation) -> Names:
    return {one.name: one for one in found.findings}


def long_ago(database: Database) -> None:
    """The first champion has served for a week before the second was promoted."""
    first = aliases.history(database, "made", None)[-1]
    with database.write() as connection:
        mine = tables.promotions.c.id == first.id
        change = tables.promotions.update().where(mine).values(at=first.at - 7 * 24 * HOUR)
        connection.execute(change)


def test_a_new_champion_that_is_worse_is_proposed_to_be_rolled_back(
    database: Database, store: Store
) -> None:
    old, new = promoted(database, store, buyers(), careless())
    long_ago(database)
    answered(database, store, old, -5, shopping(400, seed=11))
    answered(database, store, new, 1, shopping(400, seed=12))
    found = judged(database, store)
    names = by_name(found)
    assert (found.version, found.against, found.running) == (2, 1, True)
    assert found.proposes_rollback
    assert [name for name, one in names.items() if one.proposes] == ["realized", "same_rows"]
    assert found.reasons == (names["realized"].message, names["same_rows"].message)
    one = names["realized"]
    assert one.before is not None
    assert one.after is not None
    assert (one.n_before, one.n_after) == (400, 400)
    assert one.before > 0.8 > 0.7 > one.after
    assert one.message.startswith(f"Accuracy is {100 * one.after:.1f} % (")
    assert "on 400 rows with truth since the promotion, and was" in one.message
    assert ": worse by " in one.message
    same = names["same_rows"]
    assert same.after == pytest.approx(one.after)
    assert same.before == pytest.approx(one.before, abs=0.1)
    assert found.message.startswith("Version 2 of `made` is on probation until ")
    assert ". 2 reasons speak for rolling back to version 1: Accuracy is " in found.message


def test_a_new_champion_that_is_as_good_is_left_alone(database: Database, store: Store) -> None:
    old, new = promoted(database, store, buyers(), buyers(trained=200))
    long_ago(database)
    answered(database, store, old, -5, shopping(1_500, seed=11))
    answered(database, store, new, 1, shopping(1_500, seed=12))
    found = judged(database, store)
    names = by_name(found)
    assert not found.proposes_rollback
    assert found.reasons == ()
    assert names["realized"].status in ("same", "better")
    assert names["same_rows"].status in ("same", "better")
    assert "Nothing speaks for rolling back. Accuracy is " in found.message


def test_inputs_that_became_harder_are_no_reason_to_go_back(
    database: Database, store: Store
) -> None:
    old, new = promoted(database, store, buyers(), buyers(trained=300))
    long_ago(database)
    answered(database, store, old, -5, shopping(500, seed=11))
    hard = shopping(500, seed=12)
    hard["bought"] = np.random.default_rng(2).permutation(hard["bought"].to_numpy())
    answered(database, store, new, 1, hard)
    found = judged(database, store)
    names = by_name(found)
    assert names["realized"].status == "worse"
    assert names["realized"].message.endswith(
        " But version 1 would not do better on the same requests, so going back would not help."
    )
    assert names["same_rows"].status in ("same", "better")
    assert not found.proposes_rollback


def test_few_rows_are_said_to_be_few(database: Database, store: Store) -> None:
    old, new = promoted(database, store, buyers(), careless())
    answered(database, store, old, -0.0001, shopping(5, seed=11))
    answered(database, store, new, 1, shopping(20, seed=12), known=10)
    found = judged(database, store)
    assert {one.status for one in found.findings} == {"unknown"}
    assert not found.proposes_rollback
    names = by_name(found)
    assert names["realized"].message == (
        "Truth is known for 10 of 20 rows answered since the promotion. Accuracy needs at least 30"
        " rows with truth; there are 10."
    )
    assert names["same_rows"].message.endswith("there are 0.")
    assert names["refused"].message.startswith("Whether more requests are refused needs 50")
    assert ". It is too early to tell. Truth is known for 10 of 20" in found.message


def test_an_empty_log_is_no_error(database: Database, store: Store) -> None:
    promoted(database, store, buyers(), careless())
    found = judged(database, store, hours=0)
    assert {one.status for one in found.findings} == {"unknown"}
    assert found.to_json()["proposes_rollback"] is False


def test_few_truths_among_many_rows_are_all_compared_on_the_same_requests(
    database: Database, store: Store
) -> None:
    old, new = promoted(database, store, buyers(), careless())
    long_ago(database)
    answered(database, store, old, -5, shopping(300, seed=11))
    answered(database, store, new, 1, shopping(5_000, seed=12), known=150)
    same = by_name(judged(database, store))["same_rows"]
    assert (same.n_before, same.n_after, same.status) == (150, 150, "worse")


def test_without_truth_the_estimate_speaks(database: Database, store: Store) -> None:
    old, new = promoted(database, store, buyers(), careless())
    long_ago(database)
    answered(database, store, old, -5, shopping(400, seed=11), known=0)
    answered(database, store, new, 1, shopping(400, seed=12), known=0)
    names = by_name(judged(database, store))
    one = names["estimated"]
    assert (one.status, one.proposes) == ("worse", True)
    assert one.message.endswith(": worse, as the bands do not meet.")
    assert names["realized"].status == "unknown"


def test_requests_that_are_refused_more_often_speak_for_going_back(
    database: Database, store: Store
) -> None:
    old, new = promoted(database, store, buyers(), buyers(trained=300))
    long_ago(database)
    rows = shopping(200, seed=4)
    answered(database, store, old, -5, rows, known=0)
    answered(database, store, new, 1, rows, known=0)
    at = last(database).at + 2 * HOUR
    lost = [row(new, at + i, outcome="refused", label=None, score=None) for i in range(30)]
    predictions.append(database, lost)
    found = judged(database, store)
    one = by_name(found)["refused"]
    assert (one.status, one.proposes, one.n_before, one.n_after) == ("worse", True, 200, 230)
    assert one.after == pytest.approx(30 / 230)
    assert one.message.startswith(
        "30 of 230 requests since the promotion were refused or failed (13.0 %), and 0 of 200"
        " before it (0.0 %): worse by 13.0 points ("
    )
    assert ". A reason speaks for rolling back to version 1: 30 of 230" in found.message


def test_drift_is_shown_and_proposes_nothing(database: Database, store: Store) -> None:
    old, new = promoted(database, store, buyers(), buyers(trained=300))
    long_ago(database)
    moved = shopping()  # the reference's own rows
    answered(database, store, old, -5, moved, known=0)
    answered(database, store, new, 1, moved.assign(age=moved["age"] + 15), known=0)
    one = by_name(judged(database, store))["drift"]
    assert (one.before, one.after, one.status, one.proposes) == (0, 1, "worse", False)
    assert "1 of 2 features drifted since the promotion (`age`)" in one.message


def test_a_regression_is_judged_by_its_error(database: Database, store: Store) -> None:
    old, new = promoted(database, store, spenders(0.0), spenders(200.0))
    long_ago(database)
    answered(database, store, old, -5, shopping(300, seed=11), target="spent")
    answered(database, store, new, 1, shopping(300, seed=12), target="spent")
    found = judged(database, store)
    names = by_name(found)
    assert found.proposes_rollback
    assert names["same_rows"].proposes
    assert names["same_rows"].before is not None
    assert names["same_rows"].after is not None
    assert names["same_rows"].before < names["same_rows"].after
    assert names["realized"].unit == "target"
    assert "On the same 300 requests with truth mean absolute error is" in found.reasons[-1]


def test_only_rows_since_the_promotion_count_as_the_new_champions(
    database: Database, store: Store
) -> None:
    _, new = promoted(database, store, buyers(), careless())
    long_ago(database)
    answered(database, store, new, -3, shopping(300, seed=12))
    names = by_name(judged(database, store))
    assert names["realized"].n_after == 0
    assert names["realized"].status == "unknown"


def test_probation_ends_and_is_judged_for_as_long_again(database: Database, store: Store) -> None:
    promoted(database, store, buyers(), careless())
    policies.save(database, "made", Policy(probation_hours=5), actor="ada")
    assert judged(database, store, 4.9).running
    over = judged(database, store, 5.0)
    assert not over.running
    assert over.after.end == over.until == last(database).at + 5 * HOUR
    assert over.message.startswith("The probation of version 2 of `made` ended at ")
    assert probation(database, "made", store, last(database).at + 10 * HOUR) is None
    assert probation(database, "made", store, last(database).at - 1) is None


def test_nothing_is_on_probation_without_an_earlier_champion_or_after_a_roll_back(
    database: Database, store: Store
) -> None:
    add_version(database, model="made")
    moment = None
    assert probation(database, "made", store, moment) is None
    aliases.promote(database, "made", 1, actor="ada", reason="first")
    assert probation(database, "made", store, moment) is None
    add_version(database, model="made")
    aliases.promote(database, "made", 2, actor="ada", reason="better")
    aliases.rollback(database, "made", actor="ada", reason="worse")
    assert probation(database, "made", store, moment) is None
    with pytest.raises(NotFound):
        probation(database, "nothing", store)


def test_a_policy_without_probation_has_none(database: Database, store: Store) -> None:
    promoted(database, store, buyers(), careless())
    policies.save(database, "made", Policy(probation_hours=0), actor="ada")
    assert probation(database, "made", store) is None
    assert registry.model(database, "made").champion == 2


def test_a_difference_of_shares_is_newcombes() -> None:
    # Newcombe (1998), table II, example (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    found = of_shares(48, 80, 56, 70)
    assert found.value == pytest.approx(0.2)
    assert found.low == pytest.approx(0.0524, abs=5e-5)
    assert found.high == pytest.approx(0.3339, abs=5e-5)
    assert found.sure_low < found.low < found.high < found.sure_high


def test_a_difference_of_means_is_welchs() -> None:
    draw = np.random.default_rng(0)
    before, after = draw.normal(0, 1, 40), draw.normal(0.5, 3, 60)
    known: Any = stats.ttest_ind(after, before, equal_var=False)
    ends = known.confidence_interval(0.95)
    found = of_means(before, after)
    assert found.low == pytest.approx(float(ends.low), rel=1e-6)
    assert found.high == pytest.approx(float(ends.high), rel=1e-6)
    sure = known.confidence_interval(1 - 2 * float(stats.norm.sf(3)))
    assert found.sure_low == pytest.approx(float(sure.low))


def test_equal_values_have_no_spread() -> None:
    found = of_means(np.ones(30), np.ones(30))
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_a_change_counts_beyond_three_standard_errors_and_is_excluded_below_what_matters() -> None:
    error = 0.01
    words = [
        status_of(widened(value, value - 1.959964 * error, value + 1.959964 * error), 0.05)
        for value in (-0.031, -0.029, 0.0, 0.0295, 0.0301, 0.0305)
    ]
    assert words == ["better", "same", "same", "same", "worse", "worse"]
    unsure = widened(0.04, 0.04 - 1.96 * 0.02, 0.04 + 1.96 * 0.02)
    assert status_of(unsure, 0.05) == "unknown"


def test_looks_at_no_difference_propose_rarely() -> None:
    draw = np.random.default_rng(4)
    looks, n, p = 4_000, 300, 0.9
    pairs = draw.binomial(n, 1 - p, (looks, 2))
    false = sum(
        status_of(of_shares(int(was), n, int(now), n), 0.05) == "worse" for was, now in pairs
    )
    # One side of three standard errors is 0.00135; Newcombe's interval is near it.
    assert false / looks < 0.004
    assert math.isclose(stats.norm.sf(3), 0.00135, abs_tol=1e-5)


def test_a_document_has_every_finding_and_times_in_iso(database: Database, store: Store) -> None:
    promoted(database, store, buyers(), careless())
    document = judged(database, store, 1.0).to_json()
    assert [one["name"] for one in document["findings"]] == [
        *("realized", "same_rows", "estimated", "refused", "drift")
    ]
    assert document["after"]["from"].endswith("Z")
    assert document["promotion"]["to_version"] == 2
