"""Channels: where alerts are sent. An address may be a secret, and is shown shortened."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa

from backend.errors import NotFound, Refused
from backend.records import audit
from backend.records.database import Database, now
from backend.records.tables import channels, monitors


@dataclass(frozen=True)
class Channel:
    """A channel; `kind` is webhook or email.

    `address` is a URL, or e-mail addresses separated by commas. Who knows a webhook's URL can
    post to it, so readers are shown `shown`.
    """

    name: str
    kind: str
    address: str
    created_at: int
    created_by: str

    @property
    def shown(self) -> str:
        """The address without what is secret: of a URL the host alone."""
        if self.kind != "webhook":
            return self.address
        return urlsplit(self.address).hostname or "?"


def add(database: Database, name: str, kind: str, address: str, *, actor: str) -> Channel:
    """Keep a new channel; `console.monitors.channels.add` checks name and address first.

    Raises:
        Refused: there is one of that name.
    """
    made = Channel(name, kind, address, now(), actor)
    with database.write() as connection:
        same = sa.select(channels.c.name).where(channels.c.name == name)
        if connection.scalar(same) is not None:
            raise Refused(
                f"There is a channel named `{name}` already. Choose another name, or remove it."
            )
        connection.execute(channels.insert().values(**vars(made)))
        # Not the address of a webhook: who can read it can post there.
        detail = {"kind": kind, "address": made.shown}
        audit.append(connection, actor=actor, action="channel.add", subject=name, detail=detail)
    return made


def remove(database: Database, name: str, *, actor: str = audit.UNKNOWN) -> None:
    """Remove a channel, and take it from the monitors that name it.

    Raises:
        NotFound: there is none of that name.
    """
    with database.write() as connection:
        gone = connection.execute(channels.delete().where(channels.c.name == name)).rowcount
        if not gone:
            raise _unknown(name)
        query = sa.select(monitors.c.id, monitors.c.channels).with_for_update()
        told = [row for row in connection.execute(query).all() if name in row.channels]
        for row in told:
            kept = [each for each in row.channels if each != name]
            same = monitors.c.id == row.id
            connection.execute(monitors.update().where(same).values(channels=kept))
        detail = {"monitors": [row.id for row in told]}
        audit.append(connection, actor=actor, action="channel.remove", subject=name, detail=detail)


def all(database: Database) -> list[Channel]:  # noqa: A001  # read as `channels.all`
    """Every channel by name."""
    with database.read() as connection:
        rows = connection.execute(sa.select(channels).order_by(channels.c.name))
        return [Channel(**row._asdict()) for row in rows]


def get(database: Database, name: str) -> Channel:
    """One channel.

    Raises:
        NotFound: there is none of that name.
    """
    with database.read() as connection:
        query = sa.select(channels).where(channels.c.name == name)
        row = connection.execute(query).one_or_none()
    if row is None:
        raise _unknown(name)
    return Channel(**row._asdict())


def _unknown(name: str) -> NotFound:
    return NotFound(
        f"There is no channel `{name[:60]}`. `python -m console channels` lists all of them."
    )
