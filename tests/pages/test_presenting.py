"""Presenting a review or the live drift report: finding by finding, the place in the address."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend.records import reviews
from backend.records.database import Database
from backend.records.reviews import Review
from backend.settings import Settings
from console.reviews import meeting
from tests.pages.conftest import OpenPage, texts
from tests.pages.reviewed import reviewed


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database in which a review was frozen."""
    return reviewed(tmp_path_factory, tmp_path / "data")


@pytest.fixture
def review(database: Database) -> Review:
    """The review, of a window in which some features moved."""
    return reviews.get(database, 1)


def title(page: AppTest) -> str:
    """The heading of the slide; the page's own stands before it, hidden."""
    return str(page.title[-1].value)


def test_a_presentation_goes_through_the_findings_and_its_place_is_in_the_address(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    found = meeting.findings(meeting.opened(database, review))
    page = open_page("review", review=str(review.id))
    page = page.button(key="review_present").click().run()
    assert page.query_params["present"] == "1"
    assert title(page) == "Review of breast_cancer: drifted"
    assert page.button(key="present_back").disabled
    seen = []
    for place in range(1, len(found) + 1):
        page = page.button(key="present_next").click().run()
        assert page.query_params["finding"] == str(place)
        seen.append(title(page))
        assert found[place - 1].what in texts(page)
        assert "Not decided yet." in texts(page)
    assert seen == [finding.title for finding in found]

    page = page.button(key="present_next").click().run()
    assert title(page) == "What was decided"
    assert page.button(key="present_next").disabled
    page = page.button(key="present_leave").click().run()
    assert "present" not in page.query_params
    assert "finding" not in page.query_params
    assert page.query_params["review"] == str(review.id)


def test_who_is_sent_the_address_sees_the_same_slide(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    second = meeting.findings(meeting.opened(database, review))[1]

    page = open_page("review", review=str(review.id), present="1", finding="2")

    assert title(page) == second.title


@pytest.mark.parametrize("place", ["999999", "-1", "x", "1" * 40])
def test_a_place_that_is_none_is_the_nearest(
    review: Review, open_page: OpenPage, place: str
) -> None:
    page = open_page("review", review=str(review.id), present="1", finding=place)

    assert not page.exception
    is_end = place == "999999"
    assert title(page) == ("What was decided" if is_end else "Review of breast_cancer: drifted")


def test_a_decision_is_made_on_its_slide_where_escape_ends_the_form_only(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    page = open_page("review", review=str(review.id), present="1", finding="1")
    assert page.button(key="present_leave").proto.shortcut == "escape"
    page = page.button(key="present_decide").click().run()
    assert page.button(key="present_leave").proto.shortcut == ""
    name = f"{review.id}_0_0"
    page = page.segmented_control(key=f"review_decision_{name}").set_value("accept").run()
    page = page.button(key=f"review_decide_{name}").click().run()

    [held] = reviews.entries(database, review.id)
    assert held.decision == "accept"
    assert "**Accept.**" in texts(page)
    assert page.query_params["finding"] == "1"
    assert page.button(key="present_decide").label == "Decide again"


def test_the_live_drift_report_is_presented_too(review: Review, open_page: OpenPage) -> None:
    page = open_page("drift", model="breast_cancer", present="1")
    assert title(page) == "Drift of breast_cancer: drifted"
    page = page.button(key="present_next").click().run()
    assert title(page) == "worst texture"
    assert "worst texture" in texts(page)
    with pytest.raises(KeyError):
        page.button(key="drift_evidently")
    page = page.button(key="present_leave").click().run()
    assert not page.button(key="drift_evidently").disabled
