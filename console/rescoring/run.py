"""Rescoring: a window of the log answered again by one version, in bounded memory."""

import time
from collections.abc import Callable

import numpy as np

from backend.records import answered, columns, registry
from backend.records.answered import Answered
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.scorer import Scorer, decide
from console.drift.decisions.rescoring import least_step
from console.rescoring.answering import Answers, answers
from console.rescoring.collecting import Collection, Now
from console.rescoring.reading import Reading
from console.rescoring.results import Latency, Rescoring
from console.rescoring.summing import Asked, summed

Report = Callable[[float, str], None]


def silent(_share: float, _message: str) -> None:
    """For those who do not ask how far it is."""


def rescore(
    database: Database,
    version: Version,
    window: Window,
    store: Store,
    *,
    report: Report = silent,
    limit: int | None = None,
    source: str | None = None,
    against: int | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    batch: int = 50_000,
    ids: list[int] | None = None,
) -> Rescoring:
    """Answer the logged requests of a window with a version, and compare.

    Nothing is written. The log is read once in batches; running counts and random parts of
    bounded size are kept, so memory does not grow with the window.

    Args:
        version: a registered version or a draft.
        report: told how far it is between batches; may raise to stop.
        limit: at most so many rows, drawn at random when there are more.
        source: only `live` or `replay` rows.
        against: only rows that this version answered.
        tolerance: up to which difference two values of a regression agree, in the target's unit;
            without it 0.1 standard deviations of the reference's answers.
        seed: of the draws.
        batch: so many rows of the log are looked at before `report` is told.
        ids: only these rows of the window, ascending by id, such as those whose truth is known.

    Raises:
        ArtefactDamaged, Unavailable: the version cannot be loaded.
        NotFound: there is no version `against`, and none of the rows is of one that was removed.
    """
    began = time.perf_counter()
    report(0.0, "Loading the version.")
    scorer = artefacts.load(database, version, store)
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    least = least_step(scorer, reference) if tolerance is None else tolerance
    run = _Run(database, version.model, scorer, least, seed)
    which = Filter(version.model, window, version=against, outcome="answered", source=source)
    sampled = False
    for part in answered.batches(database, which, limit, seed, batch, ids):
        run.add(part)
        sampled |= part.drawn
        report(part.done, f"Answered {run.gathered.rows:,} rows.")
    if against is not None and not run.gathered.found:
        registry.version(database, version.model, against)
    asked = Asked(version.model, version.number, "log", window, source)
    latency = run.latency(time.perf_counter() - began)
    return summed(asked, run.gathered, reference, latency, sampled)


class _Run:
    """Answers batches of the log as they come."""

    def __init__(
        self, database: Database, model: str, scorer: Scorer, tolerance: float, seed: int
    ) -> None:
        signature = scorer.signature
        with database.read() as connection:
            layouts = columns.layouts(connection, model)
        self._readings = {n: Reading(signature, layout) for n, layout in layouts.items()}
        self._scorer = scorer
        self._seconds = 0.0
        self.gathered = Collection(signature, positives(database, model), tolerance, seed)

    def add(self, part: Answered) -> None:
        """Answer the rows of a batch, those of each version by its layout."""
        self.gathered.found += len(part)
        for number in np.unique(part.versions).tolist():
            self._add(part, np.flatnonzero(part.versions == number), number)

    def latency(self, seconds: float) -> Latency:
        """How quick it was, of `seconds` in all."""
        rows = self.gathered.rows
        each = self._seconds / rows * 1e6 if rows else np.nan
        engine = "sklearn" if self._scorer.compiled is None else "onnx"
        return Latency(seconds, rows / seconds, each, engine)

    def _add(
        self, part: Answered, places: "np.ndarray[tuple[int], np.dtype[np.int64]]", number: int
    ) -> None:
        gathered, reading = self.gathered, self._readings.get(number)
        if reading is None:
            gathered.skipped.add({unregistered(number): len(places)})
            return
        read = reading.rows([part.features[i] or "[]" for i in places.tolist()])
        found = answers(self._scorer, read.frame)
        gathered.skipped.add(read.skipped)
        gathered.skipped.add(found.skipped)
        self._seconds += found.seconds
        frame = read.frame.iloc[found.places]
        now = _as_logged(self._scorer, found)
        gathered.add(part, places[read.places[found.places]], number, now, frame)


def positives(database: Database, model: str) -> dict[int, object]:
    """The positive label of each registered version of a model, by number."""
    if model not in registry.names(database):
        return {}
    found = registry.versions_of(database, model)
    return {v.number: v.signature["positive"] for v in found if v.number is not None}


def unregistered(number: int) -> str:
    """Why rows that a removed version answered cannot be read."""
    return (
        f"Version {number} answered it and is not registered any more, so its features have no"
        " names."
    )


def _as_logged(scorer: Scorer, found: Answers) -> Now:
    """Answers as the log would hold them."""
    none = np.zeros(0)
    if scorer.signature.task == "regression":
        return Now([], found.amounts[:, 0], none)
    scored = decide(scorer.signature, found.amounts)
    labels: list[str | None] = [str(label) for label in scored.labels or ()]
    return Now(labels, none, scored.scores if scored.scores is not None else none, found.amounts)
