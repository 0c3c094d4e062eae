"""A version's evaluation as frames, which charts and tables draw."""

from typing import Any

import pandas as pd

from backend.records.registry import Version
from console.training.metrics import LOWER_IS_BETTER, TITLES

MOST_FEATURES = 15


def metrics(version: Version) -> pd.DataFrame:
    """A version's metrics on its held-out rows, with their spread over the cross-validation.

    Returns:
        One row per metric, in the order of `TITLES`: metric, title, value, mean and sd (over the
        folds; NaN where a fold does not define it), lower_is_better.
    """
    crossed: dict[str, dict[str, float]] = version.metrics.get("cv", {})
    rows = [
        {
            "metric": name,
            "title": title,
            "value": float(version.metrics[name]),
            "mean": crossed.get(name, {}).get("mean", float("nan")),
            "sd": crossed.get(name, {}).get("sd", float("nan")),
            "lower_is_better": name in LOWER_IS_BETTER,
        }
        for name, title in TITLES.items()
        if name in version.metrics
    ]
    columns = ["metric", "title", "value", "mean", "sd", "lower_is_better"]
    return pd.DataFrame(rows, columns=columns)


def confusion(evaluation: dict[str, Any]) -> pd.DataFrame:
    """The confusion matrix of held-out rows.

    Returns:
        One row per cell: truth and predicted (text, in the labels' order), n, share (of the rows
        of that truth, in [0, 1]), right.
    """
    found = evaluation["confusion"]
    labels = [str(label) for label in found["labels"]]
    return pd.DataFrame(
        [
            {
                "truth": truth,
                "predicted": predicted,
                "n": int(n),
                "share": n / max(sum(counts), 1),
                "right": truth == predicted,
            }
            for truth, counts in zip(labels, found["matrix"], strict=True)
            for predicted, n in zip(labels, counts, strict=True)
        ]
    )


def calibration(evaluation: dict[str, Any]) -> pd.DataFrame:
    """Scores against what was observed: one row per tenth of the scores that has rows.

    Returns:
        lower, upper, mean_score, observed (all in [0, 1]) and n.
    """
    columns = ["lower", "upper", "mean_score", "observed", "n"]
    return pd.DataFrame(evaluation["calibration"], columns=columns)


def importance(evaluation: dict[str, Any], most: int = MOST_FEATURES) -> pd.DataFrame:
    """How much worse the answers get without each feature, the `most` important first.

    Returns:
        feature, mean, low and high (mean ± sd), in log loss, or RMSE for a regression.
    """
    frame = pd.DataFrame(evaluation["importance"]["features"], columns=["feature", "mean", "sd"])
    frame = frame.head(most)
    return frame.assign(low=frame["mean"] - frame["sd"], high=frame["mean"] + frame["sd"])


def residuals(evaluation: dict[str, Any]) -> pd.DataFrame:
    """Truth minus answer in bins of equal width: lower, upper (target's unit), n."""
    found = evaluation["residuals"]
    edges = found["edges"]
    return pd.DataFrame({"lower": edges[:-1], "upper": edges[1:], "n": found["counts"]})


def points(evaluation: dict[str, Any]) -> pd.DataFrame:
    """At most 500 held-out rows: row (its number), truth and value (target's unit)."""
    return pd.DataFrame(evaluation["points"], columns=["row", "truth", "value"])
