"""The figures of a rescoring, of answers that a challenger stored in the shadow."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.records import answered, columns, registry, shadows
from backend.records.answered import Answered, Shadowed
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.drift.decisions.rescoring import ENOUGH
from console.rescoring.collecting import NO_ANSWER, Collection, Now
from console.rescoring.reading import Reading
from console.rescoring.results import Latency, Rescoring
from console.rescoring.run import positives, unregistered
from console.rescoring.summing import Asked, summed

MOST_ROWS = 50_000
Places = NDArray[np.int64]


def of_shadow(
    database: Database,
    model: str,
    window: Window,
    *,
    version: int | None = None,
    store: Store | None = None,
    most: int = MOST_ROWS,
    tolerance: float | None = None,
) -> Rescoring | None:
    """Compare the shadow answers of a window with those that callers got.

    Args:
        version: whose answers; without it the challenger's, else those of the version that scored
            last.
        store: for the version's reference, at whose quarters numbers are cut into segments;
            without it at the quarters of the rows themselves.
        most: at most so many rows, the newest.
        tolerance: up to which difference two values of a regression agree, in the target's unit;
            without it 0.1 standard deviations of the values that callers got.

    Returns:
        None when there are no shadow answers in the window, or their version is not registered
        any more.

    Raises:
        NotFound: there is no such model.
        ArtefactDamaged: the version's reference is missing or altered.
    """
    challenger = registry.model(database, model).challenger
    number = version or challenger or shadows.newest_version(database, model, window)
    own = next((v for v in registry.versions_of(database, model) if v.number == number), None)
    if own is None:
        return None
    part, theirs = answered.shadowed(database, model, window, own.number or 0, most)
    if not len(part):
        return None
    signature = Signature.from_json(own.signature)
    least = _tolerance(part) if tolerance is None else tolerance
    gathered = Collection(
        signature,
        positives(database, model),
        least if signature.task == "regression" else 0.0,
        seed=0,
    )
    _gather(database, own, signature, gathered, part, theirs)
    reference = (
        None if store is None else artefacts.table(database, own, artefacts.REFERENCE, store)
    )
    asked = Asked(model, own.number, "shadow", window)
    sampled = len(part) == most
    return summed(asked, gathered, reference, _latency(theirs), sampled)


def _gather(
    database: Database,
    own: Version,
    signature: Signature,
    gathered: Collection,
    part: Answered,
    theirs: Shadowed,
) -> None:
    gathered.found = len(part)
    gathered.skipped.add(Counter(error for error in theirs.errors if error is not None))
    answers = theirs.values.tolist() if gathered.tally.regression else theirs.labels
    empty = [answer is None or answer != answer for answer in answers]
    fine = np.array([error is None for error in theirs.errors])
    good = fine & ~np.array(empty)
    if (fine & ~good).any():
        gathered.skipped.add({NO_ANSWER: int((fine & ~good).sum())})
    with database.read() as connection:
        layouts = columns.layouts(connection, own.model)
    for number in np.unique(part.versions[good]).tolist():
        places = np.flatnonzero(good & (part.versions == number))
        if number not in layouts:
            gathered.skipped.add({unregistered(number): len(places)})
            continue
        read = Reading(signature, layouts[number]).rows(_texts(part, places))
        gathered.skipped.add(read.skipped)
        places = places[read.places]
        gathered.add(part, places, number, _now(theirs, places), read.frame)


def _texts(part: Answered, places: Places) -> Sequence[str]:
    return [part.features[i] or "[]" for i in places.tolist()]


def _now(theirs: Shadowed, places: Places) -> Now:
    labels = [theirs.labels[i] for i in places.tolist()]
    return Now(labels, theirs.values[places], theirs.scores[places])


def _tolerance(part: Answered) -> float:
    values = part.values[np.isfinite(part.values)]
    return float(ENOUGH * values.std()) if len(values) else 0.0


def _latency(theirs: Shadowed) -> Latency:
    """What the service measured, of batches that it happened to have."""
    known = theirs.latency_ms[np.isfinite(theirs.latency_ms)]
    each: Any = 1_000 * known.mean() if len(known) else np.nan
    return Latency(None, None, float(each), "")
