"""Promote without a dossier: a promotion, a champion that moved meanwhile, back, a challenger."""

from pathlib import Path

import pytest

from backend.records import aliases, registry
from backend.records.database import Database
from backend.settings import Settings
from tests.pages.challenged import AS_GOOD, MODEL, WORSE, challenged
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import table
from tests.pages.test_promote import agree, champion


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database with a champion and two candidates."""
    return challenged(tmp_path_factory, tmp_path / "data")


def test_a_promotion_names_from_and_to_and_can_be_rolled_back(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("promote", model=MODEL, version=str(AS_GOOD))
    figures = table(page, "chosen")
    assert figures["title"].tolist()[0] == "Accuracy"
    assert "Log loss (lower is better)" in figures["title"].tolist()
    page = page.button(key="promote_open").click().run()
    assert (
        "Requests for `breast_cancer` are answered by version 1 (logistic regression). From now"
        " on version 3 (logistic regression) will answer them instead."
    ) in texts(page)
    page = agree(page, "Fewer misses.")
    assert champion(database) == AS_GOOD
    page = page.button(key="promote_rollback").click().run()
    page = agree(page, "It was slow.")
    assert champion(database) == 1
    assert "rolled back from version 3 to version 1" in texts(page)


def test_a_champion_that_moved_meanwhile_is_said_and_kept(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("promote", model=MODEL, version=str(AS_GOOD))
    page = page.button(key="promote_open").click().run()
    aliases.promote(database, "breast_cancer", WORSE, actor="grace", reason="quicker than you")
    page = agree(page, "Fewer misses.")
    assert page.error[0].value == (
        "The champion of `breast_cancer` is version 2, not version 1 as you saw. Look at the new"
        " champion, then decide again."
    )
    assert champion(database) == WORSE


def test_there_is_no_way_past_a_gate_that_fails(open_page: OpenPage) -> None:
    page = open_page("promote", model=MODEL, version=str(WORSE))
    assert not [one for one in page.button if one.key == "promote_open"]
    assert page.button(key="promote_ask").disabled


def test_a_challenger_is_named_and_withdrawn(database: Database, open_page: OpenPage) -> None:
    page = open_page("promote", model=MODEL)
    page = page.button(key="promote_assign").click().run()
    page = agree(page, "Worth a look.")
    assert (
        registry.model(database, "breast_cancer").challenger == 3
    )  # the newest that is not champion
    page = page.button(key="promote_withdraw").click().run()
    agree(page, "Seen enough.")
    assert registry.model(database, "breast_cancer").challenger is None
