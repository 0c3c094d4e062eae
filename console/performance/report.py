"""The facade: is a version still right in a window of its log?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from backend.records import log, predictions, truths
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.performance.enough import Arrivals
from console.performance.estimated import Estimator
from console.performance.maturity import maturity
from console.performance.over_time import answered_by_stretch, over_time
from console.performance.realized import figures, losses, realized
from console.performance.record import track_record
from console.performance.results import METRICS, Estimated, Figure, Maturity, Performance
from console.performance.split import split
from console.performance.truths import Rows, read
from console.performance.verdict import judge
from console.windows import DAY

WATCHED = 20_000
"""Rows whose truths' delays make the curve of maturity."""
LOOK_BACK = 90 * DAY
"""So long before a window rows are watched too: those of a short one are younger than truth."""


@dataclass(frozen=True)
class Prepared:
    """What a version promised and what its errors teach; the same for every window.

    Attributes:
        signature: of the version.
        reference: its reference with out-of-fold answers.
        expected: the figures on its held-out rows.
        sd: the standard deviation of the loss of the first metric on them.
        estimator: of performance where truth is not known.
    """

    signature: Signature
    reference: pd.DataFrame
    expected: tuple[Figure, ...]
    sd: float
    estimator: Estimator


def prepare(database: Database, version: Version, store: Store) -> Prepared:
    """Read the tables kept with a version, and learn from them.

    Raises:
        ArtefactDamaged: the version's reference or held-out rows are missing or altered.
    """
    signature = Signature.from_json(version.signature)
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    heldout = artefacts.table(database, version, artefacts.HELDOUT, store)
    return Prepared(
        signature,
        reference,
        figures(version.task, signature, heldout),
        float(np.std(losses(version.task, heldout), ddof=1)) if len(heldout) > 1 else 0.0,
        Estimator.of(version, reference, heldout),
    )


def performance(
    database: Database,
    version: Version,
    window: Window,
    store: Store,
    prepared: Prepared | None = None,
) -> Performance:
    """Whether `version` is still right in `window`; figures that cannot be had say why.

    A version is `worse` when the interval of its first metric (accuracy, mean absolute error) lies
    wholly on the wrong side of that on its held-out rows: two 95 % intervals that do not meet. It
    is `well` when it is not, on as many truths as would have shown a change that matters (see
    `Maturity`). With fewer truths the estimate may say `warning`; else nothing is known.

    Args:
        prepared: from `prepare`, where several windows of a version are looked at.

    Raises:
        ArtefactDamaged: the version's reference or held-out rows are missing or altered.
    """
    ready = prepared if prepared is not None else prepare(database, version, store)
    rows = read(database, version, window)
    task, signature = version.task, ready.signature
    actual = realized(task, signature, rows.known, rows.n_answered, rows.n_known)
    estimated = _estimated(ready.estimator, rows)
    answered = None
    if rows.sampled is not None:
        answered = answered_by_stretch(database, version, window, rows.n_answered)
    stretches = over_time(signature, window, rows, answered, ready.estimator)
    matured = _maturity(database, version, window, ready, rows)
    # Where others use the cores too, threads of OpenMP that spin while they wait for each other
    # turn its third of a second into fifteen.
    with threadpool_limits(limits=1, user_api="openmp"):
        parts = split(version, ready.reference, rows.known)
    status, message = judge(ready.expected[0], actual, estimated, matured.n_needed)
    return Performance(
        model=version.model,
        version=version.number or 0,
        task=task,
        window=window,
        expected=ready.expected,
        realized=actual,
        estimated=estimated,
        over_time=stretches,
        record=track_record(stretches, METRICS[task]),
        maturity=matured,
        split=parts,
        message=message,
        status=status,
        sampled=rows.sampled,
        notes=rows.notes,
    )


def _estimated(estimator: Estimator, rows: Rows) -> Estimated:
    """The estimate for all answered rows; its assumption is tested on all rows with truth."""
    found = estimator.estimate(rows.answered)
    if rows.sampled is None:
        return found
    return replace(found, assumption=estimator.estimate(rows.known).assumption)


def _maturity(
    database: Database, version: Version, window: Window, ready: Prepared, rows: Rows
) -> Maturity:
    """How late truth comes to all of a model's answers, and when this window has enough."""
    newest = truths.newest(database, version.model)
    watched = Window(window.start - LOOK_BACK, window.end)
    delays = truths.delays(database, log.Filter(version.model, watched), WATCHED)
    coming = None if newest is None else _arrivals(database, version, window, rows, newest)
    return maturity(delays, ready.expected[0], ready.sd, coming)


def _arrivals(
    database: Database, version: Version, window: Window, rows: Rows, newest: int
) -> Arrivals:
    """What truths to expect: of rows that wait, and of rows to come while the window is open.

    It is open if it holds the model's newest row. Then rows keep coming as they did in the later
    half of it, but no less than a day: an hour's rush is no measure of what follows.
    """
    answered = rows.answered
    times = answered["__at__"].to_numpy(dtype=np.int64)
    pending = times[answered["__truth__"].isna().to_numpy()]
    weight = rows.n_answered / len(answered) if len(answered) else 0.0
    last = predictions.newest(database, version.model)
    per_us = 0.0
    if last is not None and window.start <= last < window.end and len(times):
        recent = max((last - int(times.min())) // 2, DAY)
        per_us = weight * int((times > last - recent).sum()) / recent
    return Arrivals(
        pending=pending.astype(np.float64),
        weight=weight,
        n_known=rows.n_known,
        per_us=per_us,
        newest=newest,
        end=window.end,
    )
