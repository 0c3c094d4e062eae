"""Promote without anything there, and with a first version."""

from streamlit.testing.v1 import AppTest

from backend.records import registry
from backend.records.database import Database
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import table, trained


def agree(page: AppTest, reason: str) -> AppTest:
    """Fill in the open dialog and agree."""
    page.text_input(key="move_reason").set_value(reason)
    return page.button(key="move_agree").click().run()


def champion(database: Database) -> int | None:
    return registry.model(database, "breast_cancer").champion


def test_says_what_to_do_without_any_model(open_page: OpenPage) -> None:
    page = open_page("promote")
    assert "No model yet" in texts(page)
    assert not page.exception


def test_a_first_version_is_offered_and_becomes_champion(
    database: Database, open_page: OpenPage
) -> None:
    trained(database)
    page = open_page("promote", model="breast_cancer")
    assert "##### None yet" in texts(page)
    assert "Answers with ONNX: all 426 reference rows and 2,001 probes agree" in texts(page)
    page = page.button(key="promote_open").click().run()
    assert (
        "Nothing answers for `breast_cancer` yet. From now on version 1 (logistic regression)"
        " will answer its requests."
    ) in texts(page)
    page = agree(page, "It is the first.")
    assert champion(database) == 1
    assert "The champion of `breast_cancer` is now version 1; it is its first." in texts(page)
    assert "There is no other version" in texts(page)
    assert "Champions; no request came since the first promotion." in texts(page)
    history = table(page, "reason")
    assert history["reason"].tolist() == ["It is the first."]
    assert history["actor"].tolist() == ["tester"]


def test_a_promotion_without_a_reason_is_refused(database: Database, open_page: OpenPage) -> None:
    trained(database)
    page = open_page("promote", model="breast_cancer")
    page = page.button(key="promote_open").click().run()
    page = agree(page, "   ")
    assert "The reason is empty" in texts(page)
    assert champion(database) is None
