"""Predicting requests together, and what each row is answered."""

from collections.abc import Iterable, Sequence
from typing import Any

from backend.errors import Unusable
from backend.service.champions import Loaded
from backend.service.requests import Request
from backend.versions.scorer import Scored


def predict(batch: Iterable[Request]) -> None:
    """Predict a batch: requests of one version together, and if that fails each alone.

    Fills in `answers`, or the `refusal` of a request whose values its version cannot answer.
    """
    for loaded, requests in _by_version(batch):
        _predict(loaded, requests)


def is_quick(batch: Iterable[Request]) -> bool:
    """Whether predicting takes less time than handing the batch to a thread and back."""
    return all(r.loaded is None or r.answers or r.loaded.pace.is_quick for r in batch)


def answers_of(
    loaded: Loaded, scored: Scored, rows: Sequence[Sequence[Any]]
) -> list[dict[str, Any]]:
    """What rows are answered, but for their ids."""
    model, version, names = loaded.model, loaded.number, loaded.label_names
    answers: list[dict[str, Any]]
    if scored.labels is None or scored.scores is None or scored.probabilities is None:
        values = [] if scored.values is None else scored.values.tolist()
        answers = [{"model": model, "version": version, "value": value} for value in values]
    else:
        answers = [
            {
                "model": model,
                "version": version,
                "label": label,
                "score": score,
                "probabilities": dict(zip(names, shares, strict=True)),
            }
            for label, score, shares in zip(
                scored.labels, scored.scores.tolist(), scored.probabilities.tolist(), strict=True
            )
        ]
    if not loaded.signature.all_numeric:
        for answer, row in zip(answers, rows, strict=True):
            if unseen := loaded.signature.unseen(row):
                answer["unseen"] = unseen
    return answers


def score(loaded: Loaded, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Predict rows with a version.

    Raises:
        Unusable: its estimator cannot answer them.
    """
    try:
        return answers_of(loaded, loaded.scorer.score(rows), rows)
    except Exception as error:
        raise Unusable(
            f"Version {loaded.number} of `{loaded.model}` could not answer these values"
            f" ({type(error).__name__}: {str(error)[:200]}). Compare them with the ranges in"
            f" `GET /models/{loaded.model}`."
        ) from error


def _by_version(batch: Iterable[Request]) -> Iterable[tuple[Loaded, list[Request]]]:
    groups: dict[int, tuple[Loaded, list[Request]]] = {}
    for request in batch:
        loaded = request.loaded
        if loaded is not None and request.refusal is None and not request.answers:
            groups.setdefault(id(loaded), (loaded, []))[1].append(request)
    return groups.values()


def _predict(loaded: Loaded, requests: list[Request]) -> None:
    rows = [row for request in requests for row in request.rows]
    try:
        with loaded.pace.watched(len(rows)):
            answers = score(loaded, rows)
    except Unusable as error:
        if len(requests) == 1:
            requests[0].refusal = error
            return
        for request in requests:
            _predict(loaded, [request])
        return
    start = 0
    for request in requests:
        end = start + len(request.rows)
        request.answers = answers[start:end]
        start = end
