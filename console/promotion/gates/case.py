"""What gates judge: a version, the champion, their answers and the log, each read when needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable, WatchdeskError
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from console.comparison import answers as answering
from console.comparison.answers import Answers
from console.comparison.chosen import MOST_ROWS, TRUTH
from console.comparison.held_out import held_out, named, started
from console.comparison.metrics import Metric
from console.promotion.gates.found import NotApplicable
from console.promotion.gates.rules import GateRules


@dataclass(frozen=True)
class Judged:
    """Rows with their truth and one or two versions' answers to them.

    Attributes:
        frame: the rows, with `__truth__`.
        signature: of the version that is judged: its positive label counts for both.
        answers: of the version that is judged, then, where there is one, of the champion.
        warning: why the rows may favour the champion; or empty.
    """

    frame: pd.DataFrame
    signature: Signature
    answers: tuple[Answers, ...]
    warning: str = ""

    def __len__(self) -> int:
        return len(self.frame)

    def part(self, places: Any) -> "Judged":
        """Some of the rows: `places` is a mask of shape (n,)."""
        some = tuple(
            Answers(
                one.chosen[places] if one.labels else one.chosen,
                one.shares[places] if one.labels else one.shares,
                one.values if one.labels else one.values[places],
                one.labels,
            )
            for one in self.answers
        )
        return Judged(self.frame.loc[places], self.signature, some, self.warning)

    def metrics(self, place: int = 0) -> Mapping[str, Metric]:
        """The metrics of one version's answers, by name, each waiting for the rows' weights."""
        return answering.judges(self.signature, self.frame[TRUTH], self.answers[place])

    def figure(self, metric: str, place: int = 0) -> float:
        """A metric over all rows; NaN where it is undefined.

        Raises:
            Unusable: it is none of the version's task.
        """
        known = self.metrics(place)
        if metric not in known:
            raise Unusable(
                f"`{metric}` is no metric of a {self.signature.task} task. Take it out of the"
                " rules."
            )
        return float(known[metric](np.ones((1, len(self))))[0])


class Case:
    """One evaluation: what is judged, and by which rules. Nothing is read until it is asked for."""

    def __init__(
        self,
        database: Database,
        version: Version,
        champion: Version | None,
        store: Store,
        rules: GateRules,
        window: Window | None,
    ) -> None:
        self.database = database
        self.version = version
        self.champion = champion
        self.store = store
        self.rules = rules
        self.window = window
        """Of the log; None where the model has none."""

    @property
    def alone(self) -> NotApplicable | None:
        """Why there is no champion to set the version beside; None where there is one."""
        if self.champion is None:
            return NotApplicable(f"Nothing answers for `{self.version.model}` yet.")
        if self.champion.id == self.version.id:
            return NotApplicable(f"{self.name} is the champion itself.")
        return None

    @property
    def name(self) -> str:
        """The version at the beginning of a sentence."""
        return started(named(self.version))

    @cached_property
    def signature(self) -> Signature:
        """The version's."""
        return Signature.from_json(self.version.signature)

    @cached_property
    def scorer(self) -> Scorer:
        """The version, ready to answer."""
        return artefacts.load(self.database, self.version, self.store)

    @cached_property
    def champions(self) -> Scorer:
        """The champion, ready to answer; there must be one."""
        assert self.champion is not None  # noqa: S101  # `alone` was asked first
        return artefacts.load(self.database, self.champion, self.store)

    @cached_property
    def heldout(self) -> pd.DataFrame:
        """The version's held-out rows with the answers stored then; 50,000 at most."""
        found = artefacts.table(self.database, self.version, artefacts.HELDOUT, self.store)
        if len(found) > MOST_ROWS:
            found = found.sample(MOST_ROWS, random_state=0)
        return found.reset_index(drop=True)

    @cached_property
    def judged(self) -> Judged:
        """The version's answers to its held-out rows."""
        labels = answering.all_labels([self.signature], self.heldout[TRUTH])
        return Judged(self.heldout, self.signature, (self._answers(self.scorer, labels),))

    @cached_property
    def pair(self) -> Judged:
        """The answers of the version and of the champion to the rows that both held out."""
        assert self.champion is not None  # noqa: S101  # `alone` was asked first
        if self.champion.task != self.version.task:
            raise Unusable(
                f"The task of {named(self.version)} is {self.version.task} and the champion's"
                f" {self.champion.task}, so no metric is of both."
            )
        rows = held_out(self.database, [self.champion, self.version], self.store)
        theirs = Signature.from_json(self.champion.signature)
        labels = answering.all_labels([theirs, self.signature], rows.frame[TRUTH])
        both = tuple(
            self._answers(scorer, labels, rows.frame) for scorer in (self.scorer, self.champions)
        )
        return Judged(rows.frame, self.signature, both, rows.warning)

    def _answers(
        self, scorer: Scorer, labels: tuple[Any, ...], frame: pd.DataFrame | None = None
    ) -> Answers:
        try:
            return answering.answer(scorer, self.heldout if frame is None else frame, labels)
        except WatchdeskError:
            raise
        except Exception as error:  # an estimator raises what it likes
            raise Unusable(
                f"The held-out rows cannot be answered ({type(error).__name__}:"
                f" {str(error)[:200]}). Train the version again."
            ) from error


def rows_of(matrix: Any) -> list[list[Any]]:
    """The rows of what `Signature.matrix` gives, each as `Signature.read` gave it."""
    if isinstance(matrix, pd.DataFrame):
        return [list(row) for row in matrix.itertuples(index=False, name=None)]
    found: list[list[Any]] = matrix.tolist()
    return found
