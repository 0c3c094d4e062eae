"""What people are told of an alert, in plain text and in Slack's form."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from backend.records.alerts import Alert
from console.windows import iso, utc

HEADS = {
    "opened": "Alert",
    "again": "Still firing after a snooze",
    "resolved": "Resolved",
    "test": "Test",
}
# Slack's own limits on blocks.
MOST_HEADER = 150
MOST_SECTION = 3_000


@dataclass(frozen=True)
class Message:
    """A message about an alert.

    Attributes:
        subject: a line.
        body: what it found, as a sentence or two.
        link: to the alert in the console; None where its address is not known.
        fields: the same for programs, as JSON.
    """

    subject: str
    body: str
    link: str | None
    fields: dict[str, Any]

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return "\n\n".join(part for part in (self.subject, self.body, self.link) if part)

    def to_slack(self) -> dict[str, Any]:
        """The JSON that Slack and those who speak its form take, with `watchdesk` beside it.

        Blocks are plain text: a category that a caller sent must not become a mention or a link.
        """
        blocks: list[dict[str, Any]] = [
            {"type": "header", "text": _plain(self.subject, MOST_HEADER)},
            {"type": "section", "text": _plain(self.body, MOST_SECTION)},
        ]
        if self.link is not None:
            button = {"type": "button", "text": _plain("Open in Watchdesk", 75), "url": self.link}
            blocks.append({"type": "actions", "elements": [button]})
        text = _escaped(self.text)
        return {"text": text, "blocks": blocks, "watchdesk": self.fields}


def of_alert(
    alert: Alert, event: str, console_url: str | None, *, is_first: bool = False
) -> Message:
    """The message that tells of something that happened to an alert.

    Args:
        is_first: none before it is known to have arrived: one that says that the alert is over
            says that it fired as well.
    """
    head, body = HEADS[event], alert.message  # of the newest look that fired
    if event == "resolved" and is_first:
        head = "Fired and resolved"
        body = (
            f"It fired on {utc(alert.opened_at)} and no longer does; no earlier message of it is"
            f" known to have arrived here. Before: {alert.message}"
        )
    elif event == "resolved":
        body = f"It no longer fires. Before: {alert.message}"
    subject = f"{head}: {alert.monitor} of {alert.model}"
    fields = {
        "event": event,
        "alert": alert.id,
        "model": alert.model,
        "monitor": alert.monitor,
        "kind": alert.kind,
        "message": alert.message,
        "figure": alert.figure,
        "opened_at": iso(alert.opened_at),
        "seen_at": iso(alert.seen_at),
        "resolved_at": None if alert.resolved_at is None else iso(alert.resolved_at),
        "assigned_to": alert.assigned_to,
    }
    link = _link(console_url, {"model": alert.model, "alert": str(alert.id)})
    return Message(_line(subject), body, link, fields | {"url": link})


def of_test(channel: str, console_url: str | None) -> Message:
    """The message that shows that a channel works."""
    body = f"This is a test of the channel {channel}. Alerts will look like this."
    link = _link(console_url, {})
    fields = {"event": "test", "channel": channel, "url": link}
    return Message(_line(f"Test: {channel}"), body, link, fields)


def _link(console_url: str | None, query: dict[str, str]) -> str | None:
    if console_url is None:
        return None
    address = f"{console_url}/alerts"
    return f"{address}?{urlencode(query)}" if query else address


def _line(text: str) -> str:
    """Text as one line, as a header must be."""
    return "".join(c if c.isprintable() else " " for c in text)


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:most], "emoji": False}


def _escaped(text: str) -> str:
    """Text that Slack does not read as its own marks."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
