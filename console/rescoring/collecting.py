"""What a rescoring gathers as rows pass: counts of all of them, and a few rows of each kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.records.answered import Answered
from backend.records.predictions import text_of
from backend.versions.signature import Signature
from console.rescoring.counting import UNKNOWN, Block, Codes, Judged, Reasons, Tally
from console.rescoring.keeping import Reservoir

MOST_KEPT = 20_000  # rows for segments and quantiles
MOST_SHOWN = 40  # rows of each kind
MOST_FEATURES = 50  # of a row that is shown
MOST_CHARACTERS = 60
KINDS = ("newly_wrong", "newly_right", "changed")
NO_ANSWER = "A stored answer has neither label nor value to compare."
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Now:
    """What the version answers to some rows, as the log would hold it.

    Attributes:
        labels: a classification's, as text; empty for a regression.
        values: a regression's, else empty.
        scores: P(positive), or P(label) of several classes; empty for a regression.
        shares: probabilities of shape (rows, labels), or None where they are not known.
    """

    labels: list[str | None]
    values: NDArray[np.float64]
    scores: NDArray[np.float64]
    shares: NDArray[np.float64] | None = None


class Collection:
    """Gathers the rows of one rescoring.

    Attributes:
        found: rows that were read; skipped: those not compared, by reason.
        tally: the counts; codes: its labels.
    """

    def __init__(
        self, signature: Signature, positives: Mapping[int, Any], tolerance: float, seed: int
    ) -> None:
        """Begin.

        Args:
            signature: of the version that answers now.
            positives: the positive label of each version that may have answered then.
            tolerance: up to which two values of a regression agree.
            seed: of the draws.
        """
        self.signature = signature
        self.found = 0
        self.skipped = Reasons()
        self.codes = Codes([str(label) for label in signature.labels])
        self.tally = Tally(signature.task == "regression", tolerance)
        self._positives = positives
        random = np.random.default_rng(seed)
        self._kept = Reservoir(MOST_KEPT, random)
        self._shown = {kind: Reservoir(MOST_SHOWN, random) for kind in KINDS}

    @property
    def rows(self) -> int:
        """The rows that are compared."""
        return self.tally.rows.total()

    def add(
        self, part: Answered, places: Places, version: int, now: Now, frame: pd.DataFrame
    ) -> None:
        """Compare rows that one version answered.

        Args:
            places: which rows of `part`; `now` and `frame` have one for each, in their order.
            frame: the features of the version that answers now.
        """
        block = self._block(part, places, version, now)
        good = _answered(block)
        if not good.all():
            self.skipped.add({NO_ANSWER: int((~good).sum())})
            kept = np.flatnonzero(good)
            block, places, frame = _some(block, kept), places[kept], frame.iloc[kept]
        judged = self.tally.add(block)

        def kept_rows(some: Places) -> pd.DataFrame:
            return frame.iloc[some].assign(
                __changed__=judged.changed[some], __shift__=block.shift[some]
            )

        def shown_rows(some: Places) -> pd.DataFrame:
            return self._readable(part, places[some], _some(block, some), frame.iloc[some])

        self._kept.offer(np.arange(len(places)), kept_rows)
        self._offer(judged, shown_rows)

    def kept(self) -> pd.DataFrame:
        """The rows kept for segments: the features, `__changed__` and `__shift__`."""
        return self._kept.rows()

    def shown(self) -> pd.DataFrame:
        """The rows to show, those newly wrong first; `results.ROWS_SAMPLE` and the features."""
        found = [
            rows.assign(kind=kind)
            for kind, reservoir in self._shown.items()
            if len(rows := reservoir.rows())
        ]
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame()

    def _offer(self, judged: Judged, rows_of: Callable[[Places], pd.DataFrame]) -> None:
        other = judged.changed & ~judged.newly_wrong & ~judged.newly_right
        of_kinds = (judged.newly_wrong, judged.newly_right, other)
        for kind, members in zip(KINDS, of_kinds, strict=True):
            self._shown[kind].offer(np.flatnonzero(members), rows_of)

    def _block(self, part: Answered, places: Places, version: int, now: Now) -> Block:
        if self.tally.regression:
            values, none = part.values[places], np.full(len(places), np.nan)
            truths = part.true_values[places]
            return Block(version, values, now.values, truths, none, none, now.values - values)
        score_was = part.scores[places]
        was = self.codes.of([part.labels[i] for i in places.tolist()])
        truth = self.codes.of([part.truths[i] for i in places.tolist()])
        after = self.codes.of(now.labels)
        shift = self._amount(version, was, after, now) - score_was
        return Block(version, was, after, truth, score_was, now.scores, shift)

    def _amount(self, version: int, was: Places, after: Places, now: Now) -> NDArray[np.float64]:
        """What the score of then has become; NaN where it is of something else."""
        if self.signature.task == "binary":
            same = str(self._positives.get(version)) == str(self.signature.positive)
            return now.scores if same else np.full(len(was), np.nan)
        if now.shares is None:
            return np.where(was == after, now.scores, np.nan)
        known = (was >= 0) & (was < now.shares.shape[1])
        amount = now.shares[np.arange(len(was)), np.where(known, was, 0)]
        return np.where(known, amount, np.nan)

    def _readable(
        self, part: Answered, places: Places, block: Block, frame: pd.DataFrame
    ) -> pd.DataFrame:
        """Rows for people, without `kind`."""
        names = np.array([*self.codes.names, None], dtype=object)  # -1 is the last

        def said(answers: NDArray[Any]) -> Any:
            return answers if self.tally.regression else names[answers]

        features = frame[self.signature.names[:MOST_FEATURES]]
        told = pd.DataFrame(
            {
                "prediction_id": [text_of(part.ids[i]) for i in places.tolist()],
                "at": pd.to_datetime(part.at[places], unit="us", utc=True),
                "kind": "",
                "was": said(block.was),
                "now": said(block.now),
                "score_was": block.score_was,
                "score_now": block.score_now,
                "truth": said(block.truth),
            }
        )
        cut = {
            f.name: [v[:MOST_CHARACTERS] if isinstance(v, str) else v for v in features[f.name]]
            for f in self.signature.features[:MOST_FEATURES]
            if f.kind == "category"
        }
        return pd.concat([told, features.assign(**cut).reset_index(drop=True)], axis=1)


def _answered(block: Block) -> NDArray[np.bool_]:
    """Which rows had an answer then."""
    if block.was.dtype.kind == "i":
        return np.asarray(block.was != UNKNOWN)
    return np.asarray(~np.isnan(block.was))


def _some(block: Block, places: Places) -> Block:
    return Block(
        block.version,
        block.was[places],
        block.now[places],
        block.truth[places],
        block.score_was[places],
        block.score_now[places],
        block.shift[places],
    )
