"""Any number of versions on the same rows, in a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from console.comparison.answers import all_labels, answer, codes_of, judges
from console.comparison.by_label import by_label
from console.comparison.chosen import TRUTH
from console.comparison.mcnemar import LEVEL, Bools, mcnemar
from console.comparison.metrics import Metric, resamples
from console.comparison.sets import Rows
from console.comparison.speed import measure
from console.comparison.spread import ends
from console.comparison.titles import FIRST, LOWER_IS_BETTER

_SPEED = ("single_ms", "batch_us_per_row", "size_bytes")


def table(
    database: Database,
    versions: Sequence[Version],
    rows: Rows,
    store: Store,
    *,
    timing: bool = True,
    seed: int = 0,
) -> pd.DataFrame:
    """Each version's metrics on the same rows, the best by the first metric first.

    The best of many looks better than it is, as chance helped to choose it; and of many intervals
    at 95 % one in twenty leaves 0 out by chance.

    Args:
        rows: `sets.rows` of these versions; the last one's positive label is that of all.
        timing: whether to measure how fast they answer.
        seed: of the bootstrap.

    Returns:
        version (number; None for a draft), algorithm, aliases (text), features (how many), a
        column for each metric (NaN where undefined; `titles.FIRST` names the first of each task),
        behind, low, high (how much worse than the first row in its first metric, 0 or more, with
        the 95 % interval as `compare` has it), clear (whether that interval leaves 0 out, and of
        labels McNemar's exact test agrees), n,
        and single_ms, batch_us_per_row, size_bytes (see `speed.Speed`; NaN when not measured).

    Raises:
        Unusable: a column is missing.
        ArtefactDamaged: a version's files are missing or altered.
    """
    signature = Signature.from_json(versions[-1].signature)
    truth = rows.frame[TRUTH]
    labels = all_labels([Signature.from_json(v.signature) for v in versions], truth)
    lines, judged, right, given = [], [], [], []
    for version in versions:
        scorer = artefacts.load(database, version, store)
        answers = answer(scorer, rows.frame, labels)
        judged.append(judges(signature, truth, answers))
        given.append(answers)
        if labels:
            right.append(codes_of(truth, labels) == answers.chosen)
        lines.append(
            _described(version)
            | {name: float(metric(np.ones((1, rows.n)))[0]) for name, metric in judged[-1].items()}
            | {"n": rows.n}
            | _timed(version, scorer, rows, store, timing)
        )
    first = FIRST[signature.task]
    sign = 1.0 if first in LOWER_IS_BETTER else -1.0
    order = sorted(range(len(lines)), key=lambda place: sign * lines[place][first])
    behind = _behind([judged[place] for place in order], first, sign, rows.n, seed)
    for place, each in enumerate(order[1:], start=1):
        by = by_label(first, signature, truth, given[order[0]], given[each])
        if by is not None:
            behind.loc[place, "low"], behind.loc[place, "high"] = by.ends()
    behind["clear"] = (behind["low"] > 0) | (behind["high"] < 0)
    behind["clear"] &= _borne_out([right[place] for place in order] if right else [], len(order))
    found = pd.DataFrame([lines[place] for place in order])
    places = found.columns.get_loc("n")
    for offset, name in enumerate(("behind", "low", "high", "clear")):
        found.insert(int(places) + offset, name, behind[name])  # type: ignore[arg-type]  # one
    return found


def _described(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "algorithm": version.algorithm,
        "aliases": ", ".join(version.aliases),
        "features": len(version.signature["features"]),
    }


def _timed(
    version: Version, scorer: Scorer, rows: Rows, store: Store, timing: bool
) -> dict[str, Any]:
    if not timing:
        return dict.fromkeys(_SPEED, np.nan)
    speed = measure(version, scorer, rows.frame, store).to_json()
    return {name: speed[name] for name in _SPEED}


def _borne_out(right: Sequence[Bools], n: int) -> Bools:
    """Whether the exact test tells each from the first; of a regression there is none to ask."""
    if not right:
        return np.ones(n, dtype=bool)
    found = [mcnemar(right[0], one, ("one", "the other")).p_value <= LEVEL for one in right]
    return np.array(found, dtype=bool)


def _behind(
    judged: Sequence[Mapping[str, Metric]], first: str, sign: float, n: int, seed: int
) -> pd.DataFrame:
    """How much worse each is than the first of them, with the interval; see `table`."""
    once = np.ones((1, n))
    value = np.array([sign * float(metrics[first](once)[0]) for metrics in judged])
    drawn = np.concatenate(
        [
            np.array([sign * metrics[first](weights) for metrics in judged])
            for weights in resamples(n, seed)
        ],
        axis=1,
    )
    behind = value - value[0]
    spans = [ends(each, point, n) for each, point in zip(drawn - drawn[0], behind, strict=True)]
    low, high = np.array(spans).T
    return pd.DataFrame({"behind": behind, "low": low, "high": high})
