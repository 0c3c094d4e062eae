"""Compare: nothing there, one version, two; what they share and what differs."""

import uuid
from typing import Any

from backend.records import aliases, predictions, registry, shadows
from backend.records.database import Database, now
from backend.records.predictions import Row, Truth
from backend.records.shadows import ShadowRow
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import table, trained


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
    assert set(metrics["verdict"]) <= {
        "unclear",
        "version 1 is better",
        "version 2 is better",
    }
    assert "Both answered the same 143 held-out rows." in texts(page)
    unlike = table(page, "what")
    assert unlike["b"].tolist()[0] == "random_forest"
    assert "fingerprint" not in unlike["name"].tolist()
    charts = page.get("vega_lite_chart")
    assert len(charts) == len(metrics)


def test_a_version_is_not_compared_with_itself(database: Database, open_page: OpenPage) -> None:
    trained(database)
    trained(database)
    page = open_page("compare", model="breast_cancer", a="2", b="2")
    assert "Both are version 2. Choose two different versions." in texts(page)


def test_the_same_choices_twice_show_no_difference(database: Database, open_page: OpenPage) -> None:
    trained(database)
    trained(database)
    page = open_page("compare", model="breast_cancer", a="1", b="2")
    assert "**No clear difference in any of 10 metrics.**" in texts(page)
    assert "Nowhere: they give all 143 rows the same label." in texts(page)
    assert "are the same in both" in texts(page)


def test_regressions_are_compared_without_labels(database: Database, open_page: OpenPage) -> None:
    trained(database, "diabetes")
    trained(database, "diabetes", parameters={"alpha": 100.0})
    page = open_page("compare", model="diabetes")
    assert table(page, "verdict")["metric"].tolist() == [
        *("mae", "rmse", "r2", "median_ae", "bias"),
    ]
    assert "Where they disagree" not in [heading.value for heading in page.subheader]


def two_versions(database: Database, name: str = "breast_cancer", **choices: Any) -> None:
    """A champion, and a challenger beside it."""
    trained(database, name)
    trained(database, name, **choices)
    aliases.promote(database, name, 1, actor="ada", reason="first")
    aliases.set_challenger(database, name, 2, actor="ada", reason="worth a look")


def shadowed(database: Database, name: str, answers: list[dict[str, Any]]) -> list[str]:
    """Log answers of the champion and of the challenger; returns the prediction ids."""
    ids = []
    for i, answer in enumerate(answers):
        key, at = uuid.uuid4().bytes, now() - i * 1_000_000
        base = Row(key, key, at, name, 1, "live", "answered", "{}", None, None, None, 1.0, None)
        predictions.append(database, [base._replace(**answer["ours"])])
        beside = ShadowRow(key, at, name, 2, None, None, None, 0.1, None)
        shadows.append(database, [beside._replace(**answer["theirs"])])
        ids.append(predictions.text_of(key))
    return ids


def test_the_shadow_is_off_until_it_is_switched_on(database: Database, open_page: OpenPage) -> None:
    two_versions(database)
    page = open_page("compare", model="breast_cancer")
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
    page = open_page("compare", model="breast_cancer")
    assert page.toggle(key="compare_shadow_breast_cancer").value
    assert "is on and waits for a challenger: name one." in texts(page)
    links = [link.proto.label for link in page.get("page_link")]
    assert "Name a challenger" in links


def test_shadow_answers_stand_beside_the_champions(database: Database, open_page: OpenPage) -> None:
    two_versions(database)
    shadows.switch(database, "breast_cancer", True)
    same = {"ours": {"label": "benign", "score": 0.2}, "theirs": {"label": "benign", "score": 0.3}}
    moved = same | {"theirs": {"label": "malignant", "score": 0.9}}
    failed = same | {"theirs": {"error": "It could not answer these values (ValueError: no)."}}
    ids = shadowed(database, "breast_cancer", [*[same] * 8, moved, moved, failed])
    truths = [Truth(ids[8], "malignant", None), Truth(ids[0], "benign", None)]
    predictions.append_feedback(database, "breast_cancer", truths)
    page = open_page("compare", model="breast_cancer")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics == {
        "Shadow answers": "11",
        "Same label": "80.0 %",
        "Mean difference of the score": "0.22",
        "Largest difference": "0.7",
        "Not answered": "1",
    }
    assert "10 rows of version 2 beside the champion's." in texts(page)
    assert "lies between 49.0 % and 94.3 % (95 %, Wilson)." in texts(page)
    assert "Its scores are 0.22 higher on average." in texts(page)
    found = table(page, "challenger_right")
    assert found.to_numpy().tolist() == [["benign", "malignant", 2, 0, 1]]
    outcomes = table(page, "right").to_numpy().tolist()
    assert outcomes[0] == ["both are right", 1]
    assert outcomes[2] == ["only the challenger is right", 1]
    assert table(page, "prediction_id")["prediction_id"].tolist() == [ids[8], ids[9]]
    assert table(page, "error")["n"].tolist() == [1]


def test_shadow_values_of_a_regression_are_compared_by_their_distance(
    database: Database, open_page: OpenPage
) -> None:
    two_versions(database, "diabetes", parameters={"alpha": 100.0})
    pair = {"ours": {"value": 100.0}, "theirs": {"value": 130.0}}
    ids = shadowed(database, "diabetes", [pair, pair])
    predictions.append_feedback(database, "diabetes", [Truth(ids[0], None, 120.0)])
    page = open_page("compare", model="diabetes")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Mean difference of the value"] == "30"
    assert "Same label" not in metrics
    assert "The mean absolute error is 20 for the champion and 10 for version 2." in texts(page)
    assert "##### Largest differences" in texts(page)
    assert "The shadow of `diabetes` is off" in texts(page)


def test_a_window_without_shadow_answers_says_so(database: Database, open_page: OpenPage) -> None:
    two_versions(database)
    same = {"ours": {"label": "benign", "score": 0.2}, "theirs": {"label": "benign", "score": 0.3}}
    shadowed(database, "breast_cancer", [same])
    query = {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}
    page = open_page("compare", model="breast_cancer", **query)
    assert "In this window version 2 has no shadow answers. Choose a longer one." in texts(page)
    assert not page.exception
