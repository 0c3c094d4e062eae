"""From drift to decisions: which of the features that moved change what the version answers?

Each of them is put back to the reference's distribution by the smallest change (`put_back`), the
window's rows are answered again by the serving version, and the answers are compared with those
to the rows as they are. Features rank by changed answers, not by p-value. What it says is about
the version's answers, not about the world: whether the moved inputs are right is not asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.errors import Unusable
from backend.versions.features import listed
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from console.drift.columns import LEAST_VALUES
from console.drift.decisions import sentences
from console.drift.decisions.changes import Change, Scope, change_of
from console.drift.decisions.put_back import put_back_values, values_of
from console.drift.decisions.rescoring import Effect, effect, least_step, rescore, unlike
from console.drift.decisions.segments import COLUMNS, segments_of, standing_out

TOGETHER = ("__together__", "all at once")
# Enough for a variance, and each still large enough to be put back like the whole.
GROUPS = 6
_FIGURES = ["feature", "title", "changed", "low", "high", "rows", "score_change"]
_COLUMNS = [*_FIGURES[:-1], "direction", "score_change", "segments", "message"]
_MOVES = ["feature", "title", "from", "to", "n", "rows"]


@dataclass(frozen=True)
class Decisions:
    """What the features that moved do to the answers of a window.

    Attributes:
        changes: one for each feature, most changed answers first.
        together: all of them put back at once, under the name `__together__`: changes of several
            features do not add up. None where there is no feature, or too few rows.
        scope: the task, and the rows of sample, window and reference.
        unlike: how many rows were answered otherwise when they were logged; more than a few mean
            that another version answered them.
        noun: what a current row is called in a sentence.
    """

    changes: tuple[Change, ...]
    together: Change | None
    scope: Scope
    unlike: int = 0
    noun: str = "rows"

    @property
    def frame(self) -> pd.DataFrame:
        """One row a feature, most changed answers first.

        Columns:
            feature, title: the name; the name for people with its unit.
            changed: the share of answers that putting it back changes, in [0, 1].
            low, high: its 95 % interval (`intervals.wilson` with `intervals.effective_rows`).
            rows: how many answers of the whole window that are; an estimate.
            direction: in words, `97.0 % no → yes, 3.0 % yes → no` (shares of the changed
                answers), or for a regression how many rise and fall; empty if none changes.
            score_change: the mean over all rows of by how much the score rises (binary:
                P(positive); multiclass: the probability of the label answered before), in
                [-1, 1]; for a regression of the value, in the target's unit.
            segments: where answers surely change more than in all rows, in words; often empty.
            message: all that as a sentence.
        """
        rows = [
            {name: getattr(change, name) for name in _FIGURES}
            | {
                "direction": sentences.direction(self.scope, change),
                "segments": sentences.segments_named(change.segments),
                "message": sentences.of_change(self.scope, change),
            }
            for change in self.changes
        ]
        return pd.DataFrame(rows, columns=_COLUMNS)

    @property
    def moves(self) -> pd.DataFrame:
        """One row for each feature and pair of different labels, and the same for all at once.

        Columns: feature, title, from (the label as the rows are), to (the label put back), n
        (sampled rows), rows (of the window, an estimate). Empty for a regression.
        """
        return self._parts("moves", _MOVES)

    @property
    def segments(self) -> pd.DataFrame:
        """One row for each feature and segment that stands out, and the same for all at once.

        Columns: feature, title, segment (in words), n (sampled rows), changed, low, high (shares
        in [0, 1]; the interval holds for all segments at once).
        """
        return self._parts("segments", ["feature", "title", *COLUMNS])

    @property
    def message(self) -> str:
        """The sentence for the meeting."""
        if min(self.scope.n, self.scope.n_reference) < LEAST_VALUES:
            return sentences.too_few_rows(self.scope, self.noun)
        return sentences.of_decisions(self.scope, self.changes, self.together)

    @property
    def warning(self) -> str:
        """Why the answers may not be those that callers got; empty where they are."""
        return sentences.of_unlike(self.scope, self.unlike)

    def _parts(self, name: str, columns: list[str]) -> pd.DataFrame:
        changes = [*self.changes, *([self.together] if self.together else [])]
        parts = [getattr(c, name).assign(feature=c.feature, title=c.title) for c in changes]
        parts = [part for part in parts if len(part)]
        if not parts:
            return pd.DataFrame(columns=columns)
        found: pd.DataFrame = pd.concat(parts, ignore_index=True)[columns]
        return found


def decisions(
    scorer: Scorer,
    signature: Signature,
    reference: pd.DataFrame,
    current: pd.DataFrame,
    features: Sequence[str],
    n_window: int,
    *,
    noun: str = "logged predictions",
    seed: int = 0,
) -> Decisions:
    """Put each feature back, answer the rows again, and say what changes.

    Args:
        scorer: the version that answers, and `signature` its own.
        reference: its reference, features by name, and `__value__` for a regression.
        current: answered rows drawn at random from a window: features by name, and `__label__`,
            `__value__` where they are known.
        features: the names of those that moved; of one that did not, chance alone changes some.
        n_window: how many rows the window has; at least those of `current`.
        noun: what a row of `current` is called.
        seed: of the draws.

    Raises:
        Unusable: a column is missing, a name is no feature's, `n_window` is too small, or the
            version cannot answer.
    """
    _check(signature, reference, current, n_window)
    moved = [signature.feature(name) for name in dict.fromkeys(features)]
    scope = Scope(signature.task, len(current), n_window, len(reference))
    if not moved or min(scope.n, scope.n_reference) < LEAST_VALUES:
        return Decisions((), None, scope, noun=noun)
    now, was = (
        {f.name: values_of(frame[f.name], f) for f in signature.features}
        for frame in (current, reference)
    )
    draw = np.random.default_rng(seed)
    back = {f.name: put_back_values(now[f.name], was[f.name], f, draw) for f in moved}
    groups = draw.permutation(scope.n) % GROUPS
    parts = _in_groups(signature, now, was, list(back), groups, draw)
    before, after = rescore(scorer, now, [*_variants(back), *_variants(parts)])
    scope = replace(scope, least=least_step(scorer, reference))
    effects = [effect(signature, before, one, scope.least) for one in after]
    segments = segments_of(signature.features, now, was)
    asked = [*((f.name, f.title) for f in moved), TOGETHER]
    *changes, together = [
        change_of(
            names,
            signature,
            scope,
            before,
            one,
            _shares(other, groups),
            standing_out(segments, one.changed, len(asked)),
        )
        for names, one, other in zip(
            asked, effects[: len(asked)], effects[len(asked) :], strict=True
        )
    ]
    changes.sort(key=lambda change: (-change.changed, -abs(change.score_change)))
    others = unlike(signature, before, current)
    return Decisions(tuple(changes), together, scope, others, noun)


def _check(
    signature: Signature, reference: pd.DataFrame, current: pd.DataFrame, n_window: int
) -> None:
    for table, what in ((reference, "reference"), (current, "window")):
        missing = [name for name in signature.names if name not in table.columns]
        if missing:
            raise Unusable(f"The {what} lacks the columns {listed(missing)}. Add them.")
    if n_window < len(current):
        raise Unusable(
            f"The window has {n_window:,} rows and its sample {len(current):,}; expected no more"
            " in the sample than in the window. Give the number of rows of the whole window."
        )


def _variants(back: Mapping[str, NDArray[Any]]) -> list[Mapping[str, NDArray[Any]]]:
    """Each column replaced alone, and then all at once."""
    return [*({name: values} for name, values in back.items()), dict(back)]


def _in_groups(
    signature: Signature,
    now: Mapping[str, NDArray[Any]],
    was: Mapping[str, NDArray[Any]],
    names: Sequence[str],
    groups: NDArray[np.int64],
    draw: np.random.Generator,
) -> dict[str, NDArray[Any]]:
    """Columns put back anew within random groups, each with a part of the reference of its own."""
    known = len(next(iter(was.values())))
    theirs = draw.permutation(known) % GROUPS
    found = {}
    for name in names:
        feature, values = signature.feature(name), now[name].copy()
        for group in range(GROUPS):
            rows, kept = groups == group, was[name][theirs == group]
            # A part may hold no value of a column that is nearly always missing.
            kept = kept if feature.nullable or not pd.isna(kept).all() else was[name]
            values[rows] = put_back_values(values[rows], kept, feature, draw)
        found[name] = values
    return found


def _shares(found: Effect, groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of changed answers in each group."""
    return np.bincount(groups, weights=found.changed) / np.bincount(groups)
