"""Compare: nothing there, one version, two; what they share and what differs."""

from backend.records import aliases
from backend.records.database import Database
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
    assert "**No clear difference in any of 6 metrics.**" in texts(page)
    assert "Nowhere: they give all 143 rows the same label." in texts(page)
    assert "are the same in both" in texts(page)


def test_regressions_are_compared_without_labels(database: Database, open_page: OpenPage) -> None:
    trained(database, "diabetes")
    trained(database, "diabetes", parameters={"alpha": 100.0})
    page = open_page("compare", model="diabetes")
    assert table(page, "verdict")["metric"].tolist() == ["mae", "rmse", "r2"]
    assert "Where they disagree" not in [heading.value for heading in page.subheader]
