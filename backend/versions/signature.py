"""The signature: one definition of a version's inputs.

It validates requests, orders the columns of training and scoring, lists what drift compares and
gives what-if its widgets. Stored as JSON with the version; immutable.
"""

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.versions.features import (
    Feature,
    Kind,
    feature_of,
    is_nan,
    listed,
    reader_of,
    shown,
)

Task = Literal["binary", "multiclass", "regression"]
Scalar = str | int | float | bool | None

__all__ = ["Feature", "Kind", "Scalar", "Signature", "Task", "feature_of"]


@dataclass(frozen=True)
class Signature:
    """The inputs in order, the target and its labels.

    Attributes:
        features: in the order in which a list of values is read.
        target: the name of the predicted column.
        task: binary, multiclass or regression.
        labels: the target's own values in the estimator's order; empty for regression.
        positive: the label whose probability is the score (binary only).
        serves_unseen: whether a category that was not seen in training is answered.
    """

    features: tuple[Feature, ...]
    target: str
    task: Task
    labels: tuple[Scalar, ...] = ()
    positive: Scalar = None
    serves_unseen: bool = True
    _readers: tuple[tuple[str, Feature, Callable[[Any], Any]], ...] = field(
        init=False, repr=False, compare=False
    )
    _names: frozenset[str] = field(init=False, repr=False, compare=False)
    _known: tuple[tuple[int, str, frozenset[str]], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        readers = tuple((f.name, f, reader_of(f, self.serves_unseen)) for f in self.features)
        object.__setattr__(self, "_readers", readers)
        object.__setattr__(self, "_names", frozenset(f.name for f in self.features))
        known = tuple(
            (place, f.name, frozenset(f.categories))
            for place, f in enumerate(self.features)
            if not f.is_numeric
        )
        object.__setattr__(self, "_known", known)

    @property
    def names(self) -> list[str]:
        """The features' names in order."""
        return [f.name for f in self.features]

    @property
    def all_numeric(self) -> bool:
        """Whether every feature is a number, so that rows make a plain float matrix."""
        return not self._known

    def feature(self, name: str) -> Feature:
        """The feature called `name`.

        Raises:
            Unusable: there is none.
        """
        for feature in self.features:
            if feature.name == name:
                return feature
        raise Unusable(f"`{name}` is not a feature. The features are {listed(self.names)}.")

    def read(self, instance: object) -> list[Any]:
        """One instance, by name or in order, as the values to score.

        Numbers become floats (a missing one NaN), categories text, booleans bool; a missing
        category or boolean is None.

        Raises:
            Unusable: a value cannot be used; the sentence names the feature, the value and what
                was expected.
        """
        if isinstance(instance, dict):
            values: Sequence[Any] = self._by_name(instance)
        elif isinstance(instance, (list, tuple)):
            values = self._in_order(instance)
        else:
            raise Unusable(
                f"Features are {shown(instance)}; expected an object by name, or a list of"
                f" {len(self.features)} values in signature order."
            )
        row = []
        for (name, feature, reader), value in zip(self._readers, values, strict=True):
            try:
                row.append(reader(value))
            except ValueError:
                raise self._refusal(name, feature, value) from None
        return row

    def unseen(self, row: Sequence[Any]) -> list[str]:
        """The names of the categorical features whose value was not seen in training."""
        return [
            name
            for place, name, known in self._known
            if (value := row[place]) is not None and str(value) not in known
        ]

    def as_object(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row that was read, as a JSON-ready object by name (NaN becomes null)."""
        return {
            f.name: None
            if value is None or is_nan(value)
            else int(value)
            if f.kind == "integer"
            else value
            for f, value in zip(self.features, row, strict=True)
        }

    def matrix(self, rows: Sequence[Sequence[Any]]) -> Any:
        """Rows that were read, in the form that the estimator was trained on.

        Returns:
            A float64 array of shape (rows, features) when every feature is a number; else a
            DataFrame with a float64 column for each number and an object column for the others.
        """
        if self.all_numeric:
            return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.features))
        columns = list(zip(*rows, strict=True)) or [()] * len(self.features)
        return pd.DataFrame(
            {
                f.name: np.array(column, dtype=np.float64) if f.is_numeric else _objects(column)
                for f, column in zip(self.features, columns, strict=True)
            }
        )

    def matrix_of(self, frame: pd.DataFrame) -> Any:
        """A table's columns as `matrix` gives them, for training and for whole tables.

        Values are taken as they are (training has decided the kinds); use `read` for values that
        a caller sent.

        Raises:
            Unusable: a column is missing.
        """
        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            raise Unusable(f"The table lacks the columns {listed(missing)}. Add them.")
        if self.all_numeric:
            return frame[self.names].to_numpy(dtype=np.float64)
        return pd.DataFrame(
            {
                f.name: frame[f.name].to_numpy(dtype=np.float64, na_value=np.nan)
                if f.is_numeric
                else _objects([_as_category(f, value) for value in frame[f.name]])
                for f in self.features
            }
        )

    def label_of(self, truth: object) -> Scalar:
        """The label that a reported truth means, by value or by its text.

        Raises:
            Unusable: it is none of the labels.
        """
        for label in self.labels:
            if truth == label and isinstance(truth, bool) == isinstance(label, bool):
                return label
        if isinstance(truth, float) and truth.is_integer():
            truth = int(truth)
        for label in self.labels:
            if str(truth) == str(label) or (
                isinstance(label, bool) and str(truth).lower() == str(label).lower()
            ):
                return label
        raise Unusable(
            f"The ground truth {shown(truth)} is not a label of `{self.target}`; expected one of"
            f" {listed(self.labels)}."
        )

    def value_of(self, truth: object) -> float:
        """The number that a reported truth of a regression means.

        Raises:
            Unusable: it is no finite number.
        """
        if isinstance(truth, (int, float)) and not isinstance(truth, bool):
            with contextlib.suppress(OverflowError):
                value = float(truth)
                if math.isfinite(value):
                    return value
        raise Unusable(
            f"The ground truth {shown(truth)} is not a number; expected the value of"
            f" `{self.target}`."
        )

    def to_json(self) -> dict[str, Any]:
        """The form in which it is stored."""
        return {
            "features": [asdict(f) for f in self.features],
            "target": self.target,
            "task": self.task,
            "labels": list(self.labels),
            "positive": self.positive,
            "serves_unseen": self.serves_unseen,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Signature":
        """The signature that `to_json` wrote."""
        features = tuple(
            Feature(
                **{
                    **f,
                    "categories": tuple(f["categories"]),
                    "quantiles": tuple(f["quantiles"]),
                }
            )
            for f in document["features"]
        )
        return cls(**{**document, "features": features, "labels": tuple(document["labels"])})

    def _by_name(self, instance: dict[str, Any]) -> list[Any]:
        try:
            values = [instance[name] for name, _, _ in self._readers]
            if len(instance) == len(values):
                return values
        except KeyError:
            pass
        unknown = [name for name in instance if name not in self._names]
        if unknown:
            raise Unusable(
                f"Feature `{str(unknown[0])[:60]}` is unknown. Send only {listed(self.names)}."
            )
        for name, feature, _ in self._readers:
            if name not in instance and not feature.nullable:
                raise Unusable(f"Feature `{name}` is missing; expected {feature.expected}.")
        return [instance.get(name) for name, _, _ in self._readers]

    def _in_order(self, instance: Sequence[Any]) -> Sequence[Any]:
        if len(instance) != len(self.features):
            raise Unusable(
                f"The list has {len(instance)} values; expected {len(self.features)}, in the"
                f" order {listed(self.names)}."
            )
        return instance

    def _refusal(self, name: str, feature: Feature, value: object) -> Unusable:
        hint = ""
        if feature.kind == "category" and isinstance(value, str):
            hint = " (a value that was not seen in training)"
        return Unusable(f"Feature `{name}` is {shown(value)}{hint}; expected {feature.expected}.")


def _as_category(feature: Feature, value: Any) -> Any:
    if value is None or value is pd.NA or is_nan(value):
        return None
    return bool(value) if feature.kind == "boolean" else str(value)


def _objects(values: Sequence[Any]) -> Any:
    """An object column in which missing is None (numpy would make strings of a fixed width)."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
