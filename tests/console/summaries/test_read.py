"""Any window read from summaries is what the log says of it, the rows at its edges included."""

import numpy as np
import pandas as pd
import pytest

from backend.errors import ArtefactDamaged, Unusable
from backend.records import predictions, summaries
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.tables import versions
from backend.versions.artefacts import Store
from console.drift.report import reference_of
from console.summaries import cut, follow, latency, read, report, vectors
from console.windows import DAY, HOUR, MINUTE
from tests.console.summaries.by_rows import over_time
from tests.console.summaries.logged import (
    START,
    append,
    cells_of,
    columns,
    rows,
    version,
    whole_log,
)
from tests.databases import BOTH

END = START + 3 * DAY
WINDOWS = [
    Window(START, END),
    Window(START - 40 * DAY, END + 40 * DAY),
    Window(START + 5 * HOUR, START + 2 * DAY + 3 * HOUR),
    Window(START + 17 * MINUTE + 1, END - 11 * MINUTE - 7),
    Window(START + 31 * MINUTE, START + 33 * MINUTE),
    Window(START + 50 * MINUTE, START + 70 * MINUTE),
    Window(START + DAY - 1, START + DAY + 1),
]


@pytest.fixture
def logged(database: Database, store: Store) -> Version:
    """A version whose log is summarised but for its newest rows, with another model's between."""
    made = version(database, store)
    version(database, store, "other")
    append(database, rows("mixed", 900, 1) + rows("other", 300, 2))
    follow.once(database, store)
    append(database, rows("mixed", 150, 3) + rows("other", 50, 4))
    return made


def answered_in(database: Database, window: Window) -> pd.DataFrame:
    """The rows of the window that version 1 of `mixed` answered."""
    log = whole_log(database)
    mine = (log["model"] == "mixed") & (log["outcome"] == "answered")
    return log[mine & (log["at"] >= window.start) & (log["at"] < window.end)]


def assert_vectors(
    found: vectors.Vectors, database: Database, made: Version, store: Store, window: Window
) -> None:
    answered = answered_in(database, window)
    values = columns(answered)
    assert found.rows == len(answered)
    for place, cells in enumerate(cells_of(database, made, store)):
        column = values[cells.feature.name]
        expected, counted = cells.vector(column), 2 + cells.n_cells
        assert found.vectors[place][:counted].tolist() == expected[:counted].tolist()
        np.testing.assert_allclose(found.vectors[place], expected, rtol=1e-9, atol=1e-12)
        assert found.novel[place] == cells.novel(column)


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_the_vectors_of_any_window_are_those_of_its_rows(
    database: Database, store: Store, logged: Version
) -> None:
    for window in WINDOWS:
        found = vectors.window_vectors(database, logged, window, store)
        assert found.pending == 0
        assert_vectors(found, database, logged, store, window)


@pytest.mark.parametrize("width", [10 * MINUTE, HOUR, 3 * HOUR, DAY])
def test_the_vectors_of_stretches_are_those_of_their_rows(
    database: Database, store: Store, logged: Version, width: int
) -> None:
    window = Window(START + 17 * MINUTE + 1, START + 2 * DAY - 11 * MINUTE)
    names = ["size", "colour"]
    found = vectors.stretches(database, logged, window, width, store, names)
    assert [cells.feature.name for cells in found.cells] == names
    assert found.starts[0] == window.start // width * width
    answered = answered_in(database, window)
    at = answered["at"].to_numpy(np.int64)
    expected = np.bincount((at - found.starts[0]) // width, minlength=len(found.starts))
    assert found.rows.tolist() == expected.tolist()
    whole = vectors.window_vectors(database, logged, window, store)
    for place, name in enumerate(names):
        column = [cells.feature.name for cells in whole.cells].index(name)
        np.testing.assert_allclose(found.vectors[place].sum(axis=0), whole.vectors[column])
    fullest = int(np.argmax(expected))
    start = int(found.starts[fullest])
    one = Window(max(start, window.start), min(start + width, window.end))
    inside = columns(answered_in(database, one))["colour"]
    assert found.at(fullest).novel[1] == found.cells[1].novel(inside)


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_counts_traffic_and_latencies_are_those_of_the_rows(
    database: Database, logged: Version
) -> None:
    log = whole_log(database)
    mine = log[log["model"] == "mixed"]
    for window in WINDOWS:
        inside = mine[(mine["at"] >= window.start) & (mine["at"] < window.end)]
        by_outcome = inside["outcome"].value_counts()
        counts = read.counts(database, "mixed", window)
        assert (counts.answered, counts.refused, counts.failed, counts.pending) == (
            *(by_outcome.get(name, 0) for name in ("answered", "refused", "failed")),
            0,
        )
        for width in (10 * MINUTE, HOUR, DAY):
            found = read.traffic(database, "mixed", window, width)
            keys = [inside["at"] // width * width, "version", "outcome", "source"]
            expected = inside.groupby(keys).size()
            assert found["count"].tolist() == expected.tolist()
            assert found["at"].tolist() == expected.index.get_level_values(0).tolist()
        live = inside[(inside["source"] == "live") & (inside["outcome"] == "answered")]
        times = live["latency_ms"].dropna().to_numpy(float)
        quantiles = read.latencies(database, "mixed", window, [0.5, 0.95])
        if len(times):
            exact = np.quantile(times, [0.5, 0.95], method="lower")
            assert np.abs(quantiles / exact - 1).max() <= latency.ACCURACY * (1 + 1e-9)
        else:
            assert np.isnan(quantiles).all()


def test_a_report_from_summaries_is_the_rows_own_verdict(
    database: Database, store: Store, logged: Version
) -> None:
    window = Window(START + 17 * MINUTE, END)
    found = report.report(database, logged, window, store)
    answered = answered_in(database, window)
    exact = reference_of(database, logged, store).compare(columns(answered), "logged predictions")
    assert found.n_current == exact.n_current == len(answered)
    for mine, theirs in ((found.results, exact.results), (found.outputs, exact.outputs)):
        for one, other in zip(mine, theirs, strict=True):
            assert (one.feature, one.status) == (other.feature, other.status)
            assert one.effect == pytest.approx(other.effect, abs=0.002)
            assert one.missing_current == other.missing_current
            assert one.new_categories == other.new_categories


def test_over_time_is_the_rows_own_too(database: Database, store: Store, logged: Version) -> None:
    window = Window(START, END)
    found = report.over_time(database, logged, window, store)
    answered = answered_in(database, window)
    rows_ = columns(answered).assign(__at__=answered["at"].to_numpy(np.int64))
    exact = over_time(reference_of(database, logged, store), rows_, window)
    same = ["at", "until", "feature", "title", "status", "n_current"]
    pd.testing.assert_frame_equal(found[same], exact[same], check_dtype=False)
    np.testing.assert_allclose(
        found["effect"].astype(float), exact["effect"].astype(float), atol=0.002
    )


def test_too_many_unsummarised_rows_are_left_out_and_said(
    database: Database, store: Store, logged: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut.rest, "__defaults__", (199,))
    found = vectors.window_vectors(database, logged, WINDOWS[0], store)
    assert found.pending == 200
    summarised = answered_in(database, WINDOWS[0]).query("id <= 1200")
    assert found.rows == len(summarised)
    assert read.counts(database, "mixed", WINDOWS[0]).pending == 200


def test_a_version_without_sketches_says_why_and_what_to_do(
    database: Database, store: Store
) -> None:
    broken = version(database, store)
    append(database, rows("mixed", 50, 1))
    mine = versions.c.id == broken.id
    with database.write() as connection:
        connection.execute(versions.update().where(mine).values(manifest=None))
    follow.once(database, store)
    with pytest.raises(ArtefactDamaged, match="derive them with `python -m console summaries"):
        vectors.window_vectors(database, broken, WINDOWS[0], store)
    assert read.counts(database, "mixed", WINDOWS[0]).answered > 30


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_what_is_removed_while_it_is_read_is_not_seen_in_part(
    database: Database, store: Store, logged: Version
) -> None:
    with database.snapshot() as connection:
        before = summaries.pending(connection)
        predictions.remove(database, "mixed")
        assert summaries.pending(connection) == before


def test_too_many_stretches_are_refused(database: Database, store: Store, logged: Version) -> None:
    with pytest.raises(Unusable, match="259,200 stretches are too many to show"):
        vectors.stretches(database, logged, Window(START, END), 1_000_000, store)
