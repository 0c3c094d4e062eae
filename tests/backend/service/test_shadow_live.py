"""The shadow in a running service: beside every answer, and never in its way."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Live:
    """A service that a test starts, its database, and the model whose challenger scores."""

    service: Service
    database: Database
    made: Problem

    def challenge(self, made: Problem | None = None) -> Version:
        """Make a version the challenger: one that answers otherwise than the champion, or this."""
        store = Store.of(self.service.settings)
        return challenge(self.database, store, made or doubtful(self.made))

    def instances(self, n: int) -> list[list[float]]:
        frame = self.made.frame.sample(n, replace=True, random_state=n)
        found: list[list[float]] = frame.to_numpy().tolist()
        return found

    def predict(self, rows: list[list[float]]) -> list[dict[str, Any]]:
        return self._post(f"/models/{MODEL}/predict", rows)

    def what_if(self, rows: list[list[float]], version: int) -> list[dict[str, Any]]:
        return self._post(f"/models/{MODEL}/versions/{version}/what-if", rows)

    def counted(self, name: str) -> int:
        """A counter of the shadow's at `/metrics`; 0 before anything was counted."""
        text = self.service.get("/metrics").text
        found = re.search(rf'^watchdesk_{name}_total{{model="{MODEL}"}} (\S+)$', text, re.MULTILINE)
        return 0 if found is None else int(float(found[1]))

    @property
    def accounted(self) -> int:
        """The rows that were scored or dropped."""
        return self.counted("shadow_rows") + self.counted("shadow_dropped_rows")

    def wait_for_shadow(self) -> None:
        """Wait until the service has seen that the shadow is on."""
        before = self.accounted
        wait_until(lambda: bool(self.predict(PLAIN)) and self.accounted > before, "it shadows")

    def answered(self) -> int:
        """The rows of the log that were answered."""
        return log.count(self.database, log.Filter(MODEL, EVER, outcome="answered"))

    def beside(self, ids: list[str], version: int = 2) -> pd.DataFrame:
        """The shadow answers to these predictions, in their order."""
        found = shadows.pairs(self.database, MODEL, EVER, version)
        found.index = pd.Index([predictions.text_of(bytes(key)) for key in found["prediction_id"]])
        return found.reindex(ids)

    def _post(self, path: str, rows: list[list[float]]) -> list[dict[str, Any]]:
        response = self.service.post(path, {"instances": rows})
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["predictions"]
        return found


@pytest.fixture
def live(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> Live:
    """A model with a champion; neither a challenger yet nor a service that runs."""
    registered(MODEL)
    return Live(service, database, problems[MODEL])


@pytest.mark.parametrize(
    "settings",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
)
def test_each_answer_gets_one_shadow_row_with_what_the_challenger_answers(live: Live) -> None:
    live.challenge()
    live.service.extra["WATCHDESK_WORKERS"] = "1" if live.database.is_sqlite else "2"
    live.service.start()
    live.wait_for_shadow()
    rows = live.instances(60)
    singles = [live.service.post("/predict", {"features": row}).json() for row in rows[:10]]
    answers = [*singles, *live.predict(rows[10:])]
    ids = [answer["prediction_id"] for answer in answers]
    refused = live.service.post("/predict", {"features": ["wide"] * 30})
    assert refused.status_code == 422
    wait_until(lambda: bool(live.beside(ids)["at"].notna().all()), "every answer has its shadow")
    found = live.beside(ids)
    theirs = live.what_if(rows, 2)
    assert found["shadow_label"].tolist() == [answer["label"] for answer in theirs]
    assert found["shadow_score"].tolist() == pytest.approx([answer["score"] for answer in theirs])
    ours = live.what_if(rows, 1)
    assert [answer["label"] for answer in answers] == [answer["label"] for answer in ours]
    assert {answer["version"] for answer in answers} == {1}
    assert set(found["champion"]) == {1}
    assert [a["label"] for a in theirs] != [a["label"] for a in ours]
    answered = live.answered()
    wait_until(
        lambda: shadows.count(live.database, MODEL, EVER, 2) == answered, "one row for each answer"
    )


def test_switched_off_nothing_is_scored_after_a_second_and_switched_on_it_is_again(
    live: Live,
) -> None:
    live.service.start()
    live.challenge()
    live.wait_for_shadow()
    shadows.switch(live.database, MODEL, False)
    time.sleep(1)
    ids = [a["prediction_id"] for a in live.predict(live.instances(5))]
    shadows.switch(live.database, MODEL, True)
    live.wait_for_shadow()
    assert live.beside(ids)["at"].isna().all()


def test_once_promoted_the_challenger_answers_and_its_shadow_ends(live: Live) -> None:
    live.challenge()
    live.service.start()
    live.wait_for_shadow()
    aliases.promote(live.database, MODEL, 2, actor="tester", reason="better")
    time.sleep(1)
    answers = live.predict(live.instances(5))
    assert {a["version"] for a in answers} == {2}
    aliases.set_challenger(live.database, MODEL, 1, actor="tester", reason="the old one")
    wait_until(
        lambda: bool(live.predict(PLAIN)) and shadows.count(live.database, MODEL, EVER, 1) > 0,
        "the new challenger scores",
    )
    ids = [a["prediction_id"] for a in answers]
    assert live.beside(ids, 2)["at"].isna().all()
    assert live.beside(ids, 1)["at"].isna().all()


def test_a_damaged_challenger_changes_nothing_for_callers(live: Live) -> None:
    version = live.challenge()
    with live.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE blob_chunks SET bytes = zeroblob(length(bytes)) WHERE sha256 = ?",
            (version.files["model.joblib"],),
        )
    live.service.start()
    rows = live.instances(30)
    before = live.what_if(rows, 1)
    live.wait_for_shadow()
    found = live.predict(rows)
    assert [a["score"] for a in found] == [a["score"] for a in before]
    answered = live.answered()
    wait_until(lambda: live.counted("shadow_dropped_rows") == answered, "they count as dropped")
    assert shadows.count(live.database, MODEL, EVER, 2) == 0
    assert live.service.get("/ready").status_code == 200


def test_a_challenger_that_raises_changes_nothing_for_callers(live: Live) -> None:
    made = doubtful(live.made)
    # Its signature names fewer features than its estimator takes, so that predicting raises.
    few = replace(made.signature, features=made.signature.features[:3])
    live.challenge(replace(made, signature=few))
    live.service.start()
    rows = live.instances(30)
    before = live.what_if(rows, 1)
    live.wait_for_shadow()
    found = live.predict(rows)
    assert [a["score"] for a in found] == [a["score"] for a in before]
    ids = [a["prediction_id"] for a in found]
    wait_until(lambda: bool(live.beside(ids)["error"].notna().all()), "each row has its error")


def test_in_a_flood_what_is_stored_and_what_is_dropped_add_up_to_what_was_answered(
    live: Live,
) -> None:
    made = live.made
    forest = RandomForestClassifier(300, random_state=0).fit(made.frame.to_numpy(), made.truth)
    live.challenge(replace(made, estimator=forest))
    live.service.start()
    live.wait_for_shadow()
    rows = live.instances(10_000)
    flood = [threading.Thread(target=live.predict, args=(rows,)) for _ in range(2)]
    for caller in flood:
        caller.start()
    for caller in flood:
        caller.join()
    shadows.switch(live.database, MODEL, False)
    answered = live.answered()
    assert answered > 20_000
    wait_until(lambda: live.accounted == answered, "every answered row is stored or dropped")
    assert live.counted("shadow_dropped_rows") > 0
    assert live.counted("shadow_rows") == shadows.count(live.database, MODEL, EVER, 2)
