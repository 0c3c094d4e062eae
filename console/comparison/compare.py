"""Two versions on the same held-out rows, with the interval of each difference."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.comparison.answers import Answers, all_labels, answer, judges
from console.comparison.differences import differences
from console.comparison.metrics import Floats, Metric, resamples
from console.comparison.rows import TRUTH, common_rows, named
from console.training.metrics import LOWER_IS_BETTER, TITLES


@dataclass(frozen=True)
class Comparison:
    """Version `a` (the champion, say) beside version `b` (the one that would replace it).

    Attributes:
        frame: one row a metric. metric, title: its name and its name for people; a, b: its value;
            difference: b - a; low, high: the 95 % interval of the difference (both in the
            metric's unit); better: a, b or unclear (the interval holds 0); clear: whether it is
            not unclear; n: the rows; label: the outcome as a sentence.
        flips: one row for each pair of different labels, most frequent first: label_a, label_b,
            n (rows), a_right, b_right (of them, where the truth is that label); empty for a
            regression.
        differences: what is not the same in them; see `differences.differences`.
        agreement: share of rows with the same label, in [0, 1]; None for a regression.
        n: the rows.
        warning: why the rows may favour `a`; empty when neither was trained on them.
    """

    a: Version
    b: Version
    frame: pd.DataFrame
    flips: pd.DataFrame
    differences: pd.DataFrame
    agreement: float | None
    n: int
    warning: str


def compare(database: Database, a: Version, b: Version, store: Store, seed: int = 0) -> Comparison:
    """Answer the held-out rows of `b` with both versions and compare.

    The interval is of 1,000 paired resamples (each draws the same rows for both): from the 2.5th
    to the 97.5th percentile of the difference. It is about the rows, not about training again.

    Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.

    Raises:
        Unusable: the versions have different tasks, or share no rows that both can answer.
        ArtefactDamaged: a version's files are missing or altered.
    """
    if a.task != b.task:
        raise Unusable(
            f"{named(a).capitalize()} is a {a.task} and {named(b)} a {b.task}; expected two"
            " versions of one task."
        )
    rows = common_rows(database, a, b, store)
    signatures = [Signature.from_json(version.signature) for version in (a, b)]
    truth = rows.frame[TRUTH]
    labels = all_labels(signatures[0], signatures[1], truth) if b.task != "regression" else ()
    answers = [
        answer(artefacts.load(database, version, store), rows.frame, labels) for version in (a, b)
    ]
    # The positive label of `b` for both: a metric of two different labels compares nothing.
    judged = [judges(signatures[1], truth, one) for one in answers]
    return Comparison(
        a=a,
        b=b,
        frame=_table(judged[0], judged[1], len(rows.frame), (named(a), named(b)), seed),
        flips=_flips(truth, answers[0], answers[1]),
        differences=differences(a, b),
        agreement=float(np.mean(answers[0].chosen == answers[1].chosen)) if labels else None,
        n=len(rows.frame),
        warning=rows.warning,
    )


def _table(
    a: dict[str, Metric], b: dict[str, Metric], n: int, names: tuple[str, str], seed: int
) -> pd.DataFrame:
    once = np.ones((1, n))
    drawn: dict[str, list[Floats]] = {name: [] for name in a}
    for weights in resamples(n, seed):
        for name, found in drawn.items():
            found.append(b[name](weights) - a[name](weights))
    rows = [
        _row(name, float(a[name](once)[0]), float(b[name](once)[0]), np.concatenate(found), n)
        for name, found in drawn.items()
    ]
    frame = pd.DataFrame([row for row in rows if np.isfinite([row["a"], row["b"]]).all()])
    return frame.assign(label=[_sentence(row, names) for row in frame.to_dict("records")])


def _row(name: str, a: float, b: float, differences: Floats, n: int) -> dict[str, Any]:
    defined = differences[np.isfinite(differences)]
    low, high = np.quantile(defined, [0.025, 0.975]) if len(defined) else (np.nan, np.nan)
    better = "unclear"
    if low > 0 or high < 0:
        better = "b" if (low > 0) != (name in LOWER_IS_BETTER) else "a"
    return {
        "metric": name,
        "title": TITLES[name],
        "a": a,
        "b": b,
        "difference": b - a,
        "low": float(low),
        "high": float(high),
        "better": better,
        "clear": better != "unclear",
        "n": n,
    }


def _sentence(row: dict[Any, Any], names: tuple[str, str]) -> str:
    interval = f"{row['low']:+.3g} to {row['high']:+.3g}"
    if row["better"] == "unclear":
        return f"No clear difference ({interval})."
    name = names[0] if row["better"] == "a" else names[1]
    return f"{name[0].upper()}{name[1:]} is better by {abs(row['difference']):.3g} ({interval})."


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
