"""Two versions on the same rows, with the interval of each difference."""

from typing import Any

import numpy as np
import pandas as pd

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.comparison import curves, sets
from console.comparison.answers import Answers, all_labels, answer, codes_of, events, judges
from console.comparison.by_label import by_label
from console.comparison.cautious import BY_LABEL, cautious
from console.comparison.chosen import TRUTH
from console.comparison.differences import differences
from console.comparison.held_out import named
from console.comparison.mcnemar import mcnemar
from console.comparison.metrics import error_by_chance
from console.comparison.paired import paired
from console.comparison.report import Comparison
from console.comparison.sets import Chosen, HeldOut
from console.comparison.speed import measure

_HELD_OUT = HeldOut()


def compare(
    database: Database,
    a: Version,
    b: Version,
    store: Store,
    seed: int = 0,
    *,
    chosen: Chosen = _HELD_OUT,
    timing: bool = True,
) -> Comparison:
    """Answer the same rows with both versions and compare.

    Args:
        seed: of the bootstrap; see `paired.paired`.
        chosen: which rows; without it the held-out rows of `b`.
        timing: whether to measure how fast they answer.

    Raises:
        Unusable: the versions have different tasks, or share no rows that both can answer.
        ArtefactDamaged: a version's files are missing or altered.
    """
    rows = sets.rows(database, (a, b), chosen, store)
    signatures = [Signature.from_json(version.signature) for version in (a, b)]
    truth, names = rows.frame[TRUTH], (named(a), named(b))
    labels = all_labels(signatures, truth)
    scorers = [artefacts.load(database, version, store) for version in (a, b)]
    answers = [answer(scorer, rows.frame, labels) for scorer in scorers]
    # The positive label of `b` for both: a metric of two different labels compares nothing.
    judged = [judges(signatures[1], truth, one) for one in answers]
    known = _of_labels(signatures[1], truth, answers[0], answers[1])
    chance = _by_chance(signatures[1], truth, answers)
    frame, undefined = paired(judged[0], judged[1], len(rows.frame), names, seed, known, chance)
    right = [codes_of(truth, labels) == one.chosen for one in answers] if labels else None
    test = None if right is None else mcnemar(right[0], right[1], names)
    flips = _flips(truth, answers[0], answers[1])
    speeds = [
        {"side": side} | measure(version, scorer, rows.frame, store).to_json()
        for side, version, scorer in zip("ab", (a, b), scorers, strict=True)
        if timing
    ]
    return Comparison(
        a=a,
        b=b,
        frame=cautious(frame, test, int(flips["n"].sum())),
        flips=flips,
        differences=differences(a, b),
        agreement=float(np.mean(answers[0].chosen == answers[1].chosen)) if labels else None,
        n=len(rows.frame),
        warning=rows.warning,
        rows=rows,
        mcnemar=test,
        calibration=_calibration(signatures[1], truth, answers),
        thresholds=_thresholds(signatures[1], truth, answers),
        speed=pd.DataFrame(speeds),
        undefined=undefined,
    )


def _of_labels(
    signature: Signature, truth: "pd.Series[Any]", a: Answers, b: Answers
) -> dict[str, tuple[float, float]]:
    """The intervals of b - a of the metrics of labels, the same as gates go by."""
    found = {name: by_label(name, signature, truth, a, b) for name in BY_LABEL}
    spans = {name: one.ends() for name, one in found.items() if one is not None}
    return {name: (-high, -low) for name, (low, high) in spans.items()}


def _by_chance(
    signature: Signature, truth: "pd.Series[Any]", answers: list[Answers]
) -> dict[str, tuple[float, float]]:
    """By how much chance may have raised the calibration error of both; empty of a regression."""
    if signature.task == "regression":
        return {}
    a, b = (error_by_chance(events(signature, truth, one)[0]) for one in answers)
    return {"calibration_error": (a, b)}


def _calibration(
    signature: Signature, truth: "pd.Series[Any]", answers: list[Answers]
) -> pd.DataFrame:
    """The calibration of both sides in one frame; empty for a regression."""
    if signature.task == "regression":
        return pd.DataFrame()
    sides = zip("ab", answers, strict=True)
    parts = [curves.calibration(side, *events(signature, truth, one)) for side, one in sides]
    return pd.concat(parts, ignore_index=True)


def _thresholds(
    signature: Signature, truth: "pd.Series[Any]", answers: list[Answers]
) -> pd.DataFrame:
    """What each threshold gives, of both sides in one frame; empty unless binary."""
    if signature.task != "binary":
        return pd.DataFrame()
    parts = []
    for side, one in zip("ab", answers, strict=True):
        answered = one.chosen == one.labels.index(signature.positive)
        scores, positive = events(signature, truth, one)
        parts.append(curves.thresholds(side, scores, positive, answered))
    return pd.concat(parts, ignore_index=True)


def _flips(truth: "pd.Series[Any]", a: Answers, b: Answers) -> pd.DataFrame:
    columns = ["label_a", "label_b", "n", "a_right", "b_right"]
    if not a.labels:
        return pd.DataFrame(columns=columns)
    labels = pd.Series(a.labels, dtype=object)
    pairs = pd.DataFrame(
        {
            "label_a": labels.iloc[a.chosen].to_numpy(),
            "label_b": labels.iloc[b.chosen].to_numpy(),
            "truth": truth.to_numpy(),
        }
    )
    pairs = pairs[a.chosen != b.chosen]
    pairs["a_right"] = pairs["label_a"] == pairs["truth"]
    pairs["b_right"] = pairs["label_b"] == pairs["truth"]
    grouped = pairs.groupby(["label_a", "label_b"], sort=False)
    counted = grouped[["a_right", "b_right"]].sum().assign(n=grouped.size()).reset_index()
    found: pd.DataFrame = counted.sort_values("n", ascending=False, kind="stable")[columns]
    return found.reset_index(drop=True)
