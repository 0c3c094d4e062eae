"""The page: self-contained, without a script, and harmless whatever callers sent."""

from datetime import date, timedelta
from html.parser import HTMLParser

from backend.records import review_rules, reviews
from console.charts.base import DARK, LIGHT
from console.reviews import page, svg
from console.reviews.sheet import STYLE
from tests.console.reviews.conftest import HOSTILE, MOVED, QUIET, Logged

KEY = f"feature:{HOSTILE}"
DUE: date = review_rules.earliest_today() + timedelta(days=7)
HARMLESS = {
    *("html", "head", "meta", "title", "style", "body", "section", "article", "header", "footer"),
    *("h1", "h2", "h3", "h4", "p", "b", "i", "br", "span", "div", "code", "blockquote", "figure"),
    *("figcaption", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "path", "line", "rect", "circle", "text"),
}


class Elements(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_whatever_was_sent_and_said_stays_text(logged: Logged) -> None:
    review = logged.freeze(MOVED, actor=HOSTILE)
    reviews.comment(logged.database, review.id, KEY, f'{HOSTILE}" onload="x', actor=HOSTILE)
    reviews.comment(logged.database, review.id, "", "<img src=https://example.org>", actor="ada")
    reviews.decide(
        logged.database,
        review.id,
        KEY,
        "watch",
        owner=HOSTILE,
        due_on=DUE.isoformat(),
        text=HOSTILE,
        actor=HOSTILE,
        seen=None,
    )
    content = page.html(logged.database, review)
    found = Elements(content)
    assert set(found.tags) <= HARMLESS
    assert not {name for name in found.attributes if name.startswith("on")}
    assert not {"src", "href"} & found.attributes
    assert "url(" not in content
    assert "@import" not in content
    assert content.count("default-src 'none'") == 1
    # It is all there, as text: title, reason, owner, comment.
    assert found.text.count(HOSTILE) > 8


def test_the_page_says_what_was_decided_and_how_to_verify_it(logged: Logged) -> None:
    first = logged.freeze(MOVED)
    reviews.decide(
        logged.database,
        first.id,
        KEY,
        "data_fault",
        owner="Grace",
        due_on=DUE.isoformat(),
        text="The unit changed.",
        actor="ada",
        seen=None,
    )
    text = Elements(page.html(logged.database, first)).text
    due = f"{DUE.day} {DUE:%b %Y}"
    for said in ("Data fault", "Grace", due, "The unit changed.", first.sha256):
        assert said in text
    assert DUE.isoformat() not in text
    # At a glance and with the finding itself.
    assert text.count(due) == 2
    assert "Earlier reviews left nothing to do." in text
    second = logged.freeze(QUIET)
    late = page.html(logged.database, second, today=DUE + timedelta(days=1))
    assert "Overdue" in Elements(late).text
    assert due in Elements(late).text
    assert DUE.isoformat() not in late
    assert "Overdue" not in Elements(page.html(logged.database, second, today=DUE)).text


def test_undecided_findings_have_boxes_to_fill_until_the_review_is_closed(logged: Logged) -> None:
    review = logged.freeze(MOVED)
    boxes = page.html(logged.database, review).count('class="boxes"')
    assert boxes == len([1 for _ in Elements(page.html(logged.database, review)).tags if _ == "h3"])
    closed = reviews.close(logged.database, review.id, actor="ada")
    content = page.html(logged.database, closed)
    assert content.count('class="boxes"') == 0
    assert "The review was closed without a decision on this." in content


def test_each_chart_is_drawn_from_the_frozen_data() -> None:
    bars = {"kind": "bars", "title": "T", "names": ["<b>"], "reference": [0.2], "current": [0.4]}
    drawn = svg.chart(bars | {"n_reference": 10, "n_current": 20})
    assert "&lt;b&gt;" in drawn
    assert ("20 %" in drawn, "40 %" in drawn, "n = 20" in drawn) == (True, True, True)
    line = {"name": "a", "values": [1.0, None, 3.0], "low": None, "high": None}
    at = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]
    lines = {"kind": "lines", "title": "T", "unit": "", "at": at, "series": [line], "level": None}
    # A gap leaves two points alone, and no line from one to the other.
    assert svg.chart(lines).count("<circle") == 2
    assert svg.chart({"kind": "lines", "title": "T", "unit": "", "at": [], "series": []}) == ""
    assert svg.chart({"kind": "pie", "title": "T"}) == ""


def test_ticks_are_round_and_within() -> None:
    assert svg.ticks(0.0, 1.0, 4) == [0.0, 0.5, 1.0]
    assert svg.ticks(13.0, 47.0, 3) == [20.0, 40.0]
    assert svg.ticks(5.0, 5.0, 3) == [5.0]


def test_its_colours_are_those_of_the_charts() -> None:
    for palette in (LIGHT, DARK):
        for colour in (palette.ink, palette.muted, palette.grid, *palette.series):
            assert colour in STYLE
