"""Models and their registered versions. `drafts.py` makes them, `aliases.py` says which answers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.errors import NotFound, Unusable
from backend.records import audit, protection, summaries
from backend.records.database import Database
from backend.records.removal import forget_reviews, remove_rows
from backend.records.tables import (
    aliases,
    models,
    monitors,
    promotion_requests,
    promotions,
    scenarios,
    shadow_predictions,
    version_files,
    versions,
)

CHAMPION = "champion"
CHALLENGER = "challenger"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class Model:
    """A named problem, and the numbers that its aliases point at."""

    name: str
    task: str
    target: str
    demo: bool
    created_at: int
    created_by: str
    shadow: bool
    champion: int | None
    challenger: int | None


@dataclass(frozen=True)
class Version:
    """One immutable trained artefact; `number` is None while it is a draft."""

    id: int
    model: str
    number: int | None
    algorithm: str
    task: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    evaluation: dict[str, Any]
    signature: dict[str, Any]
    data: dict[str, Any]
    environment: dict[str, Any]
    trained_seconds: float
    note: str
    created_at: int
    created_by: str
    registered_at: int | None
    compilation: dict[str, Any] | None
    manifest: dict[str, Any] | None
    files: dict[str, str]
    aliases: tuple[str, ...]


def all_models(database: Database) -> list[Model]:
    """Every model by name."""
    with database.read() as connection:
        rows = connection.execute(sa.select(models).order_by(models.c.name)).all()
        return [_model(connection, row) for row in rows]


def names(database: Database) -> tuple[str, ...]:
    """The names of all models, in order."""
    with database.read() as connection:
        return tuple(connection.scalars(sa.select(models.c.name).order_by(models.c.name)))


def model(database: Database, name: str) -> Model:
    """The model called `name`.

    Raises:
        NotFound: there is none.
    """
    with database.read() as connection:
        return _model(connection, model_row(connection, name))


def versions_of(database: Database, name: str) -> list[Version]:
    """The registered versions of a model, newest first.

    Raises:
        NotFound: there is no such model.
    """
    with database.read() as connection:
        model_row(connection, name)
        query = sa.select(versions).where(versions.c.model == name, versions.c.number.is_not(None))
        rows = connection.execute(query.order_by(versions.c.number.desc())).all()
        return version_list(connection, rows)


def version(database: Database, name: str, number: int) -> Version:
    """One registered version.

    Raises:
        NotFound: there is no such model or version.
    """
    with database.read() as connection:
        model_row(connection, name)
        return version_row(connection, name, number)


def check_name(name: str) -> None:
    """Check a model's name.

    Raises:
        Unusable: it cannot stand in an address.
    """
    if not NAME.fullmatch(name):
        raise Unusable(
            f"`{name[:110]}` cannot be a model's name; expected 1 to 100 letters, digits, `_`, `-`"
            " or `.`, beginning with a letter or digit."
        )


def remove_model(
    database: Database, name: str, *, actor: str = audit.UNKNOWN, with_protected: bool = False
) -> None:
    """Remove a model, its versions with their sketches, aliases, promotions and shadow answers.

    Its reviews and monitors go with it. Its log stays, and so do the hourly counts of it
    and what the audit log says of it.

    Args:
        with_protected: also with a champion, a challenger, or versions that a dossier or a review
            names: for the demo, all of which is made again.

    Raises:
        NotFound: there is no such model.
        Refused: it has such versions; the sentence names them.
    """
    with database.read() as connection:
        _check_removable(connection, name, with_protected)
    remove_rows(database, shadow_predictions, name)
    summaries.remove_sketches(database, name)
    with database.write() as connection:
        _check_removable(connection, name, with_protected, lock=True)
        summaries.forget_versions(connection, name)
        forget_reviews(connection, name)
        own = sa.select(versions.c.id).where(versions.c.model == name)
        connection.execute(aliases.delete().where(aliases.c.model == name))
        for table in (promotions, promotion_requests, scenarios, monitors):
            connection.execute(table.delete().where(table.c.model == name))
        connection.execute(version_files.delete().where(version_files.c.version_id.in_(own)))
        removed = connection.execute(versions.delete().where(versions.c.model == name)).rowcount
        connection.execute(models.delete().where(models.c.name == name))
        detail = {"versions": removed}
        audit.append(connection, actor=actor, action="remove_model", subject=name, detail=detail)


def _check_removable(
    connection: Connection, name: str, with_protected: bool, lock: bool = False
) -> None:
    model_row(connection, name, lock)
    if not with_protected:
        protection.check_model(connection, name)


def model_row(connection: Connection, name: str, lock: bool = False) -> Row[Any]:
    """A model's row, locked against other promoters if asked; NotFound if there is none."""
    query = sa.select(models).where(models.c.name == name)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no model `{name[:110]}`. Overview and `python -m console models` list all."
        )
    return row


def _model(connection: Connection, row: Row[Any]) -> Model:
    return Model(
        name=row.name,
        task=row.task,
        target=row.target,
        demo=bool(row.demo),
        created_at=row.created_at,
        created_by=row.created_by,
        shadow=bool(row.shadow),
        champion=alias_of(connection, row.name, CHAMPION),
        challenger=alias_of(connection, row.name, CHALLENGER),
    )


def alias_of(connection: Connection, name: str, alias: str) -> int | None:
    """The number that an alias points at."""
    return connection.scalar(
        sa.select(aliases.c.number).where(aliases.c.model == name, aliases.c.alias == alias)
    )


def version_row(connection: Connection, name: str, number: int) -> Version:
    """A registered version; NotFound if there is none."""
    query = sa.select(versions).where(versions.c.model == name, versions.c.number == number)
    # A number beyond an integer column is no version, and the driver would refuse it.
    row = connection.execute(query).one_or_none() if 0 < number < 2**31 else None
    if row is None:
        raise NotFound(
            f"Model `{name}` has no version {number}. `python -m console models` lists them."
        )
    return version_list(connection, [row])[0]


def version_list(connection: Connection, rows: Iterable[Row[Any]]) -> list[Version]:
    """Rows of `versions` with their files and aliases."""
    rows = list(rows)
    ids = [row.id for row in rows]
    files: dict[int, dict[str, str]] = {i: {} for i in ids}
    query = sa.select(version_files).where(version_files.c.version_id.in_(ids))
    for file in connection.execute(query):
        files[file.version_id][file.name] = file.sha256
    pointing: dict[tuple[str, int], list[str]] = {}
    names = {row.model for row in rows}
    for alias in connection.execute(sa.select(aliases).where(aliases.c.model.in_(names))):
        pointing.setdefault((alias.model, alias.number), []).append(alias.alias)
    return [
        Version(
            **row._asdict(),
            files=files[row.id],
            aliases=tuple(sorted(pointing.get((row.model, row.number), []))),
        )
        for row in rows
    ]
