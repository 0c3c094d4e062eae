"""Compare: nothing there, one version, two; what they share and what differs."""

from typing import Any

import pandas as pd
import sqlalchemy as sa

from backend.records import aliases, predictions, registry, shadows
from backend.records.database import Database, now
from backend.records.predictions import Truth
from backend.records.shadows import ShadowRow
from backend.records.tables import predictions as predictions_table
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console import comparison, jobs, rescoring
from console.comparison.curves import costs
from console.jobs import claims
from console.jobs.context import JobContext
from console.rescoring import Rescoring
from console.training import datasets
from tests.pages.conftest import OpenPage, clear_caches, texts
from tests.pages.seeded import logged, rows_of, table, trained


def test_says_what_to_do_without_any_model(open_page: OpenPage) -> None:
    assert "No model yet" in texts(open_page("compare"))


def test_explains_that_one_version_is_not_enough(database: Database, open_page: OpenPage) -> None:
    trained(database)
    page = open_page("compare", model="breast_cancer")
    assert "`breast_cancer` has 1 version" in texts(page)
    assert not page.exception


def test_compares_the_champion_with_the_newest_other_version(
    database: Database, open_page: OpenPage
) -> None:
    trained(database)
    trained(database, algorithm="random_forest", parameters={"n_estimators": 10})
    aliases.promote(database, "breast_cancer", 1, actor="ada", reason="first")
    page = open_page("compare", model="breast_cancer")
    assert not page.exception
    assert not page.error
    metrics = table(page, "verdict")
    assert metrics["metric"].tolist()[0] == "accuracy"
    assert set(metrics["verdict"]) <= {"unclear", "version 1", "version 2"}
    clear = int((metrics["verdict"] != "unclear").sum())
    assert f"{10 - clear} are unclear." in texts(page) or clear == 0
    assert "Both answered the same 143 held-out rows of version 2." in texts(page)
    unlike = table(page, "name")
    assert unlike["b"].tolist()[0] == "random forest"
    assert "fingerprint" not in unlike["name"].tolist()
    speed = table(page, "ratio")
    assert speed["what"].tolist()[-1] == "Files to load"
    # Differences of one unit and of another, calibration, and costs.
    assert len(page.get("vega_lite_chart")) == 4


def test_a_version_is_not_compared_with_itself(database: Database, open_page: OpenPage) -> None:
    trained(database)
    trained(database)
    page = open_page("compare", model="breast_cancer", a="2", b="2")
    assert "Both are version 2. Choose two different versions." in texts(page)


def test_the_same_choices_twice_show_no_difference(database: Database, open_page: OpenPage) -> None:
    trained(database)
    trained(database)
    page = open_page("compare", model="breast_cancer", a="1", b="2")
    assert "#### No clear difference in any of 10 metrics." in texts(page)
    assert "Each row that one has right, the other has right too." in texts(page)
    assert "They give all 143 rows the same label." in texts(page)
    assert set(table(page, "verdict")["enough"]) == {"alike"}
    assert "are the same in both" in texts(page)


def test_regressions_are_compared_without_labels(database: Database, open_page: OpenPage) -> None:
    trained(database, "diabetes")
    trained(database, "diabetes", parameters={"alpha": 100.0})
    page = open_page("compare", model="diabetes")
    assert table(page, "verdict")["metric"].tolist() == [
        *("mae", "rmse", "r2", "median_ae", "bias"),
    ]
    headings = [heading.value for heading in page.subheader]
    for heading in ("Where they disagree", "Calibration", "Thresholds and costs"):
        assert heading not in headings
    assert "What differs" in headings


def test_what_a_miss_costs_is_chosen_and_kept_in_the_address(
    database: Database, open_page: OpenPage
) -> None:
    trained(database)
    trained(database, algorithm="random_forest", parameters={"n_estimators": 10})
    page = open_page("compare", model="breast_cancer", a="1", b="2", cost="10")
    assert page.select_slider(key="compare_cost").value == 10
    expected = comparison.compare(
        database,
        registry.version(database, "breast_cancer", 1),
        registry.version(database, "breast_cancer", 2),
        Store.of(Settings.from_environment()),
        timing=False,
    )
    best = costs(expected.thresholds, 1.0, 10.0).best
    for number, row in enumerate(best.to_dict("records"), start=1):
        said = f"Version {number} costs **{row['cost_at_half']:.3f}** false alarms a row"
        assert said in texts(page)
    page = page.select_slider(key="compare_cost").set_value(5.0).run()
    assert page.query_params["cost"] == "5"
    page = page.segmented_control(key="compare_figure").set_value("recall").run()
    assert not page.exception
    assert len(page.get("vega_lite_chart")) == 4


def test_more_versions_stand_in_a_table_the_best_first(
    database: Database, open_page: OpenPage
) -> None:
    for depth in (1, 2, 3):
        forest = {"n_estimators": 10, "max_depth": depth}
        trained(database, algorithm="random_forest", parameters=forest)
    page = open_page("compare", model="breast_cancer", a="1", b="2")
    assert "Add versions to see all of them on the same rows." in texts(page)
    page = page.multiselect(key="compare_with_breast_cancer").set_value(["3"]).run()
    assert not page.error
    assert page.query_params["with"] == "3"
    found = table(page, "behind")
    assert sorted(found["version"]) == [1, 2, 3]
    assert found["accuracy"].is_monotonic_decreasing
    assert found["clear"].tolist()[0] == "best"


def answered(database: Database, settings: Settings, n: int) -> pd.DataFrame:
    """Rows of which version 1 answered each; returns them, oldest first."""
    rows = rows_of("breast_cancer", n)
    logged(database, settings, registry.version(database, "breast_cancer", 1), rows)
    return rows


def ids_of(database: Database) -> list[bytes]:
    """The logged rows' ids, oldest first."""
    with database.read() as connection:
        query = sa.select(predictions_table.c.prediction_id).order_by(predictions_table.c.at)
        return list(connection.scalars(query))


def tell(database: Database, rows: pd.DataFrame) -> None:
    """The truth of each of the logged rows comes in."""
    target = datasets.load("builtin:breast_cancer").target
    told = [
        Truth(predictions.text_of(key), str(truth), None)
        for key, truth in zip(ids_of(database), rows[target], strict=True)
    ]
    predictions.append_feedback(database, "breast_cancer", told)


def test_logged_rows_are_compared_once_their_truth_is_known(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    two_versions(database)
    rows = answered(database, settings, 80)
    page = open_page("compare", model="breast_cancer", rows="log")
    assert page.error[0].value.startswith("A comparison needs at least 30 logged rows with truth")
    assert "On logged traffic" in [heading.value for heading in page.subheader]
    tell(database, rows)
    clear_caches()
    page = open_page("compare", model="breast_cancer", rows="log")
    assert not page.error
    assert "Both answered the same 80 logged rows with truth." in texts(page)
    assert "may have been trained on 80 of these 80 rows" in texts(page)


def test_a_table_is_compared_once_it_is_uploaded(database: Database, open_page: OpenPage) -> None:
    trained(database)
    trained(database)
    page = open_page("compare", model="breast_cancer", rows="table")
    assert "Metrics" not in [heading.value for heading in page.subheader]
    content = rows_of("breast_cancer", 60).to_csv(index=False).encode()
    page = page.file_uploader[0].set_value(("new.csv", content, "text/csv")).run()
    assert not page.error
    assert "Both answered the same 60 rows of `new.csv`." in texts(page)
    page = page.file_uploader[0].set_value(("bad.csv", b"a,b\n1,2\n", "text/csv")).run()
    assert "`bad.csv`" in page.error[0].value


def test_traffic_is_answered_again_by_a_job_and_its_figures_are_shown(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    two_versions(
        database, algorithm="random_forest", parameters={"n_estimators": 10, "max_depth": 2}
    )
    rows = answered(database, settings, 200)
    tell(database, rows)
    page = open_page("compare", model="breast_cancer", a="1", b="2")
    page = page.button(key="compare_rescore").click().run()
    [job] = jobs.recent(database, "rescore")
    assert (job.params["model"], job.params["version"]) == ("breast_cancer", 2)
    assert "**Rescoring with version 2**" in texts(page)
    assert "compare_rescore" not in [button.key for button in page.button]

    found = finish(database, settings)
    page = open_page("compare", model="breast_cancer", a="1", b="2")
    assert not page.exception
    assert found.agreement is not None
    assert found.truth is not None
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Rows compared"] == "200"
    assert metrics["Newly wrong"] == str(found.truth.newly_wrong.n)
    assert found.message.split(" It changes")[0] in texts(page)
    assert table(page, "from_label")["n"].sum() == 200 - found.agreement.n
    looked = table(page, "open").iloc[0]
    assert looked["open"] == (
        f"what-if?model=breast_cancer&version=2&prediction={looked['prediction_id']}"
    )
    assert page.button(key="compare_rescore").label == "Rescore again"


def test_a_rescoring_of_another_window_is_shown_as_such(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    two_versions(database)
    answered(database, settings, 40)
    page = open_page("compare", model="breast_cancer", a="1", b="2")
    page.button(key="compare_rescore").click().run()
    finish(database, settings)
    page = open_page("compare", model="breast_cancer", a="1", b="2", window="24h")
    assert page.info[0].value.startswith("What follows is of another window")
    assert page.button(key="compare_rescore").label == "Rescore with version 2"
    page = open_page("compare", model="breast_cancer", a="2", b="1")
    assert "Same label" not in [metric.label for metric in page.metric]


def finish(database: Database, settings: Settings) -> Rescoring:
    """Run the one rescoring that waits, as its worker would; returns what it found."""
    number = claims.claim(database, "w")
    assert number is not None
    job = jobs.get(database, number)
    context = JobContext(database, settings, job)
    document = rescoring.run_job(context, **job.params)
    context.close()
    claims.finish(database, number, "w", state="done", result=document)
    clear_caches()
    return rescoring.from_json(document["rescoring"])


def two_versions(database: Database, name: str = "breast_cancer", **choices: Any) -> None:
    """A champion, and a challenger beside it."""
    trained(database, name)
    trained(database, name, **choices)
    aliases.promote(database, name, 1, actor="ada", reason="first")
    aliases.set_challenger(database, name, 2, actor="ada", reason="worth a look")


def shadowed(database: Database, settings: Settings, version: int) -> None:
    """A version's answers to what was logged, and a reason for the oldest row."""
    own = registry.version(database, "breast_cancer", version)
    frame = rows_of("breast_cancer", 40)
    scored = artefacts.load(database, own, Store.of(settings)).score_frame(frame)
    assert scored.labels is not None
    assert scored.scores is not None
    labels = [None, *map(str, scored.labels[1:])]
    scores = [None, *map(float, scored.scores[1:])]
    errors = ["It could not answer these values (ValueError: no).", *[None] * 39]
    at = now() - 3_600_000_000
    beside = [
        ShadowRow(key, at, own.model, version, label, None, score, 0.1, error)
        for key, label, score, error in zip(ids_of(database), labels, scores, errors, strict=True)
    ]
    shadows.append(database, beside)


def test_the_shadow_is_off_until_it_is_switched_on(database: Database, open_page: OpenPage) -> None:
    two_versions(database)
    page = open_page("compare", model="breast_cancer", traffic="shadow")
    assert "The shadow of `breast_cancer` is off" in texts(page)
    assert "Nothing was scored in the shadow yet" in texts(page)
    page = page.toggle(key="compare_shadow_breast_cancer").set_value(True).run()
    assert not page.exception
    assert registry.model(database, "breast_cancer").shadow
    assert "version 2 scores what version 1 answers" in texts(page)
    assert "No shadow answers yet" in texts(page)
    page = page.toggle(key="compare_shadow_breast_cancer").set_value(False).run()
    assert not registry.model(database, "breast_cancer").shadow
    assert not page.toggle(key="compare_shadow_breast_cancer").value


def test_a_shadow_that_waits_for_a_challenger_leads_to_promote(
    database: Database, open_page: OpenPage
) -> None:
    trained(database)
    trained(database)
    aliases.promote(database, "breast_cancer", 1, actor="ada", reason="first")
    shadows.switch(database, "breast_cancer", True)
    page = open_page("compare", model="breast_cancer", traffic="shadow")
    assert page.toggle(key="compare_shadow_breast_cancer").value
    assert "is on and waits for a challenger: name one." in texts(page)
    links = [link.proto.label for link in page.get("page_link")]
    assert "Name a challenger" in links


def test_shadow_answers_have_the_same_view_as_those_given_again(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    two_versions(
        database, algorithm="random_forest", parameters={"n_estimators": 10, "max_depth": 2}
    )
    trained(database)
    tell(database, answered(database, settings, 40))
    shadowed(database, settings, 2)
    page = open_page("compare", model="breast_cancer", b="2", traffic="shadow")
    assert not page.exception
    assert not page.error
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Rows compared"] == "39"
    assert "Version 2 gives the same label to" in texts(page)
    assert table(page, "reason")["n"].tolist() == [1]
    assert "as they were stored when the requests came" in texts(page)
    # Of a version that was in no shadow, those of the challenger are shown, and it is said.
    page = open_page("compare", model="breast_cancer", b="3", traffic="shadow")
    assert "Version 3 has no shadow answers in this window; these are of version 2." in texts(page)


def test_a_window_without_shadow_answers_says_so(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    two_versions(database)
    answered(database, settings, 40)
    shadowed(database, settings, 2)
    query = {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z", "traffic": "shadow"}
    page = open_page("compare", model="breast_cancer", **query)
    assert "In this window version 2 has no shadow answers. Choose a longer one." in texts(page)
    assert not page.exception
