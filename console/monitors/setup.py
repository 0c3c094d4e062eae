"""Setting monitors and channels up: what is checked before it is kept."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from backend.errors import NotFound, Unusable
from backend.records import aliases, channels, monitors, registry
from backend.records.channels import Channel
from backend.records.database import Database
from backend.records.monitors import MOST_NAME, Monitor
from backend.versions.signature import Signature
from console.monitors import rules
from console.monitors.suggest import Suggestion, suggested

__all__ = ["Suggestion", "add_channel", "add_monitor", "change_monitor", "set_up", "suggested"]

CHANNEL_KINDS = ("webhook", "email")
MOST_ADDRESS = 2_000
_EMAIL = re.compile(r"[^\s@,;:<>\"()\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def set_up(
    database: Database, model: str, *, actor: str, channels: Sequence[str] = ()
) -> list[Monitor]:
    """Add the suggested monitors whose names the model does not have yet; returns those added.

    Raises:
        NotFound: there is no such model or channel.
    """
    taken = {monitor.name for monitor in monitors.of_model(database, model)}
    return [
        add_monitor(
            database, model, one.kind, one.rule, actor=actor, name=one.name, channels=channels
        )
        for one in suggested(database, model)
        if one.name not in taken
    ]


def add_monitor(
    database: Database,
    model: str,
    kind: str,
    rule: Mapping[str, Any],
    *,
    actor: str,
    name: str | None = None,
    channels: Sequence[str] = (),
) -> Monitor:
    """Check a monitor and keep it; without a name it is called by its kind.

    Raises:
        NotFound: there is no such model or channel.
        Unusable: the rule or the name cannot be used.
        Refused: the model has a monitor of that name.
    """
    read = rules.checked(kind, rule, _features(database, model))
    _check_channels(database, channels)
    called = _name(rules.kind_of(kind).title if name is None else name, MOST_NAME, "monitor")
    return monitors.add(database, model, called, kind, read, actor=actor, channels=channels)


def change_monitor(
    database: Database,
    monitor_id: int,
    *,
    actor: str,
    rule: Mapping[str, Any] | None = None,
    name: str | None = None,
    channels: Sequence[str] | None = None,
    enabled: bool | None = None,
) -> Monitor:
    """Check a change and keep it; a rule that is given replaces the whole rule.

    Raises:
        NotFound, Unusable, Refused: as `add_monitor`.
    """
    before = monitors.get(database, monitor_id)
    if rule is not None:
        rule = rules.checked(before.kind, rule, _features(database, before.model))
    _check_channels(database, channels or ())
    called = None if name is None else _name(name, MOST_NAME, "monitor")
    return monitors.change(
        database,
        monitor_id,
        actor=actor,
        name=called,
        rule=rule,
        channels=channels,
        enabled=enabled,
    )


def add_channel(database: Database, name: str, kind: str, address: str, *, actor: str) -> Channel:
    """Check a channel and keep it; `kind` is webhook or email.

    Raises:
        Unusable: its name, kind or address cannot be used.
        Refused: there is one of that name.
    """
    if kind not in CHANNEL_KINDS:
        raise Unusable(f"`{kind[:60]}` is no kind of channel; expected `webhook` or `email`.")
    called, read = _name(name, 60, "channel"), address.strip()
    if not read or len(read) > MOST_ADDRESS or not read.isprintable():
        raise Unusable(
            f"A channel's address has 1 to {MOST_ADDRESS:,} printable characters; this has"
            f" {len(read):,}."
        )
    read = _url(read) if kind == "webhook" else _emails(read)
    return channels.add(database, called, kind, read, actor=actor)


def _url(address: str) -> str:
    """A webhook's URL. What is wrong with it is said without it: whoever knows it can post."""
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or " " in address:
        raise Unusable(
            "The webhook's address is no URL that messages can be posted to; expected one that"
            " begins with `https://` or `http://` and names a host."
        )
    return address


def _emails(address: str) -> str:
    found = [one.strip() for one in address.split(",") if one.strip()]
    bad = [one for one in found if not _EMAIL.fullmatch(one) or not one.isascii()]
    if bad or not 1 <= len(found) <= 20:
        what = f"`{bad[0][:60]}` is no e-mail address" if bad else f"There are {len(found)}"
        raise Unusable(f"{what}; expected 1 to 20 such as `name@example.com`, separated by commas.")
    return ", ".join(found)


def _name(text: str, most: int, what: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= most or not name.isprintable():
        raise Unusable(
            f"`{name[:60]}` cannot be a {what}'s name; expected 1 to {most} printable characters."
        )
    return name


def _check_channels(database: Database, names: Sequence[str]) -> None:
    known = [channel.name for channel in channels.all(database)]
    for name in names:
        if name not in known:
            listed = ", ".join(f"`{one}`" for one in known) or "none yet"
            raise NotFound(f"There is no channel `{name[:60]}`; there are: {listed}.")


def _features(database: Database, model: str) -> list[str] | None:
    """The features that a rule may name: the champion's, else the newest version's."""
    if registry.model(database, model).champion is not None:
        return Signature.from_json(aliases.champion(database, model).signature).names
    versions = registry.versions_of(database, model)
    return Signature.from_json(versions[0].signature).names if versions else None
