"""The shadow in a running service: beside every answer, and never in its way."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from backend.records import aliases, log, predictions, shadows
from backend.records.database import Database, migrate
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions.artefacts import Store
from tests.backend.service.test_shadow import EVER, MODEL, challenge, doubtful, wait_until
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes
PLAIN = [[1.0] * 30]


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A database of the test's own: SQLite, or PostgreSQL where the test asks for it."""
    environment = {"WATCHDESK_DATA_DIR": str(tmp_path / "data")}
    if getattr(request, "param", "sqlite") == "postgresql":
        environment["WATCHDESK_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    found = Settings.from_environment(environment)
    migrate(found.database_url)
    return found


def instances(made: Problem, n: int) -> list[list[float]]:
    found: list[list[float]] = (
        made.frame.sample(n, replace=True, random_state=n).to_numpy().tolist()
    )
    return found


def predict(service: Service, rows: list[list[float]], model: str = MODEL) -> list[dict[str, Any]]:
    response = service.post(f"/models/{model}/predict", {"instances": rows})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["predictions"]
    return found


def what_if(service: Service, rows: list[list[float]], version: int) -> list[dict[str, Any]]:
    path = f"/models/{MODEL}/versions/{version}/what-if"
    found: list[dict[str, Any]] = service.post(path, {"instances": rows}).json()["predictions"]
    return found


def counted(service: Service, name: str) -> int:
    """A counter of the shadow's at `/metrics`; 0 before anything was counted."""
    text = service.get("/metrics").text
    found = re.search(rf'^watchdesk_{name}_total{{model="{MODEL}"}} (\S+)$', text, re.MULTILINE)
    return 0 if found is None else int(float(found[1]))


def wait_for_shadow(service: Service) -> None:
    """Wait until the service has seen that the shadow is on."""

    def accounted() -> int:
        return counted(service, "shadow_rows") + counted(service, "shadow_dropped_rows")

    before = accounted()
    wait_until(lambda: bool(predict(service, PLAIN)) and accounted() > before, "it shadows")


def beside(database: Database, ids: list[str], version: int = 2) -> pd.DataFrame:
    """The shadow answers to these predictions, in their order."""
    found = shadows.pairs(database, MODEL, EVER, version)
    found.index = pd.Index([predictions.text_of(bytes(key)) for key in found["prediction_id"]])
    return found.reindex(ids)


@pytest.mark.parametrize(
    "settings",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
)
def test_each_answer_gets_one_shadow_row_with_what_the_challenger_answers(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered(MODEL)
    challenge(database, Store.of(service.settings), doubtful(problems[MODEL]))
    service.extra["WATCHDESK_WORKERS"] = "1" if database.is_sqlite else "2"
    service.start()
    wait_for_shadow(service)
    rows = instances(problems[MODEL], 60)
    singles = [service.post("/predict", {"features": row}).json() for row in rows[:10]]
    answers = [*singles, *predict(service, rows[10:])]
    ids = [answer["prediction_id"] for answer in answers]
    refused = service.post("/predict", {"features": ["wide"] * 30})
    assert refused.status_code == 422
    wait_until(
        lambda: bool(beside(database, ids)["at"].notna().all()), "every answer has its shadow"
    )
    found = beside(database, ids)
    theirs = what_if(service, rows, 2)
    assert found["shadow_label"].tolist() == [answer["label"] for answer in theirs]
    assert found["shadow_score"].tolist() == pytest.approx([answer["score"] for answer in theirs])
    ours = what_if(service, rows, 1)
    assert [answer["label"] for answer in answers] == [answer["label"] for answer in ours]
    assert {answer["version"] for answer in answers} == {1}
    assert set(found["champion"]) == {1}
    assert [a["label"] for a in theirs] != [a["label"] for a in ours]
    answered = log.count(database, log.Filter(MODEL, EVER, outcome="answered"))
    wait_until(
        lambda: shadows.count(database, MODEL, EVER, 2) == answered, "one row for each answer"
    )


def test_switched_off_nothing_is_scored_after_a_second_and_switched_on_it_is_again(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered(MODEL)
    service.start()
    challenge(database, Store.of(service.settings), doubtful(problems[MODEL]))
    wait_for_shadow(service)
    shadows.switch(database, MODEL, False)
    time.sleep(1)
    ids = [a["prediction_id"] for a in predict(service, instances(problems[MODEL], 5))]
    shadows.switch(database, MODEL, True)
    wait_for_shadow(service)
    assert beside(database, ids)["at"].isna().all()


def test_once_promoted_the_challenger_answers_and_its_shadow_ends(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered(MODEL)
    challenge(database, Store.of(service.settings), doubtful(problems[MODEL]))
    service.start()
    wait_for_shadow(service)
    aliases.promote(database, MODEL, 2, actor="tester", reason="better")
    time.sleep(1)
    answers = predict(service, instances(problems[MODEL], 5))
    assert {a["version"] for a in answers} == {2}
    aliases.set_challenger(database, MODEL, 1, actor="tester", reason="the old one")
    wait_until(
        lambda: bool(predict(service, PLAIN)) and shadows.count(database, MODEL, EVER, 1) > 0,
        "the new challenger scores",
    )
    ids = [a["prediction_id"] for a in answers]
    assert beside(database, ids, 2)["at"].isna().all()
    assert beside(database, ids, 1)["at"].isna().all()


def test_a_damaged_challenger_changes_nothing_for_callers(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered(MODEL)
    version = challenge(database, Store.of(service.settings), doubtful(problems[MODEL]))
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE blob_chunks SET bytes = zeroblob(length(bytes)) WHERE sha256 = ?",
            (version.files["model.joblib"],),
        )
    service.start()
    rows = instances(problems[MODEL], 30)
    before = what_if(service, rows, 1)
    wait_for_shadow(service)
    found = predict(service, rows)
    assert [a["score"] for a in found] == [a["score"] for a in before]
    answered = log.count(database, log.Filter(MODEL, EVER, outcome="answered"))
    wait_until(lambda: counted(service, "shadow_dropped_rows") == answered, "they count as dropped")
    assert shadows.count(database, MODEL, EVER, 2) == 0
    assert service.get("/ready").status_code == 200


def test_a_challenger_that_raises_changes_nothing_for_callers(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered(MODEL)
    made = doubtful(problems[MODEL])
    # Its signature names fewer features than its estimator takes, so that predicting raises.
    few = replace(made.signature, features=made.signature.features[:3])
    challenge(database, Store.of(service.settings), replace(made, signature=few))
    service.start()
    rows = instances(problems[MODEL], 30)
    before = what_if(service, rows, 1)
    wait_for_shadow(service)
    found = predict(service, rows)
    assert [a["score"] for a in found] == [a["score"] for a in before]
    ids = [a["prediction_id"] for a in found]
    wait_until(lambda: bool(beside(database, ids)["error"].notna().all()), "each row has its error")


def test_in_a_flood_what_is_stored_and_what_is_dropped_add_up_to_what_was_answered(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered(MODEL)
    made = problems[MODEL]
    forest = RandomForestClassifier(300, random_state=0).fit(made.frame.to_numpy(), made.truth)
    challenge(database, Store.of(service.settings), replace(made, estimator=forest))
    service.start()
    wait_for_shadow(service)
    rows = instances(made, 10_000)
    flood = [threading.Thread(target=predict, args=(service, rows)) for _ in range(2)]
    for caller in flood:
        caller.start()
    for caller in flood:
        caller.join()
    shadows.switch(database, MODEL, False)
    answered = log.count(database, log.Filter(MODEL, EVER, outcome="answered"))
    assert answered > 20_000
    wait_until(
        lambda: (
            counted(service, "shadow_rows") + counted(service, "shadow_dropped_rows") == answered
        ),
        "every answered row is stored or dropped",
    )
    assert counted(service, "shadow_dropped_rows") > 0
    assert counted(service, "shadow_rows") == shadows.count(database, MODEL, EVER, 2)
