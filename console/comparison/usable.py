"""Which rows of a table all versions can answer, and the truth as their signatures know it."""

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Usable:
    """Rows that all versions can answer and whose truth they know the kind of.

    Attributes:
        frame: them, numbers as float64, with `__truth__` a label of the target's own or a float.
        notes: what was left out and why, in sentences.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def usable(frame: pd.DataFrame, versions: Sequence[Version], what: str) -> Usable:
    """Read the truth, and leave out the rows that a version would refuse.

    Args:
        frame: the features of all versions, and `__truth__` as it came, none missing.
        what: the rows in a sentence, such as `rows of `new.csv``.

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
            f" {' '.join([*said, 'Choose others.'])}"
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
        numbers = pd.to_numeric(column, errors="coerce").astype(np.float64)
        return numbers.where(np.isfinite(numbers))
    known = {value: _label(value, signatures) for value in column.unique().tolist()}
    found = [known[value] for value in column.tolist()]
    return pd.Series(found, index=column.index, dtype=object)


def refused(feature: Feature, column: "pd.Series[Any]", serves_unseen: bool) -> Bools:
    """Which values of a column a version would refuse as this feature, as `Signature.read` does."""
    missing = column.isna().to_numpy(dtype=bool)
    if feature.is_numeric:
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        wrong = ~np.isfinite(numbers) & ~missing
        if feature.kind == "integer":
            whole = (numbers == np.floor(numbers)) & (np.abs(numbers) <= LARGEST_WHOLE)
            wrong |= ~whole & ~missing
    elif feature.kind == "boolean":
        allowed = [isinstance(value, (bool, np.bool_)) for value in column.tolist()]
        wrong = ~np.array(allowed, dtype=bool) & ~missing
    elif serves_unseen:
        wrong = np.zeros(len(column), dtype=bool)
    else:
        wrong = ~column.astype(str).isin(feature.categories).to_numpy() & ~missing
    return wrong if feature.nullable else wrong | missing


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
    numbers = [name for name, numeric in kinds.items() if numeric == {True}]
    made = {name: pd.to_numeric(frame[name]).astype(np.float64) for name in numbers}
    return frame.assign(**made)
