"""Removing one version or draft for good, unless something speaks against it at that moment."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound, Refused
from backend.records import audit, protection
from backend.records.database import Database
from backend.records.registry import Version, model_row, version_list
from backend.records.tables import (
    blobs,
    job_files,
    promotion_requests,
    promotions,
    review_files,
    reviews,
    version_files,
    versions,
)

ACTION = "remove_version"
"""The action of the audit log's row."""


def remove(
    database: Database,
    version: Version,
    *,
    actor: str,
    why: Sequence[str] = (),
    since: int | None = None,
) -> None:
    """Remove a version or draft: its row and files go with the row of the audit log.

    Promoters and requests of the model wait for it, or it for them; what they did counts. Its
    bytes go with the next sweep (`blobs.sweep`). Its number is never given again. It has no
    sketches: what answered rows of the log is protected.

    Args:
        version: as it was seen.
        why: the reasons, for the audit log; phrases that follow `it`.
        since: as in `protection.protected`.

    Raises:
        NotFound: it is gone already.
        Refused: it is protected, or a draft that was registered since.
    """
    after = _looked(database, version, since)
    with database.write() as connection:
        model_row(connection, version.model, lock=True)
        found = _again(connection, version)
        if found.number is not None:
            protection.check(connection, found.model, found.number, since=since, after=after)
        same = version_files.c.version_id == found.id
        connection.execute(version_files.delete().where(same))
        connection.execute(versions.delete().where(versions.c.id == found.id))
        detail = {
            "version": found.number,
            "draft": found.id,
            "algorithm": found.algorithm,
            "files": found.files,
            "why": list(why),
        }
        audit.append(connection, actor=actor, action=ACTION, subject=found.model, detail=detail)


def _looked(database: Database, version: Version, since: int | None) -> int | None:
    """Look before the transaction, too, and say up to which row of the log nothing was found.

    On SQLite answers wait for a transaction that writes, so it must not read millions of rows that
    no summary holds yet; and a row that comes later has a greater id. On PostgreSQL neither is so.

    Raises:
        Refused: the version is protected.
    """
    if version.number is None or not database.is_sqlite:
        return None
    with database.snapshot() as connection:
        after = protection.newest_row(connection)
        protection.check(connection, version.model, version.number, since=since)
    return after


def _again(connection: Connection, seen: Version) -> Version:
    """The version as it is now.

    Raises:
        NotFound, Refused: as `remove`.
    """
    row = connection.execute(sa.select(versions).where(versions.c.id == seen.id)).one_or_none()
    if row is None or row.model != seen.model:
        raise NotFound(f"{_named(seen)} of `{seen.model}` is gone already.")
    if row.number != seen.number:
        raise Refused(f"Draft {seen.id} was registered meanwhile, as version {row.number}.")
    return version_list(connection, [row])[0]


def _named(version: Version) -> str:
    return f"Draft {version.id}" if version.number is None else f"Version {version.number}"


def sizes(database: Database, hashes: Iterable[str]) -> dict[str, int]:
    """The bytes of each blob, by its sha256; none of one that is not there."""
    query = sa.select(blobs.c.sha256, blobs.c.size).where(blobs.c.sha256.in_(set(hashes)))
    with database.read() as connection:
        return {row.sha256: int(row.size) for row in connection.execute(query)}


def held(database: Database, hashes: Iterable[str], without: Iterable[int]) -> set[str]:
    """The blobs of these that something names: versions but for those `without`, jobs, reviews …

    Args:
        without: ids of versions and drafts.
    """
    wanted = set(hashes)
    queries = [
        sa.select(version_files.c.sha256).where(
            version_files.c.sha256.in_(wanted), version_files.c.version_id.not_in(set(without))
        ),
        *(
            sa.select(table.c.sha256).where(table.c.sha256.in_(wanted))
            for table in (job_files, reviews, review_files, promotion_requests)
        ),
        sa.select(promotions.c.dossier).where(promotions.c.dossier.in_(wanted)),
    ]
    with database.read() as connection:
        return set(connection.scalars(sa.union(*queries)))
