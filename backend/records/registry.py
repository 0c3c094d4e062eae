"""Models and their versions. Training makes a draft, `register` numbers it; a number is never
used twice. Which version answers is in `aliases.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.errors import NotFound, Refused, Unusable
from backend.records import blobs
from backend.records.database import Database, now
from backend.records.tables import aliases, models, promotions, version_files, versions

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
    champion: int | None
    challenger: int | None


@dataclass(frozen=True)
class NewVersion:
    """What training hands over. `signature` is JSON; `files` are names to bytes."""

    model: str
    algorithm: str
    task: str
    target: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    evaluation: dict[str, Any]
    signature: dict[str, Any]
    data: dict[str, Any]
    environment: dict[str, Any]
    trained_seconds: float
    note: str
    created_by: str
    files: dict[str, bytes]


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
        return _versions(connection, rows)


def version(database: Database, name: str, number: int) -> Version:
    """One registered version.

    Raises:
        NotFound: there is no such model or version.
    """
    with database.read() as connection:
        model_row(connection, name)
        return version_row(connection, name, number)


def drafts(database: Database, name: str | None = None) -> list[Version]:
    """The drafts that wait to be registered, newest first."""
    with database.read() as connection:
        query = sa.select(versions).where(versions.c.number.is_(None))
        if name is not None:
            query = query.where(versions.c.model == name)
        return _versions(connection, connection.execute(query.order_by(versions.c.id.desc())).all())


def draft(database: Database, draft_id: int) -> Version:
    """A version by its row, draft or registered.

    Raises:
        NotFound: there is none.
    """
    with database.read() as connection:
        row = connection.execute(sa.select(versions).where(versions.c.id == draft_id)).one_or_none()
        if row is None:
            raise NotFound(f"There is no draft {draft_id}. It may have been discarded.")
        return _versions(connection, [row])[0]


def add_draft(database: Database, new: NewVersion, *, demo: bool = False) -> int:
    """Keep what training made, and return the draft's id; makes the model if it is new.

    The files are in the database before the row that names them.

    Raises:
        Unusable: the model's name has characters that an address cannot carry.
        Refused: the model exists with another task or target.
        TooLarge: a file is over its limit.
    """
    check_name(new.model)
    files = {name: blobs.store(database, content) for name, content in new.files.items()}
    with database.write() as connection:
        _ensure_model(connection, new, demo)
        columns = set(versions.c.keys()) & set(NewVersion.__dataclass_fields__)
        values = {column: getattr(new, column) for column in columns}
        inserted = versions.insert().values(**values, created_at=now()).returning(versions.c.id)
        draft_id = connection.execute(inserted).scalar_one()
        connection.execute(
            version_files.insert(),
            [{"version_id": draft_id, "name": n, "sha256": s} for n, s in files.items()],
        )
    return int(draft_id)


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


def register(database: Database, draft_id: int) -> Version:
    """Number a draft; one that is already registered is returned as it is.

    Raises:
        NotFound: there is no such draft.
    """
    name = draft(database, draft_id).model
    unnumbered = sa.and_(versions.c.id == draft_id, versions.c.number.is_(None))
    with database.write() as connection:
        number = model_row(connection, name, lock=True).last_number + 1
        numbered = versions.update().where(unnumbered).values(number=number, registered_at=now())
        if connection.execute(numbered).rowcount:
            counted = models.update().where(models.c.name == name)
            connection.execute(counted.values(last_number=number))
    return draft(database, draft_id)


def discard(database: Database, draft_id: int) -> None:
    """Remove a draft; its bytes are swept later.

    Raises:
        NotFound: there is no such draft.
        Refused: it has been registered.
    """
    found = draft(database, draft_id)
    if found.number is not None:
        raise Refused(
            f"Draft {draft_id} is registered as version {found.number}; versions are kept."
        )
    with database.write() as connection:
        connection.execute(version_files.delete().where(version_files.c.version_id == draft_id))
        connection.execute(
            versions.delete().where(versions.c.id == draft_id, versions.c.number.is_(None))
        )


def remove_model(database: Database, name: str) -> None:
    """Remove a model with its versions, aliases and promotions; its log stays.

    Raises:
        NotFound: there is no such model.
    """
    with database.write() as connection:
        model_row(connection, name)
        own = sa.select(versions.c.id).where(versions.c.model == name)
        connection.execute(aliases.delete().where(aliases.c.model == name))
        connection.execute(promotions.delete().where(promotions.c.model == name))
        connection.execute(version_files.delete().where(version_files.c.version_id.in_(own)))
        connection.execute(versions.delete().where(versions.c.model == name))
        connection.execute(models.delete().where(models.c.name == name))


def _ensure_model(connection: Connection, new: NewVersion, demo: bool) -> None:
    found = connection.execute(sa.select(models).where(models.c.name == new.model)).one_or_none()
    if found is None:
        connection.execute(
            models.insert().values(
                name=new.model,
                task=new.task,
                target=new.target,
                demo=demo,
                created_at=now(),
                created_by=new.created_by,
            )
        )
    elif (found.task, found.target) != (new.task, new.target):
        raise Refused(
            f"Model `{new.model}` predicts `{found.target}` ({found.task}); this version predicts"
            f" `{new.target}` ({new.task}). Give it another model's name."
        )


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
    return _versions(connection, [row])[0]


def _versions(connection: Connection, rows: Iterable[Row[Any]]) -> list[Version]:
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
