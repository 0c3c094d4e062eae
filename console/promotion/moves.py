"""Moving aliases: the sentence that a person agrees to, the move, and the history of moves."""

from typing import Final, Literal

import pandas as pd

from backend.records import aliases
from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.predictions import to_time
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import anchors
from console.promotion import webhook
from console.promotion.standing import Standing

Kind = Literal["promote", "rollback", "assign", "withdraw"]

KINDS: Final = {
    "promote": "promoted",
    "rollback": "rolled back",
    "assign": "named challenger",
    "withdraw": "withdrew challenger",
}
"""What each kind of move is called in the history."""


def confirmation(standing: Standing, kind: Kind, number: int) -> str:
    """The sentence that names from and to, for the person who is about to move an alias."""
    model, present = f"`{standing.model.name}`", standing.champion
    chosen = _named(standing.version(number))
    if kind == "assign":
        return f"From now on {chosen} is compared with the champion of {model} as its challenger."
    if kind == "withdraw":
        return f"{_capital(chosen)} will no longer be the challenger of {model}."
    if present is None:
        return f"Nothing answers for {model} yet. From now on {chosen} will answer its requests."
    return (
        f"Requests for {model} are answered by {_named(present)}. From now on {chosen} will answer"
        " them instead."
    )


def done(move: Promotion) -> str:
    """The sentence for a move that was made."""
    to = f"version {move.to_number}"
    if move.kind == "withdraw":
        return f"Version {move.from_number} of `{move.model}` is no longer the challenger."
    if move.kind == "assign":
        return f"The challenger of `{move.model}` is now {to}."
    if move.from_number is None:
        return f"The champion of `{move.model}` is now {to}; it is its first."
    verb = "rolled back" if move.kind == "rollback" else "moved"
    return f"The champion of `{move.model}` {verb} from version {move.from_number} to {to}."


def promote(
    database: Database,
    name: str,
    number: int,
    *,
    actor: str,
    reason: str,
    seen: int | None,
    settings: Settings | None = None,
) -> Promotion:
    """Make a version the champion, if the champion is still the one that the person saw.

    Args:
        settings: whose webhook is told, and where the audit log is anchored; None: those of the
            environment.

    Raises:
        ChampionMoved: the champion is another than `seen` (None: there was none).
        Refused: the model asks for a request (`asking.ask`), or the version is the champion.
        NotFound, Unusable: as `backend.records.aliases.promote`.
    """
    told = settings or Settings.from_environment()
    announce = webhook.is_wanted(told)
    made = aliases.promote(
        database,
        name,
        number,
        actor=actor,
        reason=reason,
        expected_champion=seen,
        announce=announce,
    )
    anchors.keep(database, told)
    webhook.at_once(database, told, made.id)
    return made


def roll_back(
    database: Database,
    name: str,
    to: int | None,
    *,
    actor: str,
    reason: str,
    seen: int | None,
    settings: Settings | None = None,
) -> Promotion:
    """Make the earlier champion `to` answer again, if the champion is still the one seen.

    Args:
        to: None: the champion before the present one.
        settings: whose webhook is told, and where the audit log is anchored; None: those of the
            environment.

    Raises:
        ChampionMoved: the champion is another than `seen`.
        NotFound, Refused, Unusable: as `backend.records.aliases.rollback`.
    """
    told = settings or Settings.from_environment()
    announce = webhook.is_wanted(told)
    made = aliases.rollback(
        database,
        name,
        actor=actor,
        reason=reason,
        to=to,
        expected_champion=seen,
        announce=announce,
    )
    anchors.keep(database, told)
    webhook.at_once(database, told, made.id)
    return made


def set_challenger(
    database: Database, name: str, number: int | None, *, actor: str, reason: str
) -> Promotion:
    """Name the version to compare with the champion; None withdraws it.

    Raises:
        NotFound, Refused, Unusable: as `backend.records.aliases.set_challenger`.
    """
    return aliases.set_challenger(database, name, number, actor=actor, reason=reason)


def history(database: Database, name: str | None = None, limit: int = 100) -> pd.DataFrame:
    """The moves of aliases, newest first.

    Returns:
        One row per move: at (UTC timestamp), actor, model, move (a word of `KINDS`), from_number
        and to_number (nullable integers), reason.
    """
    moves = aliases.history(database, name, limit)
    return pd.DataFrame(
        {
            "at": to_time(pd.Series([move.at for move in moves], dtype="int64")),
            "actor": pd.Series([move.actor for move in moves], dtype=object),
            "model": pd.Series([move.model for move in moves], dtype=object),
            "move": pd.Series([KINDS[move.kind] for move in moves], dtype=object),
            "from_number": pd.Series([move.from_number for move in moves], dtype="Int64"),
            "to_number": pd.Series([move.to_number for move in moves], dtype="Int64"),
            "reason": pd.Series([move.reason for move in moves], dtype=object),
        }
    )


def _named(version: Version) -> str:
    return f"version {version.number} ({version.algorithm.replace('_', ' ')})"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
