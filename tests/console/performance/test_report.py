"""The whole report: on a real season whose errors rise, and where there is little or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from backend.records import predictions
from backend.records.database import Database, connect, migrate
from backend.records.predictions import Row, Truth, Window, text_of
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions.artefacts import Store
from console import replay, windows
from console.demo.load import WINTER
from console.performance.documents import to_json
from console.performance.over_time import answered_by_stretch, over_time, width
from console.performance.report import performance, prepare
from console.performance.results import METRICS, OVER_TIME, Performance
from console.performance.truths import read
from console.training.sources import open_data
from console.training.train import run_training
from console.windows import DAY, HOUR
from tests.console.log_rows import NOON, row

Register = Callable[..., Version]
NAMES = {task: [metric.name for metric in metrics] for task, metrics in METRICS.items()}


def quiet(share: float, message: str) -> None:
    """Hears progress and says nothing."""


@dataclass(frozen=True)
class Season:
    """A version trained on January to March 2011 that met April and July."""

    database: Database
    store: Store
    version: Version

    def report(self, since: str, until: str) -> Performance:
        """The report of a stretch."""
        window = Window(windows.moment(since), windows.moment(until))
        return performance(self.database, self.version, window, self.store)


@pytest.fixture(scope="module")
def july(season: "Season") -> Performance:
    """The report of July."""
    return season.report("2011-07-01", "2011-08-01")


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """The bike-share counts of April and of July, their truth three days late."""
    folder = tmp_path_factory.mktemp("season")
    settings = Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})
    migrate(settings.database_url)
    database, store = connect(settings.database_url), Store.of(settings)
    version = run_training(database, store, WINTER, by="tester")
    frame = open_data(database, WINTER.data).frame
    times = frame["time"]
    met = frame[(times.dt.year == 2011) & times.dt.month.isin([4, 7])]
    choices = replay.Choices("bikeshare", "time", truth="bikers", truth_delay=3.0)
    replay.replay(database, settings, met, choices, report=quiet)
    yield Season(database, store, version)
    database.dispose()


def log_of(
    database: Database, version: Version, known: int, n: int, wrong: int = 0, start: int = NOON
) -> None:
    """Log rows of a version that answers `benign` or 100, some with their truth, some wrong."""
    regression = version.task == "regression"
    answer = {"label": None, "value": 100.0, "score": None} if regression else {}
    rows = [row(version, start + i * HOUR // 60, **answer) for i in range(n)]
    predictions.append(database, rows)
    tell(database, version, rows[:known], wrong)


def tell(database: Database, version: Version, rows: list[Row], wrong: int) -> None:
    """Record truths an hour after the rows; the first `wrong` differ from the answer."""
    regression = version.task == "regression"
    truths = [
        Truth(
            text_of(one.prediction_id),
            None if regression else ("malignant" if i < wrong else "benign"),
            (100.0 + 500 * (i < wrong)) if regression else None,
            one.at + HOUR,
        )
        for i, one in enumerate(rows)
    ]
    predictions.append_feedback(database, version.model, truths)


def day() -> Window:
    """A day from noon."""
    return Window(NOON, NOON + DAY)


def test_the_demos_errors_rise_when_its_truth_arrives(season: Season, july: Performance) -> None:
    early, late = season.report("2011-04-01", "2011-04-08"), july
    assert (early.realized.n_answered, early.realized.n_known) == (168, 168)
    assert late.status == "worse"
    was, then, now = (
        p[0].value for p in (late.expected, early.realized.figures, late.realized.figures)
    )
    assert was is not None
    assert then is not None
    assert now is not None
    assert now > 2 * then
    assert now > 3 * was
    assert late.message.startswith(f"Mean absolute error is {now:.3g} (")
    assert "on 744 rows with truth, and was 22.8 (" in late.message
    assert "on 517 held-out rows: worse than promised." in late.message


def test_the_rise_is_seen_over_time(season: Season) -> None:
    found = season.report("2011-04-01", "2011-08-01").over_time
    assert list(found.columns) == list(OVER_TIME)
    errors = found[found["metric"] == "mae"].sort_values("start")
    april = errors[errors["end"] <= windows.moment("2011-05-01")]
    july = errors[errors["start"] >= windows.moment("2011-07-01")]
    assert len(errors) <= 30
    assert april["realized"].iloc[0] < 40
    assert july["low"].min() > april["high"].iloc[0]
    assert errors["coverage"].eq(1.0).all()
    assert int(errors["known"].sum()) == 719 + 744
    assert errors["start"].iloc[0] == windows.moment("2011-04-01")


def test_the_rise_is_split_and_the_estimates_are_not_believed(july: Performance) -> None:
    found = july.split
    assert (found.status, found.n_current) == ("no_overlap", 744)
    assert found.total is not None
    assert found.total > 30
    assert july.estimated.assumption.status == "broken"
    assert july.message.endswith("The estimates cannot be believed here.")


def test_truth_of_the_demo_is_three_days_late(july: Performance) -> None:
    found = july.maturity
    assert (found.median_hours, found.p90_hours) == (72, 72)
    assert found.decidable_at == windows.moment("2011-08-01")


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "diabetes"])
def test_little_or_nothing_is_said_and_never_raised(
    database: Database, store: Store, registered: Register, name: str
) -> None:
    version = registered(name)
    ready = prepare(database, version, store)
    # A day each without a row, with few rows, with few truths, and with rows and no truth.
    for place, (n, known) in enumerate([(0, 0), (10, 0), (10, 10), (60, 0)]):
        start = NOON + place * DAY
        log_of(database, version, known, n, start=start)
        window = Window(start, start + DAY)
        found = performance(database, version, window, store, ready)
        assert [figure.metric.name for figure in found.realized.figures] == NAMES[version.task]
        assert [figure.metric.name for figure in found.estimated.figures] == NAMES[version.task]
        assert {figure.status for figure in found.realized.figures} == {"not_enough_rows"}
        assert all(figure.message for figure in found.realized.figures)
        assert (found.realized.n_answered, found.realized.n_known) == (n, known)
        assert found.status in ("unknown", "warning")
        assert found.record.n == 0
        assert to_json(found)["realized"][0]["value"] is None
        if not n:
            assert found.over_time.empty
            assert found.message == (
                "Nothing was answered in this window, so there is nothing to judge."
            )


def test_a_version_that_is_still_right_is_well(
    database: Database, store: Store, registered: Register
) -> None:
    version = registered("diabetes")
    # A mean error of 50 where 43 was promised, on all the rows that a change of it needs.
    log_of(database, version, 500, 500, wrong=50)
    found = performance(database, version, day(), store)
    assert found.realized.figures[0].value == pytest.approx(50)
    assert (found.status, found.maturity.n_needed) == ("well", 442)
    assert found.message.startswith("Mean absolute error is 50 (")
    assert "on 442 held-out rows: as promised." in found.message


def test_what_is_not_worse_on_too_few_rows_is_unknown(
    database: Database, store: Store, registered: Register
) -> None:
    version = registered("diabetes")
    log_of(database, version, 100, 100, wrong=9)
    found = performance(database, version, day(), store)
    assert found.realized.figures[0].status == "ok"
    assert found.status in ("unknown", "warning")
    assert (
        "not seen to be worse, but 442 rows with truth are needed to see a change that matters."
    ) in found.message


def test_one_version_is_not_judged_by_anothers_rows(
    database: Database, store: Store, registered: Register
) -> None:
    first, second = registered("diabetes"), registered("diabetes")
    log_of(database, first, 40, 40)
    found = performance(database, second, day(), store)
    assert found.realized.n_answered == 0
    assert performance(database, first, day(), store).realized.n_known == 40


def test_a_window_with_more_rows_than_are_read_is_sampled(
    database: Database, store: Store, registered: Register
) -> None:
    version = registered("diabetes")
    log_of(database, version, 120, 400)
    found = read(database, version, day(), sample=100)
    assert (len(found.answered), found.sampled) == (100, 100)
    assert (found.n_answered, found.n_known, len(found.known)) == (400, 120, 120)
    assert found.known["__truth__"].notna().all()
    assert found.notes == (
        "Estimates are made from 100 of the 400 answered rows, drawn at random.",
    )
    ready = prepare(database, version, store)
    answered = answered_by_stretch(database, version, day(), found.n_answered)
    assert int(answered.sum()) == 400
    frame = over_time(ready.signature, day(), found, answered, ready.estimator)
    mae = frame[frame["metric"] == "mae"]
    assert (int(mae["answered"].sum()), int(mae["known"].sum())) == (400, 120)
    assert mae["coverage"].between(0, 1).all()


def test_a_sample_without_any_truth_is_read(database: Database, registered: Register) -> None:
    version = registered("diabetes")
    log_of(database, version, 0, 60)
    found = read(database, version, day(), sample=50)
    assert (found.n_known, len(found.known)) == (0, 0)
    assert list(found.known.columns) == list(found.answered.columns)


def test_stretches_are_long_enough_to_have_figures() -> None:
    week = Window(NOON, NOON + 7 * DAY)
    assert width(week, 168) == 2 * DAY
    assert width(week, 100_000) == 6 * HOUR
    assert width(week, 0) == 7 * DAY
