"""Evidence of change in a version's log, from block to block."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.watching import sentences
from console.watching.choosing import Choice, choose
from console.watching.detector import LEAST, Detector, Step
from console.watching.results import Block, Evidence, Status
from console.watching.stream import WIDTHS, Piece, Source, frame_of
from console.windows import DAY

Asked = Literal["auto", "hour", "day"]
GROWING = 0.5
"""From this part of the threshold on evidence is called growing."""
FORM = 1  # of the state; another form is not gone on from


def evidence(
    database: Database,
    version: Version,
    start: int,
    end: int,
    store: Store,
    *,
    weeks: float = 12.0,
    block: Asked = "auto",
    state: dict[str, Any] | None = None,
    source: str | None = None,
) -> Evidence:
    """The evidence that what `version` is asked has changed, between `start` and `end` (UTC µs).

    Args:
        weeks: the budget: at most one false alarm in so many weeks on average; 1 to 520.
        block: what is judged at a time; `auto` takes whole days where a daily cycle is seen.
        state: of an earlier answer, to go on from its `end`; `start` is then not looked at. One of
            another version, source or block is not gone on from: watching begins anew at `start`.
        source: only rows of `live` or `replay`; all if None.

    Raises:
        Unusable: `weeks` is out of range.
        ArtefactDamaged: the version's reference is missing or altered.
    """
    if not 1 <= weeks <= 520:
        raise Unusable(f"The budget is `{weeks:g}` weeks; expected 1 to 520.")
    signature = Signature.from_json(version.signature)
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    detector = Detector(signature.features, reference, version.id)
    window = Window(start, end)
    # No version has the number 0, and None would mean all of them.
    which = Filter(version.model, window, version=version.number or 0, source=source)
    rows = Source(database, which, detector, version.id)
    kept = _kept(state, version, source, block)
    chosen = _chosen(kept) or choose(rows, block, start, end)
    run = _Run(detector, chosen, weeks, len(reference))
    if kept is not None and kept["detector"] is not None:
        run.go_on(kept)
        start = kept["end"]
    run.end = start
    if chosen.block is not None:
        for piece in rows.pieces(chosen.block, start, end):
            run.judge(piece)
    return run.found({"form": FORM, "version": version.id, "source": source, "asked": block})


def _kept(
    state: dict[str, Any] | None, version: Version, source: str | None, block: str
) -> dict[str, Any] | None:
    """The state, if it is of the same version, source and choice of blocks."""
    asked = {"form": FORM, "version": version.id, "source": source, "asked": block}
    if not state or any(state.get(name) != value for name, value in asked.items()):
        return None
    return state


def _chosen(kept: dict[str, Any] | None) -> Choice | None:
    if kept is None or kept["block"] is None:
        return None
    return Choice(kept["block"], kept["reason"])


@dataclass
class _Run:
    """The blocks of one call, judged one after another."""

    detector: Detector
    chosen: Choice
    weeks: float
    n_reference: int
    end: int = 0
    judged: int = 0
    rows: list[tuple[int, int, int, float, float, str]] = field(default_factory=list)
    alarms: dict[int, tuple[int, int, float]] = field(default_factory=dict)
    """By the feature's place: the end of its first block with an alarm, when it began, evidence."""
    ends: list[int] = field(default_factory=list)

    @property
    def block(self) -> Block:
        return self.chosen.block or "day"

    @property
    def threshold(self) -> float:
        return float(np.log(self.weeks * 7 * DAY / WIDTHS[self.block]))

    def go_on(self, kept: dict[str, Any]) -> None:
        self.detector.restore(kept["detector"])
        self.judged = kept["judged"]

    def judge(self, piece: Piece) -> None:
        step = self.detector.step(piece.values, piece.missing, piece.start, self.threshold)
        first = int(np.argmax(step.evidence))
        leading = self.detector.features[first].name
        level, e_value = float(step.evidence[first]), float(step.e_values.mean())
        self.rows.append((piece.start, piece.end, piece.rows, level, e_value, leading))
        self.end, self.judged = piece.end, self.judged + 1
        if step.alarmed.any():
            self._alarm(step, piece)

    def _alarm(self, step: Step, piece: Piece) -> None:
        self.ends.append(piece.end)
        for place in np.flatnonzero(step.alarmed).tolist():
            what = piece.end, int(step.began[place]), float(step.evidence[place])
            self.alarms.setdefault(place, what)

    def found(self, asked: dict[str, Any]) -> Evidence:
        """What is told of it, and the state to go on from."""
        by_feature = self._by_feature()
        level = float(self.detector.levels.max(initial=LEAST))
        alarm_at = self.ends[0] if self.ends else None
        status: Status = "alarm" if self.ends else "quiet"
        if not self.judged:
            status = "not_enough_rows"
        elif not self.ends and level >= GROWING * self.threshold:
            status = "growing"
        began = by_feature["began_at"].dropna()
        state = {
            **asked,
            "block": self.chosen.block,
            "reason": self.chosen.reason,
            "end": self.end,
            "judged": self.judged,
            "level": level,
            "detector": self.detector.state if self.chosen.block else None,
        }
        found = Evidence(
            frame=frame_of(self.rows),
            threshold=self.threshold,
            alarm_at=alarm_at,
            began_at=int(began.iloc[0]) if status in {"alarm", "growing"} and len(began) else None,
            by_feature=by_feature,
            block=self.block,
            weeks=self.weeks,
            n_reference=self.n_reference,
            message="",
            state=state,
            status=status,
            n_rows=sum(row[2] for row in self.rows),
            reason=self.chosen.reason,
            alarms=tuple(self.ends),
        )
        return replace(found, message=sentences.message(found))

    def _by_feature(self) -> pd.DataFrame:
        """The first alarm's features first, then by evidence."""
        levels, began = self.detector.levels, self.detector.began
        table = []
        for place, feature in enumerate(self.detector.features):
            now = int(began[place]) if levels[place] >= GROWING * self.threshold else -1
            alarm, since, level = self.alarms.get(place, (-1, now, float(levels[place])))
            table.append((feature.name, feature.title, level, since, alarm))
        names = ["feature", "title", "log_evidence", "began_at", "alarm_at"]
        frame = pd.DataFrame(table, columns=names)
        for name in ("began_at", "alarm_at"):
            frame[name] = frame[name].where(frame[name] >= 0).astype("Int64")
        order = ["alarm_at", "log_evidence"]
        return frame.sort_values(order, ascending=[True, False], ignore_index=True)
