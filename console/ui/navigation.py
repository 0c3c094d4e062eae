"""The pages, in one list: what stands in the navigation, and what links lead to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

FOLDER = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True)
class Place:
    """A page: its script's name, where it stands, and the question that it answers."""

    name: str
    title: str
    section: str
    icon: str
    question: str
    url: str

    @property
    def script(self) -> Path:
        """The page's script."""
        return FOLDER / f"{self.name}.py"


PLACES = (
    Place("overview", "Overview", "Monitor", "monitor_heart", "Is everything well?", "overview"),
    Place(
        "predictions",
        "Predictions",
        "Monitor",
        "receipt_long",
        "What was asked, and what was answered?",
        "predictions",
    ),
    Place(
        "drift",
        "Drift",
        "Monitor",
        "ssid_chart",
        "Has live data moved from the reference?",
        "drift",
    ),
    Place(
        "performance",
        "Performance",
        "Monitor",
        "target",
        "Is the champion still right, where truth is known and where it is not yet?",
        "performance",
    ),
    Place(
        "review",
        "Review",
        "Monitor",
        "groups",
        "What was found, what was decided, and who does it?",
        "review",
    ),
    Place(
        "alerts",
        "Alerts",
        "Monitor",
        "notifications",
        "What was noticed while nobody was looking?",
        "alerts",
    ),
    Place(
        "train",
        "Train",
        "Models",
        "model_training",
        "How good would a new version be?",
        "train",
    ),
    Place(
        "compare",
        "Compare",
        "Models",
        "compare_arrows",
        "Which of two versions is better, on the same rows?",
        "compare",
    ),
    Place("promote", "Promote", "Models", "verified", "Which version may answer?", "promote"),
    Place("what_if", "What-if", "Ask", "tune", "What would change this answer?", "what-if"),
)


def pages() -> dict[str, list[Page]]:
    """The pages by section, for `st.navigation`."""
    found: dict[str, list[Page]] = {}
    for place in PLACES:
        page = st.Page(
            place.script,
            title=place.title,
            icon=f":material/{place.icon}:",
            url_path=place.url,
            default=place.name == "overview",
            help=place.question,
        )
        found.setdefault(place.section, []).append(page)
    return found


def page_of(name: str) -> str:
    """The script of the page called `name`, for `st.switch_page`."""
    return str(next(place for place in PLACES if place.name == name).script)


def link(name: str, label: str | None = None, query: Mapping[str, str] | None = None) -> None:
    """Draw a link to the page called `name` (its script's name), with a query if given."""
    place = next(place for place in PLACES if place.name == name)
    st.page_link(
        str(place.script),
        label=label or place.title,
        icon=f":material/{place.icon}:",
        query_params=dict(query) if query else None,
    )
