"""A version's figures beside the champion's, before it is promoted."""

import pandas as pd

from backend.records.registry import Version
from backend.versions.engines import engine_of
from console.promotion.standing import Standing
from console.training import figures as trained


def figures(standing: Standing, number: int) -> pd.DataFrame:
    """The metrics of a version and of the champion, each on its own held-out rows.

    Returns:
        One row per metric of the version: metric, title (says when lower is better), chosen,
        chosen_spread, champion, champion_spread, difference (chosen − champion). Spreads are
        standard deviations over the cross-validation's folds; the champion's columns are NaN
        where there is none.
    """
    chosen = _side(standing.version(number), "chosen")
    if standing.champion is None:
        return chosen.assign(champion=float("nan"), champion_spread=float("nan")).assign(
            difference=float("nan")
        )
    champion = _side(standing.champion, "champion").drop(columns="title")
    both = chosen.merge(champion, on="metric", how="left")
    return both.assign(difference=both["chosen"] - both["champion"])


def about_rows(standing: Standing, number: int) -> str:
    """What the figures were measured on, and whether they may be set side by side."""
    chosen = standing.version(number)
    rows = _heldout_rows(chosen)
    on = f"on {rows:,} held-out rows" if rows else "on its held-out rows"
    text = f"Figures {on}; ± is the standard deviation over the folds of the cross-validation."
    champion = standing.champion
    if champion is None:
        return text
    if _same_rows(chosen, champion):
        return text + " Both versions were judged on the same rows; Compare adds the uncertainty."
    return (
        f"{text} The champion was judged on other rows, so read the difference with care: Compare"
        " judges both on the same ones."
    )


def engine(standing: Standing, number: int) -> str:
    """What will answer for a version, and why, as a sentence."""
    return engine_of(standing.version(number).compilation).sentence


def _side(version: Version, name: str) -> pd.DataFrame:
    found = trained.metrics(version).rename(columns={"value": name, "sd": f"{name}_spread"})
    remark = found["lower_is_better"].map({True: " (lower is better)", False: ""})
    return found.assign(title=found["title"] + remark)[["metric", "title", name, f"{name}_spread"]]


def _heldout_rows(version: Version) -> int:
    return int(version.data.get("split", {}).get("heldout_rows", 0))


def _same_rows(one: Version, other: Version) -> bool:
    """Whether the same rows were held out: the split depends on these only (`splits`)."""

    def split(version: Version) -> tuple[object, ...]:
        how = version.data.get("split", {})
        chosen = tuple(how.get(name) for name in ("method", "test_share", "seed"))
        return version.data.get("fingerprint"), version.data.get("until"), *chosen

    return split(one) == split(other)
