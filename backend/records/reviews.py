"""Reviews: a drift report as it was, under the hash of its bytes, and what people decided on it.

The document and its files are blobs, written before the rows that name them. Entries (comments,
decisions, progress) are only ever added: the newest decision on a finding is the one that holds.
"""

import json
from collections.abc import Mapping

import sqlalchemy as sa

from backend.errors import ArtefactDamaged, NotFound, Refused, Unusable
from backend.records import (
    audit,
    blobs,
    registry,
    review_rows,
    review_rules,
    review_sentences,
)
from backend.records.database import Database, now
from backend.records.predictions import Window
from backend.records.review_rows import Entry, Review
from backend.records.review_rules import ACTIONS, DECISIONS, STATES
from backend.records.tables import review_entries, review_files, reviews

__all__ = ["ACTIONS", "DECISIONS", "STATES", "Entry", "Review"]


def add(
    database: Database,
    model: str,
    version: int,
    window: Window,
    status: str,
    content: bytes,
    files: Mapping[str, tuple[bytes, str]],
    *,
    actor: str,
) -> Review:
    """Keep a review.

    Args:
        content: its document: UTF-8 JSON, an object with `findings`, each with a `key`.
        files: name -> bytes and media type, of what belongs to it.

    Raises:
        NotFound: there is no such model.
        TooLarge: the document or a file has more than 512 MB.
    """
    sha256 = blobs.store(database, content)
    named = [
        {"name": name, "sha256": blobs.store(database, data), "media_type": media_type}
        for name, (data, media_type) in files.items()
    ]
    with database.write() as connection:
        registry.model_row(connection, model)
        row = reviews.insert().values(
            model=model,
            version=version,
            start=window.start,
            end=window.end,
            status=status,
            sha256=sha256,
            frozen_at=now(),
            frozen_by=actor,
        )
        found = connection.execute(row.returning(*reviews.c)).one()
        for one in named:
            connection.execute(review_files.insert().values(review_id=found.id, **one))
        detail = {"review": found.id, "version": version, "status": status, "sha256": sha256}
        audit.append(connection, actor=actor, action="review.freeze", subject=model, detail=detail)
    return review_rows.review_of(found)


def get(database: Database, review_id: int) -> Review:
    """One review.

    Raises:
        NotFound: there is none of that id.
    """
    with database.read() as connection:
        return review_rows.review_of(review_rows.review_row(connection, review_id))


def of_model(database: Database, model: str) -> list[Review]:
    """The reviews of a model, newest first."""
    query = sa.select(reviews).where(reviews.c.model == model).order_by(reviews.c.id.desc())
    with database.read() as connection:
        return [review_rows.review_of(row) for row in connection.execute(query)]


def all_recent(database: Database, limit: int = 100) -> list[Review]:
    """The newest reviews of all models, newest first."""
    query = sa.select(reviews).order_by(reviews.c.id.desc()).limit(limit)
    with database.read() as connection:
        return [review_rows.review_of(row) for row in connection.execute(query)]


def document(database: Database, review: Review) -> bytes:
    """The frozen document, verified against the review's hash.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    try:
        return blobs.fetch(database, review.sha256)
    except ArtefactDamaged as error:
        raise ArtefactDamaged(
            f"The document of review {review.id} is not what was frozen under"
            f" `{review.sha256[:12]}…`: bytes are missing or were altered, so it is not shown."
            " Restore the database from a backup."
        ) from error


def file_names(database: Database, review: Review) -> tuple[str, ...]:
    """The names of the files that belong to a review, in order."""
    c = review_files.c
    query = sa.select(c.name).where(c.review_id == review.id).order_by(c.name)
    with database.read() as connection:
        return tuple(connection.scalars(query))


def file(database: Database, review: Review, name: str) -> tuple[bytes, str]:
    """A file that belongs to a review: its bytes as they were kept, and their media type.

    Raises:
        NotFound: the review has no such file.
        ArtefactDamaged: its bytes are missing or altered.
    """
    c = review_files.c
    query = sa.select(c.sha256, c.media_type).where(c.review_id == review.id, c.name == name)
    with database.read() as connection:
        found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"Review {review.id} has no file `{name[:60]}`.")
    try:
        return blobs.fetch(database, found.sha256), str(found.media_type)
    except ArtefactDamaged as error:
        raise ArtefactDamaged(
            f"The file `{name}` of review {review.id} is missing bytes or was altered, so it is"
            " not shown. Restore the database from a backup."
        ) from error


def entries(database: Database, review_id: int) -> list[Entry]:
    """What was said and decided on a review, oldest first."""
    with database.read() as connection:
        return review_rows.entry_list(connection, review_entries.c.review_id == review_id)


def entries_of_model(database: Database, model: str) -> list[Entry]:
    """What was said and decided on all reviews of a model, oldest first."""
    own = sa.select(reviews.c.id).where(reviews.c.model == model)
    with database.read() as connection:
        return review_rows.entry_list(connection, review_entries.c.review_id.in_(own))


def comment(database: Database, review_id: int, finding: str, text: str, *, actor: str) -> Entry:
    """Say something on a finding, or on the whole review where `finding` is ''.

    Raises:
        NotFound: there is no such review or finding.
        Unusable: the text is empty, too long or no text.
    """
    review_rules.check_text(text)
    if not text.strip():
        raise Unusable("The comment is empty. Write what there is to say.")
    _check_finding(database, get(database, review_id), finding)
    with database.write() as connection:
        values = {"review_id": review_id, "finding": finding, "kind": "comment"}
        return review_rows.insert(connection, values | {"text": text, "actor": actor})


def decide(
    database: Database,
    review_id: int,
    finding: str,
    decision: str,
    *,
    owner: str | None,
    due_on: str | None,
    text: str,
    actor: str,
    seen: int | None,
) -> Entry:
    """Decide on a finding, in place of the decision that the person saw.

    Args:
        decision: one of `DECISIONS`.
        owner, due_on: who does it by which day (ISO 8601); None for `accept`.
        text: the reason; may be empty.
        seen: the id of the finding's newest decision that the person saw; None for none.

    Raises:
        NotFound: there is no such review or finding.
        Refused: the review is closed, or somebody decided meanwhile.
        Unusable: as `review_rules.check_decision` and `check_text`.
    """
    owner, due_on = (owner or "").strip() or None, due_on or None
    review_rules.check_decision(decision, owner, due_on)
    review_rules.check_text(text)
    if not finding:
        raise Unusable("A decision is on a finding. Name one of the review's findings.")
    _check_finding(database, get(database, review_id), finding)
    with database.write() as connection:
        row = review_rows.review_row(connection, review_id, lock=True)
        if row.closed_at is not None:
            raise Refused(review_sentences.closed(review_rows.review_of(row)))
        held = review_rows.held(connection, review_id, finding)
        if (held.id if held else None) != seen:
            raise Refused(review_sentences.decided_meanwhile(finding, held))
        values = {"review_id": review_id, "finding": finding, "kind": "decision"}
        values |= {"decision": decision, "owner": owner, "due_on": due_on}
        return review_rows.insert(connection, values | {"text": text, "actor": actor})


def progress(database: Database, decision_id: int, state: str, text: str, *, actor: str) -> Entry:
    """Say how far an action is; also after its review was closed.

    Args:
        decision_id: the decision's entry.
        state: one of `STATES`.

    Raises:
        NotFound: there is no such decision.
        Refused: another decision holds now, or the decision leaves nothing to do.
        Unusable: there is no such state, or the text is too long or no text.
    """
    review_rules.check_state(state)
    review_rules.check_text(text)
    c = review_entries.c
    with database.write() as connection:
        found = review_rows.entry_list(
            connection, sa.and_(c.id == decision_id, c.kind == "decision")
        )
        if not found:
            raise NotFound(f"There is no decision {decision_id}.")
        one = found[0]
        review_rows.review_row(connection, one.review_id, lock=True)
        newest = review_rows.held(connection, one.review_id, one.finding)
        if newest is not None and newest.id != one.id:
            raise Refused(
                f"Decision {one.id} no longer holds: {review_sentences.who(newest)}. Report on that"
                " one instead."
            )
        if one.decision not in ACTIONS:
            raise Refused(f"Decision {one.id} accepts the finding; there is nothing to do.")
        values = {"review_id": one.review_id, "finding": one.finding, "kind": "progress"}
        values |= {"decision_id": one.id, "state": state}
        return review_rows.insert(connection, values | {"text": text, "actor": actor})


def close(database: Database, review_id: int, *, actor: str) -> Review:
    """Close a review: it takes no more decisions. Comments and progress go on.

    Raises:
        NotFound: there is no such review.
        Refused: it is closed already.
    """
    with database.write() as connection:
        row = review_rows.review_row(connection, review_id, lock=True)
        if row.closed_at is not None:
            raise Refused(review_sentences.closed(review_rows.review_of(row)))
        change = reviews.update().where(reviews.c.id == review_id)
        change = change.values(closed_at=now(), closed_by=actor)
        closed = review_rows.review_of(connection.execute(change.returning(*reviews.c)).one())
        detail = {"review": closed.id}
        audit.append(
            connection, actor=actor, action="review.close", subject=closed.model, detail=detail
        )
        return closed


def _check_finding(database: Database, review: Review, finding: str) -> None:
    if not finding:
        return
    keys = [str(one["key"]) for one in json.loads(document(database, review))["findings"]]
    if finding not in keys:
        known = ", ".join(f"`{key}`" for key in keys[:8]) or "none: nothing moved"
        more = f" and {len(keys) - 8} more" if len(keys) > 8 else ""
        raise NotFound(
            f"Review {review.id} has no finding `{finding[:60]}`. Its findings are {known}{more}."
        )
