"""What a version answers to rows that another version's signature has read."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from backend.errors import Unusable
from backend.versions.scorer import Scored, Scorer
from backend.versions.signature import Signature

MOST_TRIES = 64


class Answer(NamedTuple):
    """One row's answer as the log holds it, or why there is none."""

    label: str | None = None
    value: float | None = None
    score: float | None = None
    error: str | None = None


def answers(scorer: Scorer, rows: Sequence[Sequence[Any]], read_by: Signature) -> list[Answer]:
    """The answers to rows that `read_by` has read, in their order.

    Where the two signatures differ a row goes by the names of its features: what the version does
    not take is left out, and what it lacks is missing. A row that it would refuse, or cannot
    answer, has an error and leaves the others alone.
    """
    if _reads_alike(scorer.signature, read_by):
        return _scored(scorer, rows)
    found: list[Answer | None] = []
    usable: list[list[Any]] = []
    for row in rows:
        sent = read_by.as_object(row)
        try:
            usable.append(scorer.signature.read({n: sent[n] for n in _shared(scorer, sent)}))
            found.append(None)
        except Unusable as error:
            found.append(Answer(error=_plain(error.detail)))
    scored = iter(_scored(scorer, usable) if usable else ())
    return [next(scored) if answer is None else answer for answer in found]


def _shared(scorer: Scorer, sent: dict[str, Any]) -> list[str]:
    return [name for name in scorer.signature.names if name in sent]


def _reads_alike(own: Signature, other: Signature) -> bool:
    """Whether every row that `other` reads is one that `own` would read to the same values."""
    return own.names == other.names and all(
        mine.kind == theirs.kind
        and (mine.nullable or not theirs.nullable)
        and (
            mine.kind != "category"
            or own.serves_unseen
            or (not other.serves_unseen and set(theirs.categories) <= set(mine.categories))
        )
        for mine, theirs in zip(own.features, other.features, strict=True)
    )


def _scored(scorer: Scorer, rows: Sequence[Sequence[Any]]) -> list[Answer]:
    """Answers to rows of the version's own; those that spoil a batch are found by halving it.

    An estimator that fails for many of them is not asked for ever: after 64 tries the rows left
    together share their error.
    """
    found: list[Answer] = []
    parts = [rows]
    tries = 0
    while parts:
        part = parts.pop()
        tries += 1
        try:
            found += _as_logged(scorer.score(part))
        except Exception as error:  # noqa: BLE001  # an estimator may raise anything
            if len(part) > 1 and tries < MOST_TRIES:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
                continue
            said = _plain(f"{type(error).__name__}: {str(error)[:200]}")
            found += [Answer(error=f"It could not answer these values ({said}).")] * len(part)
    return found


def _as_logged(scored: Scored) -> list[Answer]:
    if scored.values is not None:
        return [Answer(value=value) for value in scored.values.tolist()]
    if scored.labels is None or scored.scores is None:
        return []
    return [
        Answer(label=str(label), score=score)
        for label, score in zip(scored.labels, scored.scores.tolist(), strict=True)
    ]


def _plain(text: str) -> str:
    """Text that PostgreSQL takes: it has no NUL."""
    return text.replace("\0", "\ufffd")
