"""Probation of a model's champion: what is compared with what, and what it amounts to."""

from collections.abc import Sequence
from typing import Final

from backend.records import policies, protection, registry
from backend.records.database import Database, now
from backend.records.predictions import Window
from backend.versions.artefacts import Store
from console.promotion.probation.results import Finding, Probation
from console.promotion.probation.sides import Side
from console.promotion.probation.traffic import drifted, refused
from console.promotion.probation.truth import estimated, realized, same_rows
from console.promotion.spans import Served, spans
from console.windows import DAY, HOUR, utc

LEAST_BEFORE: Final = 7 * DAY
"""The old champion's stretch is no shorter than this: a week has all of its hours and days."""


def probation(
    database: Database, model: str, store: Store, moment: int | None = None
) -> Probation | None:
    """Whether the champion's first hours speak for going back; None where nothing is on probation.

    That is where the model has no champion, where it was rolled back to or is the first, where the
    policy asks for no probation, and when twice its hours have passed.

    Rows count by their own times, so a replayed history with times before the promotion is part of
    what was before.

    Args:
        moment: UTC µs; None: now.

    Raises:
        NotFound: there is no such model.
        ArtefactDamaged, Unavailable: one of the versions cannot be read.
    """
    hours = policies.of(database, model).probation_hours
    reigns = spans(database, model)
    at = now() if moment is None else moment
    if not _is_on(reigns, hours, at) or not _is_there(database, model, reigns[-2].version):
        return None
    new, old = reigns[-1], reigns[-2]
    until = new.since + hours * HOUR
    start = max(old.since, new.since - max(hours * HOUR, LEAST_BEFORE))
    windows = (
        Window(min(start, new.since - 1), new.since),
        Window(new.since, max(min(at, until), new.since + 1)),
    )
    found = _findings(database, model, store, (old.version, new.version), windows)
    return Probation(
        model=model,
        promotion=new.move,
        version=new.version,
        against=old.version,
        hours=hours,
        before=windows[0],
        after=windows[1],
        until=until,
        running=at < until,
        findings=found,
        proposes_rollback=any(one.proposes for one in found),
        reasons=tuple(one.message for one in found if one.proposes),
        message=_message(model, new, old, until, at < until, found),
    )


def _is_on(reigns: Sequence[Served], hours: int, at: int) -> bool:
    """Whether the newest champion is watched at a moment."""
    if len(reigns) < 2 or reigns[-1].move.kind != "promote":
        return False
    since = reigns[-1].since
    return since <= at < since + 2 * hours * HOUR


def _is_there(database: Database, model: str, number: int) -> bool:
    with database.read() as connection:
        return number in protection.numbers(connection, model)


def _findings(
    database: Database,
    model: str,
    store: Store,
    numbers: tuple[int, int],
    windows: tuple[Window, Window],
) -> tuple[Finding, ...]:
    before, after = (
        Side.of(database, registry.version(database, model, number), window)
        for number, window in zip(numbers, windows, strict=True)
    )
    fair = same_rows(database, store, before, after)
    actual = realized(before, after, fair)
    known = _tells(actual) or _tells(fair)
    estimate = estimated(database, store, before, after, known=known)
    traffic = (refused(before, after), drifted(database, store, before, after))
    return (actual, fair, estimate, *traffic)


def _tells(one: Finding) -> bool:
    return one.status != "unknown"


def _message(
    model: str,
    new: Served,
    old: Served,
    until: int,
    running: bool,
    found: Sequence[Finding],
) -> str:
    """The sentences for Overview and Promote."""
    head = f"Version {new.version} of `{model}` is on probation until {utc(until)}"
    if not running:
        head = f"The probation of version {new.version} of `{model}` ended at {utc(until)}"
    reasons = [one.message for one in found if one.proposes]
    if reasons:
        n = "A reason speaks" if len(reasons) == 1 else f"{len(reasons)} reasons speak"
        return f"{head}. {n} for rolling back to version {old.version}: {reasons[0]}"
    told = [one for one in found[:3] if _tells(one)]
    if told:
        return f"{head}. Nothing speaks for rolling back. {told[0].message}"
    return f"{head}. It is too early to tell. {found[0].message}"
