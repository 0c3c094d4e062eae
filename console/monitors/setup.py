"""Setting monitors and channels up: what is checked before it is kept, and what is suggested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.records.channels import Channel
from backend.records.database import Database
from backend.records.monitors import Monitor


@dataclass(frozen=True)
class Suggestion:
    """A monitor that would suit a model: its name, kind and checked rule, and why so."""

    name: str
    kind: str
    rule: dict[str, Any]
    why: str


def suggested(database: Database, model: str) -> list[Suggestion]:
    """Sensible monitors for a model, fitted to how much traffic it has.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def set_up(
    database: Database, model: str, *, actor: str, channels: Sequence[str] = ()
) -> list[Monitor]:
    """Add the suggested monitors whose names the model does not have yet; returns those added.

    Raises:
        NotFound: there is no such model or channel.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
    """Check a change and keep it.

    Raises:
        NotFound, Unusable, Refused: as `add_monitor`.
    """
    raise NotImplementedError


def add_channel(database: Database, name: str, kind: str, address: str, *, actor: str) -> Channel:
    """Check a channel and keep it; `kind` is webhook or email.

    Raises:
        Unusable: its name, kind or address cannot be used.
        Refused: there is one of that name.
    """
    raise NotImplementedError
