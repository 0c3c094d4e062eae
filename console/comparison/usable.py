"""Which rows of a table all versions can answer, and the truth as their signatures know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.errors import Unusable
from backend.records.registry import Version
from backend.versions.features import LARGEST_WHOLE, Feature
from backend.versions.signature import Scalar, Signature
from console.comparison.chosen import FEWEST_ROWS, TRUTH
from console.comparison.held_out import named

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Usable:
    """Rows that all versions can answer and whose truth they know the kind of.

    Attributes:
        frame: them, numbers as float64, with `__truth__` a label of the target's own or a float.
        notes: what was left out and why, in sentences.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def usable(
    frame: pd.DataFrame, versions: Sequence[Version], what: str, remedy: str = "Choose others."
) -> Usable:
    """Read the truth, and leave out the rows that a version would refuse.

    Args:
        frame: the features of all versions, and `__truth__` as it came, none missing.
        what: the rows in a sentence, such as `rows of `new.csv``.
        remedy: what to do where too few are left, as a sentence.

    Raises:
        Unusable: fewer than 30 rows are left.
    """
    signatures = [Signature.from_json(version.signature) for version in versions]
    truth = truths(frame[TRUTH], signatures)
    kept = truth.notna().to_numpy()
    notes = [_left_out(~kept, len(frame), what, _unknown(signatures[-1]))]
    for version, signature in zip(versions, signatures, strict=True):
        for feature in signature.features:
            wrong = refused(feature, frame[feature.name], signature.serves_unseen) & kept
            reason = f"{named(version)} cannot answer without `{feature.name}`"
            if feature.nullable or not frame[feature.name][wrong].isna().all():
                reason = f"`{feature.name}` is not {feature.expected}, which {named(version)} needs"
            notes.append(_left_out(wrong, len(frame), what, reason))
            kept &= ~wrong
    said = tuple(filter(None, notes))
    if kept.sum() < FEWEST_ROWS:
        raise Unusable(
            f"A comparison needs at least {FEWEST_ROWS} {what}; there are {int(kept.sum())}."
            f" {' '.join([*said, remedy])}"
        )
    found = _plain(frame[kept].assign(**{TRUTH: truth[kept]}), signatures)
    return Usable(found.reset_index(drop=True), said)


def truths(column: "pd.Series[Any]", signatures: Sequence[Signature]) -> "pd.Series[Any]":
    """Truths as labels of the targets' own, or as floats; missing where they are neither.

    Args:
        column: as they came: values, or their texts.
        signatures: of one task; the labels of the last come first.
    """
    if signatures[-1].task == "regression":
        values = pd.Series(numbers(column), index=column.index)
        return values.where(np.isfinite(values))
    known = {value: _label(value, signatures) for value in column.unique().tolist()}
    found = [known[value] for value in column.tolist()]
    return pd.Series(found, index=column.index, dtype=object)


def numbers(column: "pd.Series[Any]") -> Floats:
    """A column as numbers, NaN where it holds none; texts of numbers count, as logs have them.

    Times and true or false are no numbers, though numpy would make some of them.
    """
    if column.dtype.kind in "iuf":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    kept = [value if _is_number(value) else None for value in column.tolist()]
    found = pd.to_numeric(pd.Series(kept, dtype=object), errors="coerce")
    return found.to_numpy(dtype=np.float64, na_value=np.nan)


def refused(feature: Feature, column: "pd.Series[Any]", serves_unseen: bool) -> Bools:
    """Which values of a column a version would refuse as this feature, as `Signature.read` does.

    Other than there a number or a category may come as the other: a file does not say which it is.
    """
    missing = column.isna().to_numpy(dtype=bool)
    if feature.is_numeric:
        wrong = ~_fits(numbers(column), feature)
    elif feature.kind == "boolean":
        wrong = np.array([not isinstance(v, (bool, np.bool_)) for v in column.tolist()], dtype=bool)
    elif serves_unseen:
        wrong = np.zeros(len(column), dtype=bool)
    else:
        wrong = ~column.astype(str).isin(feature.categories).to_numpy(dtype=bool)
    wrong &= ~missing
    if not feature.nullable:
        wrong |= missing
    return wrong


def _fits(found: Floats, feature: Feature) -> Bools:
    fits: Bools = np.isfinite(found)
    if feature.kind == "integer":
        fits &= (found == np.floor(found)) & (np.abs(found) <= LARGEST_WHOLE)
    return fits


def _is_number(value: object) -> bool:
    return isinstance(value, (str, Real, Decimal)) and not isinstance(value, (bool, np.bool_))


def _label(value: Any, signatures: Sequence[Signature]) -> Scalar:
    for signature in reversed(signatures):
        try:
            return signature.label_of(value)
        except Unusable:
            continue
    return None


def _unknown(signature: Signature) -> str:
    if signature.task == "regression":
        return f"their `{signature.target}` is no finite number"
    return f"their `{signature.target}` is none of the labels"


def _left_out(wrong: Bools, n: int, what: str, reason: str) -> str:
    count = int(wrong.sum())
    if not count:
        return ""
    return f"{count:,} of {n:,} {what} {'is' if count == 1 else 'are'} left out: {reason}."


def _plain(frame: pd.DataFrame, signatures: Sequence[Signature]) -> pd.DataFrame:
    """Numbers as float64 where every version takes the column for one."""
    kinds: dict[str, set[bool]] = {}
    for signature in signatures:
        for feature in signature.features:
            kinds.setdefault(feature.name, set()).add(feature.is_numeric)
    made = {name: numbers(frame[name]) for name, numeric in kinds.items() if numeric == {True}}
    return frame.assign(**made)
