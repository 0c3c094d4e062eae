"""Promote's rules and history: gates and policy written here, retention, who served when."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend.records import aliases, gate_texts, policies, registry
from backend.records.database import Database
from backend.records.policies import Policy
from backend.records.tables import versions
from backend.settings import Settings
from console.promotion import gates
from tests.pages.challenged import AS_GOOD, CHAMPION, MODEL, WORSE, challenged
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import table


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database with a champion and two candidates."""
    return challenged(tmp_path_factory, tmp_path / "data")


def key(page: AppTest, part: str) -> str:
    """The key of the one widget that has this part in its key."""
    kinds = (page.text_area, page.text_input, page.number_input, page.toggle, page.selectbox)
    found = [str(one.key) for kind in kinds for one in kind if part in str(one.key)]
    [only] = found
    return only


def write(page: AppTest, text: str) -> AppTest:
    """Write the gates' text and save it."""
    area = next(one for one in page.text_area if str(one.key).startswith("promote_rules_"))
    area.set_value(text)
    return page.button(key="promote_rules_save").click().run()


def test_gates_are_written_here_and_candidates_judged_by_them(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("promote", model=MODEL, version=str(AS_GOOD))
    page = write(page, "[floors]\naccuracy = 0.999\n")

    assert page.success[0].value == (
        "The gates of `breast_cancer` are saved; candidates are judged by them from now on."
    )
    assert gate_texts.get(database, MODEL) == "[floors]\naccuracy = 0.999\n"
    assert "Accuracy at least 0.999" in texts(page)
    assert page.button(key="promote_ask").disabled

    page = page.button(key="promote_rules_reset").click().run()
    assert gate_texts.get(database, MODEL) is None
    assert not page.button(key="promote_ask").disabled


def test_gates_are_tried_on_the_candidate_before_they_are_saved(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("promote", model=MODEL, version=str(AS_GOOD))
    page.text_area[-1].set_value("[floors]\naccuracy = 0.999\n")
    page = page.button(key="promote_rules_try").click().run()

    assert "**Version 3 by what is written above:**" in texts(page)
    tried = table(page, "message").set_index("title")
    assert tried.loc["Accuracy at least 0.999", "status"] == "Fail"
    assert gate_texts.get(database, MODEL) is None
    assert not page.button(key="promote_ask").disabled

    page.text_area[-1].set_value("[floors\n")
    page = page.button(key="promote_rules_try").click().run()
    assert page.error[0].value.startswith("The rules are not TOML:")


def test_gates_that_cannot_be_read_are_not_kept_and_stay_to_be_mended(
    database: Database, open_page: OpenPage
) -> None:
    page = write(open_page("promote", model=MODEL), "[floors]\nacuracy = 0.9\n")

    assert "`floors.acuracy` is not a metric" in page.error[0].value
    assert gate_texts.get(database, MODEL) is None
    assert page.text_area[-1].value == "[floors]\nacuracy = 0.9\n"


def test_gates_that_somebody_wrote_meanwhile_are_not_overwritten(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("promote", model=MODEL)
    gates.save_rules(database, MODEL, "[floors]\naccuracy = 0.8\n", actor="ben")

    page = write(page, "[floors]\naccuracy = 0.1\n")

    assert page.error[0].value == (
        "Somebody changed the gates of `breast_cancer` meanwhile, and nothing was overwritten."
        " Look at what they wrote, then save again."
    )
    assert gate_texts.get(database, MODEL) == "[floors]\naccuracy = 0.8\n"
    assert page.text_area[-1].value == "[floors]\naccuracy = 0.8\n"


def test_a_policy_is_saved_unless_somebody_changed_it_meanwhile(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("promote", model=MODEL)
    page.toggle(key=key(page, "_approval")).set_value(True)
    page.number_input(key=key(page, "_hours")).set_value(24)
    page = page.button(key="promote_policy_save").click().run()
    assert policies.of(database, MODEL) == Policy(approval=True, probation_hours=24)
    assert "Then another person must approve it." in texts(page)

    other = Policy(approval=True, probation_hours=48)
    policies.save(database, MODEL, other, actor="ben")
    page.toggle(key=key(page, "_approval")).set_value(False)
    page = page.button(key="promote_policy_save").click().run()
    assert "Somebody changed the policy" in page.error[0].value
    assert policies.of(database, MODEL) == other


def test_retention_is_shown_before_it_removes_what_nothing_needs(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("promote", model=MODEL)
    assert "All 3 versions are kept." in texts(page)

    policies.save(database, MODEL, Policy(keep_days=1, keep_last=1), actor="ben")
    _age(database, WORSE)
    page = page.run()
    planned = table(page, "becomes")
    assert planned.set_index("title")["becomes"].to_dict() == {
        "Version 1": "kept",
        "Version 2": "removed",
        "Version 3": "kept",
    }
    assert len(registry.versions_of(database, MODEL)) == 3

    page = page.button(key="promote_retention_apply").click().run()
    assert "1 version was removed" in page.success[0].value
    left = [version.number for version in registry.versions_of(database, MODEL)]
    assert left == [AS_GOOD, CHAMPION]


def test_a_roll_back_may_go_to_any_earlier_champion(
    database: Database, open_page: OpenPage
) -> None:
    for number in (WORSE, AS_GOOD):
        aliases.promote(database, MODEL, number, actor="ben", reason="Try it.")
    page = open_page("promote", model=MODEL)
    page = page.button(key="promote_rollback").click().run()
    assert "From now on version 2 (random forest)" in texts(page)

    page.selectbox(key=f"move_to_{MODEL}_{AS_GOOD}").set_value(CHAMPION)
    page.text_input(key="move_reason").set_value("Both were worse.")
    page.text_input(key="move_name").set_value("eva")
    page = page.button(key="move_agree").click().run()

    move = aliases.history(database, MODEL)[0]
    assert (move.kind, move.to_number, move.actor) == ("rollback", CHAMPION, "eva")
    assert "rolled back from version 3 to version 1" in page.success[0].value


def test_a_new_champion_is_on_probation_and_too_early_to_tell(
    database: Database, open_page: OpenPage
) -> None:
    aliases.promote(database, MODEL, WORSE, actor="ben", reason="Try it.")

    page = open_page("promote", model=MODEL)

    said = page.info[0].value
    assert said.startswith("Version 2 of `breast_cancer` is on probation until")
    assert "It is too early to tell." in said
    compared = table(page, "before")
    assert len(compared) == 5
    assert set(compared["status"]) == {"Cannot tell"}


def test_the_history_says_who_served_at_a_time_in_the_address(open_page: OpenPage) -> None:
    page = open_page("promote", model=MODEL, at="2011-04-07T14:00Z")
    assert (
        "Nothing served for `breast_cancer` at 7 Apr 2011, 14:00:00 UTC: no version was its"
        " champion yet."
    ) in texts(page)
    assert "Champions; no request came since the first promotion." in texts(page)
    assert "120 answered requests with times before the first promotion" in texts(page)

    page = open_page("promote", model=MODEL)
    assert "version 1 served for `breast_cancer`: promoted" in texts(page)


def _age(database: Database, number: int) -> None:
    """Let a version be older than any policy keeps."""
    old = versions.update().where(versions.c.model == MODEL, versions.c.number == number)
    with database.write() as connection:
        connection.execute(old.values(registered_at=1, created_at=1))
