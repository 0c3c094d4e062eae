"""How a model stands: which version answers, since when, and what may answer instead."""

from dataclasses import dataclass

from backend.errors import Refused
from backend.records import aliases, registry
from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.registry import Model, Version


@dataclass(frozen=True)
class Standing:
    """One model's aliases and versions, read together.

    Attributes:
        model: the model, with the numbers that its aliases point at.
        versions: the registered versions, newest first.
        since: the promotion that made the present champion answer; None without a champion.
        earlier: the version that a roll-back goes to; None when there was no other champion.
    """

    model: Model
    versions: tuple[Version, ...]
    since: Promotion | None
    earlier: int | None

    @property
    def champion(self) -> Version | None:
        """The version that answers; None when none was promoted."""
        return self._numbered(self.model.champion)

    @property
    def challenger(self) -> Version | None:
        """The version that is compared with the champion, if one was named."""
        return self._numbered(self.model.challenger)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the versions, newest first."""
        return tuple(v.number for v in self.versions if v.number is not None)

    @property
    def candidates(self) -> tuple[int, ...]:
        """The versions that may be promoted: all but the champion, the challenger first."""
        others = [number for number in self.numbers if number != self.model.champion]
        return tuple(sorted(others, key=lambda number: number != self.model.challenger))

    def version(self, number: int) -> Version:
        """The version with this number; it must be one of `numbers`."""
        return next(v for v in self.versions if v.number == number)

    def _numbered(self, number: int | None) -> Version | None:
        return None if number is None else self.version(number)


def standing(database: Database, name: str) -> Standing:
    """Read how a model stands.

    Raises:
        NotFound: there is no such model.
    """
    model = registry.model(database, name)
    return Standing(
        model=model,
        versions=tuple(registry.versions_of(database, name)),
        since=_since(database, model),
        earlier=None if model.champion is None else _earlier(database, name),
    )


def _since(database: Database, model: Model) -> Promotion | None:
    moves = aliases.history(database, model.name, limit=None)
    champions = (move for move in moves if move.alias == registry.CHAMPION)
    return next((move for move in champions if move.to_number == model.champion), None)


def _earlier(database: Database, name: str) -> int | None:
    try:
        return aliases.previous_champion(database, name)
    except Refused:  # the first champion: a state to draw, not a fault
        return None
