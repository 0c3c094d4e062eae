"""A data set and choices, checked and made into what training needs, before anything is fitted."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from backend.errors import Unusable
from backend.versions.features import MOST_CATEGORIES, Feature, feature_of, listed
from backend.versions.signature import Signature
from console.training.algorithms import Algorithm, algorithm, default_for
from console.training.choices import Choices
from console.training.csv_files import FEWEST_ROWS
from console.training.datasets import Dataset
from console.training.splits import Split, split
from console.training.targets import Array, Target, detect_task, read_target


@dataclass(frozen=True)
class Plan:
    """What will be trained.

    Attributes:
        dataset: with its target, cut at `Choices.until`.
        frame: its rows with a truth; the index is the row's number in the data set.
        target: the truths of `frame`.
        split: positions in `frame`.
        signature: described on the training rows.
        algorithm, parameters: every hyper-parameter has its value.
        left_out: columns that were not chosen by name and cannot be features, with the reason.
    """

    dataset: Dataset
    frame: pd.DataFrame
    target: Target
    split: Split
    signature: Signature
    algorithm: Algorithm
    parameters: dict[str, float]
    left_out: dict[str, str]

    def matrix(self, rows: Array) -> Any:
        """The inputs of rows (positions in `frame`) as the estimator takes them."""
        return self.signature.matrix_of(self.frame.iloc[rows])


def make_plan(dataset: Dataset, choices: Choices) -> Plan:
    """Check the choices against the data set.

    Raises:
        Unusable: something cannot be used; the sentence says what, and what to do.
    """
    dataset = _with_target(dataset, choices)
    column = dataset.frame[str(dataset.target)]
    chosen = algorithm(choices.algorithm or default_for(detect_task(column)))
    parameters = chosen.read(choices.parameters)
    positive = dataset.positive if choices.positive is None else choices.positive
    target = read_target(column, chosen, positive)
    frame = dataset.frame[target.known]
    times = None if dataset.time is None else frame[dataset.time]
    parts = split(target, times, choices.test_share, choices.seed)
    names, left_out = _features(dataset, choices, frame)
    signature = Signature(
        features=_described(dataset, frame, parts, names),
        target=str(dataset.target),
        task=target.task,
        labels=target.labels,
        positive=target.positive,
    )
    return Plan(dataset, frame, target, parts, signature, chosen, parameters, left_out)


def usable_features(dataset: Dataset, target: str) -> tuple[list[str], dict[str, str]]:
    """The columns that may be features beside `target`, and the others with the reason."""
    return _usable(dataset, dataset.frame, target)


def _with_target(dataset: Dataset, choices: Choices) -> Dataset:
    target = choices.target or dataset.target
    if target is None:
        raise Unusable(
            f"`{dataset.name}` does not say which column to predict. Choose the target among"
            f" {listed(dataset.candidates)}."
        )
    dataset = dataset.with_target(target)
    if choices.until is None:
        return dataset
    cut = dataset.before(choices.until)
    if cut.rows < FEWEST_ROWS:
        raise Unusable(
            f"`{dataset.name}` has {cut.rows} rows before {choices.until}; expected at least"
            f" {FEWEST_ROWS}. Choose a later time."
        )
    return cut


def _features(
    dataset: Dataset, choices: Choices, frame: pd.DataFrame
) -> tuple[list[str], dict[str, str]]:
    target = str(dataset.target)
    if choices.features is None:
        names, left_out = _usable(dataset, frame, target)
        if not names:
            raise Unusable(
                f"`{dataset.name}` has no column to predict `{target}` from. Add columns."
            )
        return names, left_out
    names = list(choices.features)
    if not names or len(set(names)) < len(names):
        raise Unusable(f"The features are {listed(names) or 'empty'}; expected each column once.")
    for name in names:
        _check_feature(dataset, target, name)
    return names, {}


def _check_feature(dataset: Dataset, target: str, name: str) -> None:
    allowed = [column for column in dataset.candidates if column != target]
    if name in allowed:
        return
    if name not in dataset.columns:
        why = "is no column of"
    elif name == target:
        why = "is the target of"
    else:
        why = "orders the rows of" if name == dataset.time else "is kept out of the features of"
    raise Unusable(f"`{name}` {why} `{dataset.name}`. Choose features among {listed(allowed)}.")


def _usable(dataset: Dataset, frame: pd.DataFrame, target: str) -> tuple[list[str], dict[str, str]]:
    names, left_out = [], dict.fromkeys(dataset.excluded, "excluded by the data set")
    for name in dataset.candidates:
        reason = None if name == target else _why_not(frame[name])
        if reason:
            left_out[name] = reason
        elif name != target:
            names.append(name)
    return names, left_out


def _why_not(column: "pd.Series[Any]") -> str | None:
    present = column.dropna()
    if present.empty:
        return "it has no values"
    if not pd.api.types.is_object_dtype(present):
        return None
    distinct = present.nunique()
    if distinct > MOST_CATEGORIES:
        return f"it has {distinct:,} different texts; a category has at most {MOST_CATEGORIES:,}"
    if distinct == len(present):
        return "every row has a text of its own"
    return None


def _described(
    dataset: Dataset, frame: pd.DataFrame, parts: Split, names: list[str]
) -> tuple[Feature, ...]:
    """Ranges and categories are those that training sees; whether values may be missing is asked
    of all rows, because the held-out ones are answered too.
    """
    training = frame.iloc[parts.training]
    return tuple(
        replace(
            feature_of(training[name], dataset.units.get(name), dataset.titles.get(name)),
            nullable=bool(frame[name].isna().any()),
        )
        for name in names
    )
