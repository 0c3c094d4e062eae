"""Bytes in the database: artefacts and reports, in chunks under the sha256 of the whole.

Chunks are written one short transaction each, so that answers never wait for a large model; the
row that names them comes last. What no row names is swept.
"""

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import ArtefactDamaged, TooLarge
from backend.records.database import Database, now
from backend.records.tables import (
    blob_chunks,
    blobs,
    job_files,
    promotion_requests,
    promotions,
    review_files,
    reviews,
    version_files,
)

CHUNK_BYTES = 1 << 20
MOST_BYTES = 512 << 20
CHUNKS_AT_ONCE = 32


def store(database: Database, content: bytes) -> str:
    """Keep `content` and return its sha256; what is already there is not written again.

    Raises:
        TooLarge: it has more than 512 MB.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(
            f"The artefact has {len(content) >> 20:,} MB; the limit is {MOST_BYTES >> 20} MB."
            " Train a smaller model (fewer trees, less depth)."
        )
    sha256 = hashlib.sha256(content).hexdigest()
    if _touched(database, sha256):
        return sha256
    positions = range(0, max(len(content), 1), CHUNK_BYTES)
    for position, start in enumerate(positions):
        _write_chunk(database, sha256, position, content[start : start + CHUNK_BYTES])
    with database.write() as connection:
        _take_turns(connection, sha256)
        known = connection.scalar(sa.select(blobs.c.sha256).where(blobs.c.sha256 == sha256))
        if known is None:
            connection.execute(
                blobs.insert().values(
                    sha256=sha256, size=len(content), chunks=len(positions), created_at=now()
                )
            )
    return sha256


def fetch(database: Database, sha256: str) -> bytes:
    """The bytes under `sha256`, verified.

    Raises:
        ArtefactDamaged: they are missing, cut short or altered.
    """
    with database.read() as connection:
        blob = connection.execute(sa.select(blobs).where(blobs.c.sha256 == sha256)).one_or_none()
        if blob is None:
            raise ArtefactDamaged(_damaged(sha256, "is not in the database"))
        chunks = connection.execute(
            sa.select(blob_chunks.c.bytes)
            .where(blob_chunks.c.sha256 == sha256, blob_chunks.c.position < blob.chunks)
            .order_by(blob_chunks.c.position)
        ).scalars()
        content = b"".join(chunks)
    verify(content, sha256)
    return content


def verify(content: bytes, sha256: str) -> None:
    """Check that `content` is what was stored under `sha256`.

    Raises:
        ArtefactDamaged: it is not.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ArtefactDamaged(_damaged(sha256, "is missing bytes or was altered"))


def sweep(database: Database, older_than_seconds: float = 3_600) -> int:
    """Remove what no version, job, review or promotion names: so many blobs and loose chunks went.

    Younger ones stay: their row may be on its way. Each blob goes in a transaction of its own and
    its chunks some at a time, so that answers do not wait for large artefacts.
    """
    before = now() - int(older_than_seconds * 1_000_000)
    unnamed = sa.and_(blobs.c.created_at < before, blobs.c.sha256.not_in(_named()))
    with database.read() as connection:
        found = connection.scalars(sa.select(blobs.c.sha256).where(unnamed)).all()
    removed = 0
    for sha256 in found:
        with database.write() as connection:
            # Asked again: since it was listed somebody may have stored or named it.
            gone = blobs.delete().where(blobs.c.sha256 == sha256, unnamed)
            if not connection.execute(gone).rowcount:
                continue
        removed += 1
        _sweep_chunks(database, before, blob_chunks.c.sha256 == sha256)
    return removed + _sweep_chunks(database, before, sa.true())


def _named() -> sa.CompoundSelect[tuple[str]]:
    """The hashes of all that a row names."""
    naming = (version_files, job_files, reviews, review_files, promotion_requests)
    dossiers = sa.select(promotions.c.dossier).where(promotions.c.dossier.is_not(None))
    return sa.union(*(sa.select(table.c.sha256) for table in naming), dossiers)


def _sweep_chunks(database: Database, before: int, which: sa.ColumnElement[bool]) -> int:
    """Remove old chunks that no blob's row names; returns how many there were."""
    c = blob_chunks.c
    loose = sa.and_(which, c.created_at < before, c.sha256.not_in(sa.select(blobs.c.sha256)))
    removed = 0
    while True:
        with database.write() as connection:
            keys = sa.select(c.sha256, c.position).where(loose).limit(CHUNKS_AT_ONCE)
            found = connection.execute(keys).all()
            for sha256, position in found:
                one = sa.and_(c.sha256 == sha256, c.position == position)
                connection.execute(blob_chunks.delete().where(one))
        removed += len(found)
        if len(found) < CHUNKS_AT_ONCE:
            return removed


def _touched(database: Database, sha256: str) -> bool:
    """Whether it is there; if so its age starts again, so that no sweep takes it meanwhile."""
    with database.write() as connection:
        touch = blobs.update().where(blobs.c.sha256 == sha256).values(created_at=now())
        return connection.execute(touch).rowcount > 0


def _write_chunk(database: Database, sha256: str, position: int, content: bytes) -> None:
    same = sa.and_(blob_chunks.c.sha256 == sha256, blob_chunks.c.position == position)
    with database.write() as connection:
        _take_turns(connection, sha256)
        connection.execute(blob_chunks.delete().where(same))
        connection.execute(
            blob_chunks.insert().values(
                sha256=sha256, position=position, bytes=content, created_at=now()
            )
        )


def _take_turns(connection: Connection, sha256: str) -> None:
    """Let those who store the same bytes at once wait for each other until the commit.

    On PostgreSQL each would find that they are not there yet; SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        number = int(sha256[:15], 16)  # 60 bits: a lock's number is signed and has 64
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _damaged(sha256: str, what: str) -> str:
    return (
        f"The artefact `{sha256[:12]}…` {what}, so it is not served. Restore the database from a"
        " backup, or train the version again."
    )
