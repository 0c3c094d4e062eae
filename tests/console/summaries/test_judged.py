"""A window judged from its rows or from summaries; an exact run says what every row says."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console.drift import documents, report
from console.drift.exact import exact
from console.summaries import judged as module
from console.summaries.derive import Deriver
from console.summaries.judged import judged
from console.summaries.onsets import onsets
from console.windows import HOUR
from tests.console.drift.logs import START, log_rows

WINDOW = Window(START, START + 24 * HOUR)


def logged(
    database: Database, version: Version, store: Store, n: int = 2_400, begins: int = 15
) -> None:
    """Rows like the reference's over a day; from an hour on `mean radius` lies elsewhere."""
    random = np.random.default_rng(3)
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    rows = reference.iloc[random.integers(0, len(reference), n)].reset_index(drop=True)
    at = START + np.sort(random.integers(0, 24 * HOUR, n))
    rows.loc[at >= START + begins * HOUR, "mean radius"] *= 1.2
    log_rows(database, version, rows, at, store)


def test_few_rows_are_judged_themselves_and_many_from_summaries(
    database: Database,
    registered: Callable[..., Version],
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = registered()
    logged(database, version, store)
    rows = judged(database, version, WINDOW, store)
    assert rows.basis == "rows"
    assert rows.how == ""
    assert len(rows.rows) == rows.report.n_current == 2_400
    monkeypatch.setattr(module, "SAMPLE", 500)
    monkeypatch.setattr(module, "SHOWN", 500)
    many = judged(database, version, WINDOW, store)
    assert many.basis == "summaries"
    assert "within 0.002" in many.how
    assert len(many.rows) == 500
    assert many.report.n_current == 2_400
    for a, b in zip(rows.report.results, many.report.results, strict=True):
        assert b.effect == pytest.approx(a.effect, abs=0.002)
        assert b.status == a.status


def test_a_log_that_is_not_summarised_yet_is_judged_by_its_sample(
    database: Database,
    registered: Callable[..., Version],
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = registered()
    logged(database, version, store)
    monkeypatch.setattr(module, "SAMPLE", 500)
    monkeypatch.setattr(module, "SHOWN", 500)
    monkeypatch.setattr("console.summaries.cut.MOST_PENDING", 1_000)
    monkeypatch.setattr("console.summaries.cut.rest.__defaults__", (1_000,))
    found = judged(database, version, WINDOW, store)
    assert (found.basis, found.pending) == ("sample", 2_400)
    assert "a random sample of 500 rows. Up to 2,400 newer rows" in found.how
    assert found.report.n_current == 500
    while Deriver(database, store).step().more:
        pass
    assert judged(database, version, WINDOW, store).report.n_current == 2_400


def test_an_exact_run_is_the_verdict_on_every_row_and_survives_as_a_document(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered()
    logged(database, version, store)
    said: list[float] = []
    found = exact(
        database, version, WINDOW, store, lambda share, _message: said.append(share), batch=700
    )
    expected = report.reference_of(database, version, store).compare(
        report.rows(database, version, WINDOW, 1_000_000), report.NOUN
    )
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    pd.testing.assert_frame_equal(found.prediction, expected.prediction)
    assert said == sorted(said)
    again = documents.from_json(documents.to_json(found))
    pd.testing.assert_frame_equal(again.frame, found.frame)
    assert again.message == found.message


def test_the_hour_of_a_change_is_found(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered()
    logged(database, version, store, begins=15)
    Deriver(database, store).step()
    found = onsets(database, version, WINDOW, store, ["mean radius", "worst area"])
    assert found["feature"].tolist() == ["mean radius"]
    begun = found["at"].iloc[0].value // 1_000
    assert begun == START + 15 * HOUR
