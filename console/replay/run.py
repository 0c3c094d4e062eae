"""Running a replay: read, score, log and tell the truth, a thousand rows at a time.

The id of a replayed prediction follows from the version, the row's time and its values, so a
replay that was stopped or is run twice finds what is logged already and adds the rest. Equal rows
of one table are told apart by their count.
"""

import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd
import sqlalchemy as sa
import uuid_utils
from sqlalchemy.engine import Connection

from backend.errors import Refused, Unusable
from backend.records import aliases, predictions, registry
from backend.records.database import Database
from backend.records.predictions import ROWS_PER_TRANSACTION, Row, Truth
from backend.records.registry import Version
from backend.records.tables import predictions as log
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from console.replay import rows
from console.replay.choices import Choices, Result, arrives_after
from console.replay.table import Item, Table, open_table

Report = Callable[[float, str], None]


class Context(Protocol):
    """What a job is given (`console.jobs`), as far as a replay needs it."""

    @property
    def database(self) -> Database: ...

    @property
    def settings(self) -> Settings: ...

    def progress(self, share: float, message: str) -> None:
        """Show how far the job is; raises when it was cancelled."""

    def log(self, line: str) -> None:
        """Add a line to the job's log."""


def run_job(context: Context, *, data: str, **choices: Any) -> dict[str, Any]:
    """Replay as a job; the other arguments are the fields of `Choices`.

    Returns:
        `Result.to_json`.

    Raises:
        NotFound, Refused, TooLarge, Unusable: as `replay`, or the data cannot be read.
    """
    chosen = Choices(**choices)
    context.progress(0.0, "Reading the data")
    frame = open_table(context.database, data)
    result = replay(context.database, context.settings, frame, chosen, report=context.progress)
    for line in (*result.reasons, result.sentence):
        context.log(line)
    return result.to_json()


def replay(
    database: Database,
    settings: Settings,
    frame: pd.DataFrame,
    choices: Choices,
    *,
    report: Report,
) -> Result:
    """Send a table's rows through a version and log them as `replay`, with their own times.

    A row that the signature refuses is logged as refused. Rows and truths are written in
    transactions of at most 1,000; stopped half-way and run again, it goes on where it was.

    Args:
        database, settings: where to log, and which key artefacts are signed with.
        frame: the rows, with the columns of the signature, the time and the truth.
        choices: see `Choices`.
        report: told the share done, in [0, 1], and a sentence; it may raise to stop.

    Raises:
        NotFound: there is no such model or version.
        Refused: the model has no version.
        Unusable: a column is missing, or a time cannot be read.
        ArtefactDamaged: the version's bytes are missing or altered.
    """
    version = answering(database, choices.model, choices.version)
    scorer = artefacts.load(database, version, artefacts.Store.of(settings))
    table = Table(frame, scorer.signature, choices.time, choices.truth)
    result = Result(version.model, version.number or 0, rows=len(table))
    result.start, result.end = table.span or (None, None)
    run = _Run(database, version, scorer, arrives_after(choices.truth_delay), result)
    if choices.again:
        run.salt = secrets.token_hex(8)
    done = 0
    for part in table.parts(ROWS_PER_TRANSACTION):
        report(done / len(table), f"Replayed {done:,} of {len(table):,} rows")
        run.take(part)
        done += len(part)
    report(1.0, result.sentence)
    return result


def answering(database: Database, model: str, number: int | None = None) -> Version:
    """The version that a replay goes through: the one chosen, the champion or the newest.

    Raises:
        NotFound: there is no such model or version.
        Refused: the model has no version.
    """
    if number is not None:
        return registry.version(database, model, number)
    if registry.model(database, model).champion is not None:
        return aliases.champion(database, model)
    versions = registry.versions_of(database, model)
    if not versions:
        raise Refused(f"Model `{model}` has no version yet. Train and register one, then replay.")
    return versions[0]


@dataclass
class _Run:
    """A replay under way. `delay` is in microseconds."""

    database: Database
    version: Version
    scorer: Scorer
    delay: int
    result: Result
    salt: str = ""
    seen: Counter[bytes] = field(default_factory=Counter)

    @property
    def signature(self) -> Signature:
        return self.scorer.signature

    def take(self, part: list[Item]) -> None:
        """Log one part and its truths."""
        keys = [self._id_of(item) for item in part]
        with self.database.read() as connection:
            there = _logged(connection, keys)
        made: list[Row] = []
        values: list[list[Any]] = []
        served: list[tuple[Item, bytes]] = []
        for item, key in zip(part, keys, strict=True):
            try:
                read = self.signature.read(item.instance)
            except Unusable as error:
                made.append(rows.refused(self.version, item, key, error.detail))
                self.result.explain(item.number, error.detail)
                continue
            served.append((item, key))
            if key not in there:
                made.append(rows.answered(self.version, item, key, self.signature, read))
                values.append(read)
        self._append(self._with_answers(made, values))
        self.result.already += len(part) - len(made)
        self._tell(served)

    def _id_of(self, item: Item) -> bytes:
        content = rows.content_of(self.version, item, self.salt)
        self.seen[content] += 1
        return rows.id_of(item.at, content, self.seen[content])

    def _with_answers(self, made: list[Row], values: list[list[Any]]) -> list[Row]:
        if not values:
            return made
        scored, places = self.scorer.score(values), itertools.count()
        return [
            rows.with_answer(row, scored, next(places)) if row.outcome == "answered" else row
            for row in made
        ]

    def _append(self, made: list[Row]) -> None:
        if not made:
            return
        request_id = uuid_utils.uuid7().bytes
        with self.database.write() as connection:
            there = _logged(connection, [row.prediction_id for row in made])
            new = [
                row._replace(request_id=request_id)
                for row in made
                if row.prediction_id not in there
            ]
            predictions.insert(connection, self.database.is_sqlite, new)
        self.result.already += len(made) - len(new)
        self.result.answered += sum(row.outcome == "answered" for row in new)
        self.result.refused += sum(row.outcome == "refused" for row in new)

    def _tell(self, answered: Iterable[tuple[Item, bytes]]) -> None:
        told: list[tuple[Item, Truth]] = []
        for item, key in answered:
            if item.truth is None:
                continue
            try:
                told.append((item, rows.truth_of(self.signature, item, key, self.delay)))
            except Unusable as error:
                self.result.truths_refused += 1
                self.result.explain(item.number, error.detail)
        truths = [truth for _, truth in told]
        refusals = predictions.append_feedback(self.database, self.version.model, truths)
        for (item, truth), known in zip(told, refusals, strict=True):
            self.result.truths += known is None
            self.result.truths_refused += known is not None
            if known is not None:
                detail = predictions.conflict(truth.prediction_id, known, truth.text).detail
                self.result.explain(item.number, detail)


def _logged(connection: Connection, ids: list[bytes]) -> set[bytes]:
    """Which of these prediction ids are in the log."""
    query = sa.select(log.c.prediction_id).where(log.c.prediction_id.in_(ids))
    return {bytes(key) for key in connection.scalars(query)}
