"""Promote: nothing there, one version, several; a promotion, a race, a roll-back, a challenger."""

from streamlit.testing.v1 import AppTest

from backend.records import aliases, registry
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
    history = table(page, "reason")
    assert history["reason"].tolist() == ["It is the first."]
    assert history["actor"].tolist() == ["tester"]


def test_a_promotion_names_from_and_to_and_can_be_rolled_back(
    database: Database, open_page: OpenPage
) -> None:
    trained(database)
    trained(database, algorithm="random_forest", parameters={"n_estimators": 10})
    aliases.promote(database, "breast_cancer", 1, actor="ada", reason="first")
    page = open_page("promote", model="breast_cancer", version="2")
    figures = table(page, "chosen")
    assert figures["title"].tolist()[0] == "Accuracy"
    assert "Log loss (lower is better)" in figures["title"].tolist()
    page = page.button(key="promote_open").click().run()
    assert (
        "Requests for `breast_cancer` are answered by version 1 (logistic regression). From now"
        " on version 2 (random forest) will answer them instead."
    ) in texts(page)
    page = agree(page, "Fewer misses.")
    assert champion(database) == 2
    page = page.button(key="promote_rollback").click().run()
    page = agree(page, "It was slow.")
    assert champion(database) == 1
    assert "rolled back from version 2 to version 1" in texts(page)


def test_a_champion_that_moved_meanwhile_is_said_and_kept(
    database: Database, open_page: OpenPage
) -> None:
    for _ in range(3):
        trained(database)
    aliases.promote(database, "breast_cancer", 1, actor="ada", reason="first")
    page = open_page("promote", model="breast_cancer", version="2")
    page = page.button(key="promote_open").click().run()
    aliases.promote(database, "breast_cancer", 3, actor="grace", reason="quicker than you")
    page = agree(page, "Fewer misses.")
    assert page.error[0].value == (
        "The champion of `breast_cancer` is version 3, not version 1 as you saw. Look at the new"
        " champion, then decide again."
    )
    assert champion(database) == 3


def test_a_promotion_without_a_reason_is_refused(database: Database, open_page: OpenPage) -> None:
    trained(database)
    page = open_page("promote", model="breast_cancer")
    page = page.button(key="promote_open").click().run()
    page = agree(page, "   ")
    assert "The reason is empty" in texts(page)
    assert champion(database) is None


def test_a_challenger_is_named_and_withdrawn(database: Database, open_page: OpenPage) -> None:
    trained(database)
    trained(database)
    aliases.promote(database, "breast_cancer", 1, actor="ada", reason="first")
    page = open_page("promote", model="breast_cancer")
    page = page.button(key="promote_assign").click().run()
    page = agree(page, "Worth a look.")
    assert registry.model(database, "breast_cancer").challenger == 2
    page = page.button(key="promote_withdraw").click().run()
    agree(page, "Seen enough.")
    assert registry.model(database, "breast_cancer").challenger is None
