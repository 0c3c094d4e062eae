"""Rows on their way through the shadow, and what the challenger answers to them."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backend.records.shadows import ShadowRow
from backend.service.champions import Loaded
from backend.versions import rereading


@dataclass(slots=True, frozen=True, eq=False)
class Work:
    """Rows that a champion has answered: `rows` as its signature reads them."""

    champion: Loaded
    rows: Sequence[Sequence[Any]]
    prediction_ids: Sequence[bytes]
    ats: Sequence[int]

    def part(self, start: int, end: int) -> "Work":
        """Some of the rows."""
        window = slice(start, end)
        return Work(self.champion, self.rows[window], self.prediction_ids[window], self.ats[window])


def together(batch: Iterable[Work]) -> list[Work]:
    """A batch with the rows of each champion in one piece."""
    groups: dict[int, list[Work]] = {}
    for work in batch:
        groups.setdefault(id(work.champion), []).append(work)
    return [
        Work(
            group[0].champion,
            [row for work in group for row in work.rows],
            [key for work in group for key in work.prediction_ids],
            [at for work in group for at in work.ats],
        )
        for group in groups.values()
    ]


def score(challenger: Loaded, work: Work) -> list[ShadowRow]:
    """What the challenger answers to each row, to be stored."""
    began = time.perf_counter()
    answers = rereading.answers(challenger.scorer, work.rows, work.champion.signature)
    latency_ms = (time.perf_counter() - began) * 1_000 / len(work.rows)
    return [
        ShadowRow(
            prediction_id=key,
            at=at,
            model=challenger.model,
            version=challenger.number,
            label=answer.label,
            value=answer.value,
            score=answer.score,
            latency_ms=latency_ms if answer.error is None else None,
            error=answer.error,
        )
        for key, at, answer in zip(work.prediction_ids, work.ats, answers, strict=True)
    ]
