"""What is put around Evidently's page."""

from collections.abc import Callable

import pytest

from backend.errors import Unusable
from backend.records.predictions import Window
from backend.records.registry import Version
from console.drift.evidently.page import FENCE, Page
from console.reports_route import SANDBOX
from tests.console.drift.logs import START

PAGE = "<html><head><style></style></head><body><script>draw()</script></body></html>"


def test_a_page_says_what_it_shows_and_asks_nobody(registered: Callable[..., Version]) -> None:
    version = registered("iris")
    page = Page("Drift", version, Window(START, START + 60_000_000), "From all 60 <predictions>.")
    found = page.around(PAGE)
    assert f'<head><meta http-equiv="Content-Security-Policy" content="{FENCE}">' in found
    assert "<title>Drift · iris, version 1</title>" in found
    assert "13 Mar 2011 07:00 to 13 Mar 2011 07:01 UTC. From all 60 &lt;predictions&gt;." in found
    assert found.endswith("<script>draw()</script></body></html>")


def test_a_copy_is_fenced_in_as_the_console_serves_it() -> None:
    served = {rule.strip() for rule in SANDBOX.split(";")}
    copied = {rule.strip() for rule in FENCE.split(";")}
    assert served - copied == {"sandbox allow-scripts", "frame-ancestors 'self'"}


def test_the_end_of_time_is_a_date(registered: Callable[..., Version]) -> None:
    page = Page("Drift", registered("iris"), Window(0, 1 << 60), "")
    assert "1 Jan 1970 00:00 to 31 Dec 9999 23:59 UTC" in page.around(PAGE)


def test_a_page_that_cannot_be_fenced_in_is_not_kept(registered: Callable[..., Version]) -> None:
    with pytest.raises(Unusable, match="lacks `<head>` or `<body>`"):
        Page("Drift", registered("iris"), Window(0, 1), "").around("<p>something else</p>")
