"""Gates where the artefact, the log or the version is not as it should be."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from backend.records import aliases
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import blob_chunks
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.drift.report import NOUN
from console.drift.verdict import Reference
from console.promotion import gates
from console.promotion.gates import Gate
from console.promotion.gates.traffic import of_verdict
from console.what_if.scenarios import keep
from tests.conftest import Problem, new_version
from tests.console.promotion.gates import made
from tests.console.promotion.gates.made import MODEL
from tests.console.rescoring import logs


def judged(
    database: Database,
    store: Store,
    version: Version,
    champion: Version | None,
    text: str = gates.DEFAULT,
) -> dict[str, Gate]:
    found = gates.evaluate(database, version, store, champion=champion, rules=gates.parse(text))
    return {gate.name: gate for gate in found}


def altered(database: Database, store: Store, version: Version, name: str) -> None:
    """Change a file's bytes where they are kept."""
    same = blob_chunks.c.sha256 == version.files[name]
    with database.write() as connection:
        connection.execute(blob_chunks.update().where(same).values(bytes=b"something else"))
    (store.cache / version.files[name]).unlink(missing_ok=True)


def test_an_altered_estimator_fails_what_it_would_answer_and_nothing_else(
    database: Database, store: Store
) -> None:
    version = made.version(database, store)
    altered(database, store, version, artefacts.ESTIMATOR)
    found = judged(
        database, store, version, None, "[minimum_rows]\nheldout = 1\n[calibration]\nece=1"
    )
    for name in ("artefact", "artefact.reproduced", "calibration"):
        assert (found[name].status, found[name].figure) == ("fail", None)
        assert "was altered, so it is not served." in found[name].message
    assert found["minimum_rows"].status == "pass"


def test_altered_held_out_rows_fail_what_rests_on_them(database: Database, store: Store) -> None:
    version = made.version(database, store)
    altered(database, store, version, artefacts.HELDOUT)
    found = judged(database, store, version, None)
    for name in ("artefact", "artefact.reproduced", "minimum_rows", "calibration"):
        assert found[name].status == "fail"


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
def test_a_version_that_answers_other_than_at_training_is_found_out(
    database: Database, store: Store, problems: dict[str, Problem], name: str
) -> None:
    problem = problems[name]
    column = "__value__" if name == "diabetes" else "__label__"
    new = new_version(problem)
    rows = problem.frame.assign(__truth__=problem.truth, __row__=range(len(problem.frame)))
    rows[column] = problem.estimator.predict(problem.frame.to_numpy())
    rows["__score__"] = 0.5
    rows.loc[rows.index[:9], column] = 1e6 if name == "diabetes" else "else"
    files = {**new.files, artefacts.HELDOUT: artefacts.pack_table(rows)}
    new = dataclasses.replace(new, files=files)
    version = registration.register(database, registration.add(database, new, store), store)
    found = judged(database, store, version, None)["artefact.reproduced"]
    share = (len(rows) - 9) / len(rows)
    assert (found.status, found.limit) == ("fail", 1.0)
    assert found.figure == pytest.approx(share)
    lenient = judged(database, store, version, None, "[artefact]\nreproduced = 0.9")
    assert lenient["artefact.reproduced"].status == "pass"


def test_live_data_that_moved_fails_and_is_named(database: Database, store: Store) -> None:
    version = made.version(database, store)
    aliases.promote(database, MODEL, 1, actor="tester", reason="first")
    logs.log(database, store, version, made.drawn(900, seed=1, shift=0.8))
    rules = "[training_drift]\ndrifted = {}"
    found = judged(database, store, version, None, rules.format(0))["training_drift"]
    assert (found.status, found.figure, found.limit) == ("fail", 1, 0)
    assert found.message == (
        "1 of 3 features drifted from training (`x`) in 900 logged requests; at most 0 may."
    )
    assert (
        judged(database, store, version, None, rules.format(1))["training_drift"].status == "pass"
    )


def test_a_log_too_short_to_tell_counts_against_the_version(
    database: Database, store: Store
) -> None:
    version = made.version(database, store)
    logs.log(database, store, version, made.drawn(40, seed=1))
    found = judged(database, store, version, None, "[training_drift]\ndrifted = 0")
    gate = found["training_drift"]
    assert (gate.status, gate.n) == ("fail", 40)
    assert "not enough rows to judge 3 of them, so nothing can be told: there are 40 " in (
        gate.message
    )


@pytest.mark.parametrize("n_reference", [24, 30, 60, 100])
def test_a_reference_too_small_to_tell_does_not_pass(n_reference: int) -> None:
    features = (Feature("x", "number"), Feature("g", "category", categories=("a", "b")))
    random = np.random.default_rng(0)

    def rows(n: int, shift: float) -> pd.DataFrame:
        return pd.DataFrame({"x": random.normal(shift, 1, n), "g": random.choice(["a", "b"], n)})

    verdict = Reference.of(rows(n_reference, 0), features).compare(rows(5_000, 5), NOUN)
    found = of_verdict(verdict, 1)
    assert not found.is_met
    needed = re.search(
        rf"the version's reference has {n_reference} rows, about (\d+) would be enough",
        found.message,
    )
    assert needed is not None
    enough = Reference.of(rows(int(needed[1]), 0), features).compare(rows(5_000, 0), NOUN)
    assert of_verdict(enough, 0).is_met
    if n_reference < 30:
        assert "There are not enough rows to judge 2 of them, so nothing can be told" in (
            found.message
        )
    else:  # five standard deviations show in 30 rows; that the other is stable does not
        assert found.figure == 2
        assert "There are not enough rows to judge 1 more, which count as drifted" in found.message


def test_a_champion_without_requests_is_no_agreement(database: Database, store: Store) -> None:
    first = made.version(database, store)
    second = made.version(database, store, parameters={"C": 0.1})
    rules = "[agreement]\nshare = 0.5\n[signature]\naccepted = 1.0"
    found = judged(database, store, first, second, rules)
    assert found["agreement"].status == "not_applicable"
    logs.log(database, store, first, made.drawn(50, seed=1))
    found = judged(database, store, first, second, rules)
    assert found["agreement"].status == "fail"
    assert found["agreement"].message.startswith(
        "Version 2, the champion, has answered none of the requests in this stretch of the log"
    )
    assert found["signature"].status == "pass"
    assert found["signature"].message == (
        "640 of 640 held-out rows of the champion, which has no requests, are accepted; at least"
        " 100 % is asked for."
    )


def test_requests_that_cannot_be_answered_do_not_agree(database: Database, store: Store) -> None:
    champion = made.version(database, store, features=("region", "x"))
    version = made.version(database, store)
    logs.log(database, store, champion, made.drawn(300, seed=1))
    found = judged(database, store, version, champion, "[agreement]\nshare = 0.1")["agreement"]
    assert (found.status, found.figure, found.n) == ("fail", 0, 300)
    assert "300 are not answered at all: " in found.message


def test_a_scenario_that_fails_is_told_with_its_answer(database: Database, store: Store) -> None:
    version = made.version(database, store)
    signature = Signature.from_json(version.signature)
    sure = {"region": "north", "x": 4.0, "z": 4.0}
    for name, label in (("sure of it", "yes"), ("surely not", "no")):
        keep(database, signature, MODEL, name, sure, {"label": label}, actor="ada")
    found = judged(database, store, version, None)["scenarios"]
    assert (found.status, found.figure, found.limit, found.n) == ("fail", 1, 0, 2)
    assert found.message == (
        "1 of 2 scenarios pass; 0 may fail. `surely not` is answered `yes`, which is not `no`."
    )
    assert judged(database, store, version, None, "[scenarios]\nfailing = 1")[
        "scenarios"
    ].status == ("pass")


def test_regressions_and_several_labels_are_judged_by_their_own_metrics(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    for name, metric in (("diabetes", "mae"), ("iris", "accuracy")):
        first, second = (
            registration.register(
                database, registration.add(database, new_version(problems[name]), store), store
            )
            for _ in range(2)
        )
        found = judged(database, store, second, first, gates.default_of(second.task))
        assert found[f"no_worse.{metric}"].status == "pass"
        figure = found[f"no_worse.{metric}"].figure
        assert figure is not None
        # Labels that are the same in 150 rows may differ in one of 40 unseen ones.
        assert figure == (0 if metric == "mae" else pytest.approx(0.025, abs=1e-3))
        assert gates.blocked(found.values()) == ()
    found = judged(
        database, store, second, None, "[calibration]\nece = 1\n[fairness.x]\nselection_rate = 1"
    )
    assert found["fairness.x.selection_rate"].status == "not_applicable"


def test_a_warning_that_the_rows_are_not_fair_is_told(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    new = new_version(problems["iris"])
    other = dataclasses.replace(new, data={**new.data, "fingerprint": "another"})
    first, second = (
        registration.register(database, registration.add(database, one, store), store)
        for one in (new, other)
    )
    found = judged(database, store, second, first, "[no_worse]\naccuracy = 0.1")
    assert found["no_worse.accuracy"].message.endswith("which flatters it.")
