"""What is put around a page of Evidently's: what it shows, and a fence that goes with each copy."""

import html
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.errors import Unusable
from backend.records.predictions import Window
from backend.records.registry import Version

# As the console serves it (see `console.reports_route`), but for `sandbox` and `frame-ancestors`,
# which browsers take from a header only.
FENCE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
LAST = 253_402_300_799_000_000  # the end of 9999, the last that a date can hold
_HEAD, _BODY = "<head>", "<body>"
_STYLE = "font: 14px/1.5 system-ui, sans-serif; margin: 0; padding: 12px 24px"


@dataclass(frozen=True)
class Page:
    """One report: its title, the version and the window (UTC), and a sentence on its rows."""

    title: str
    version: Version
    window: Window
    rows: str

    def around(self, page: str) -> str:
        """Evidently's page with a title, a line that says what it is about, and a policy.

        The policy lets the page's own scripts draw and forbids it every request, also when a
        saved copy is opened from a disk.

        Raises:
            Unusable: it is not a page as this release of Evidently makes it.
        """
        if _HEAD not in page or _BODY not in page:
            raise Unusable(
                f"Evidently's page lacks `{_HEAD}` or `{_BODY}`, so it cannot be fenced in."
                " Install the release that `requirements.txt` names."
            )
        name = f"{self.title} · {self.version.model}, version {self.version.number}"
        stretch = f"{_utc(self.window.start)} to {_utc(self.window.end)} UTC"
        title, line = html.escape(name), html.escape(f"{stretch}. {self.rows}")
        head = f'{_HEAD}<meta http-equiv="Content-Security-Policy" content="{FENCE}">'
        shown = f'{_BODY}<p style="{_STYLE}"><b>{title}</b><br>{line}</p>'
        page = page.replace(_HEAD, f"{head}<title>{title}</title>", 1)
        return page.replace(_BODY, shown, 1)


def _utc(moment: int) -> str:
    at = datetime.fromtimestamp(min(moment, LAST) / 1_000_000, UTC)
    return f"{at.day} {at:%b %Y %H:%M}"
