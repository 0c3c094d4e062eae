"""Drafts: what training made and nobody has numbered yet. `register` makes one a version.

Rows alone: `versions/registration.py` signs what is added and registered, and is what to call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound, Refused
from backend.records import audit, blobs
from backend.records.database import Database, now
from backend.records.registry import Version, check_name, model_row, version_list
from backend.records.tables import models, version_files, versions

Manifest = dict[str, Any]
Sign = Callable[[Version, int], Manifest]


@dataclass(frozen=True)
class NewVersion:
    """What training hands over. `signature` is JSON; `files` are names to bytes.

    `manifest` is put to it when it is signed (`versions/registration.py`).
    """

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
    compilation: dict[str, Any] | None = None
    manifest: dict[str, Any] | None = None


def waiting(database: Database, name: str | None = None) -> list[Version]:
    """The drafts that wait to be registered, newest first."""
    with database.read() as connection:
        query = sa.select(versions).where(versions.c.number.is_(None))
        if name is not None:
            query = query.where(versions.c.model == name)
        return version_list(
            connection, connection.execute(query.order_by(versions.c.id.desc())).all()
        )


def one(database: Database, draft_id: int) -> Version:
    """A version by its row, draft or registered.

    Raises:
        NotFound: there is none.
    """
    with database.read() as connection:
        row = connection.execute(sa.select(versions).where(versions.c.id == draft_id)).one_or_none()
        if row is None:
            raise _gone(draft_id)
        return version_list(connection, [row])[0]


def add(database: Database, new: NewVersion, *, demo: bool = False) -> int:
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
        detail = {"draft": draft_id, "algorithm": new.algorithm, "files": files}
        audit.append(
            connection, actor=new.created_by, action="train", subject=new.model, detail=detail
        )
    return int(draft_id)


def register(
    database: Database, draft_id: int, sign: Sign, *, actor: str = audit.UNKNOWN
) -> Version:
    """Number a draft; one that is already registered is returned as it is.

    Args:
        database: where it is.
        draft_id: its row.
        sign: told the draft and its number, gives the manifest that is kept with it. What it
            raises leaves the draft unnumbered.
        actor: who registers it.

    Raises:
        NotFound: there is no such draft.
    """
    name = one(database, draft_id).model
    unnumbered = sa.and_(versions.c.id == draft_id, versions.c.number.is_(None))
    with database.write() as connection:
        number = model_row(connection, name, lock=True).last_number + 1
        row = connection.execute(sa.select(versions).where(unnumbered)).one_or_none()
        if row is not None:
            manifest = sign(version_list(connection, [row])[0], number)
            values = {"number": number, "registered_at": now(), "manifest": manifest}
            connection.execute(versions.update().where(unnumbered).values(**values))
            counted = models.update().where(models.c.name == name)
            connection.execute(counted.values(last_number=number))
            detail = {"draft": draft_id, "version": number}
            audit.append(connection, actor=actor, action="register", subject=name, detail=detail)
    return one(database, draft_id)


def resign(
    database: Database,
    version_id: int,
    sign: Callable[[Version], Manifest],
    *,
    actor: str = audit.UNKNOWN,
) -> None:
    """Put another manifest to a version or draft: what `sign` gives for what is there.

    Raises:
        NotFound: there is no such version.
    """
    same = versions.c.id == version_id
    with database.write() as connection:
        row = connection.execute(sa.select(versions).where(same)).one_or_none()
        if row is None:
            raise _gone(version_id)
        manifest = sign(version_list(connection, [row])[0])
        connection.execute(versions.update().where(same).values(manifest=manifest))
        detail = {"draft": version_id, "version": row.number, "key": manifest.get("key")}
        audit.append(connection, actor=actor, action="sign", subject=row.model, detail=detail)


def discard(database: Database, draft_id: int, *, actor: str = audit.UNKNOWN) -> None:
    """Remove a draft; its bytes are swept later.

    Raises:
        NotFound: there is no such draft.
        Refused: it has been registered.
    """
    found = one(database, draft_id)
    if found.number is not None:
        raise Refused(
            f"Draft {draft_id} is registered as version {found.number}; versions are kept."
        )
    with database.write() as connection:
        # As `register` does: else its files went while somebody numbers it.
        model_row(connection, found.model, lock=True)
        draft = sa.select(versions.c.id).where(
            versions.c.id == draft_id, versions.c.number.is_(None)
        )
        files = version_files.delete().where(version_files.c.version_id.in_(draft))
        connection.execute(files)
        if connection.execute(versions.delete().where(versions.c.id.in_(draft))).rowcount:
            detail = {"draft": draft_id}
            audit.append(
                connection, actor=actor, action="discard", subject=found.model, detail=detail
            )


def _gone(draft_id: int) -> NotFound:
    return NotFound(f"There is no draft {draft_id}. It may have been discarded.")


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
