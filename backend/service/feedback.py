"""Ground truth from callers: checked against what was predicted, then recorded."""

from typing import Any, Final

from backend.errors import NotFound, Unusable, WatchdeskError
from backend.records import predictions, registry
from backend.records.database import Database
from backend.records.predictions import Truth, conflict
from backend.service.bodies import FeedbackBody
from backend.versions.signature import Signature

CALLER: Final = "a caller of /feedback"
"""The actor of corrections: until callers sign in, no more is known of them."""


def record(database: Database, body: FeedbackBody | list[FeedbackBody]) -> dict[str, Any]:
    """Record one truth, or a list of them, each on its own.

    Returns:
        For one `{"prediction_id", "recorded": true}`; for a list `{"recorded", "refused",
        "results"}` with a result per item: its `prediction_id`, `status` (200, 404, 409 or 422)
        and, when refused, `error` and `detail`.

    Raises:
        NotFound, FeedbackConflict, Unusable: a single truth is refused.
    """
    if isinstance(body, FeedbackBody):
        refusal = _record(database, [body])[0]
        if refusal is not None:
            raise refusal
        return {"prediction_id": body.prediction_id, "recorded": True}
    results = [
        _result(item, refusal) for item, refusal in zip(body, _record(database, body), strict=True)
    ]
    refused = sum(result["status"] != 200 for result in results)
    return {"recorded": len(results) - refused, "refused": refused, "results": results}


def _record(database: Database, items: list[FeedbackBody]) -> list[WatchdeskError | None]:
    refusals: list[WatchdeskError | None] = [None] * len(items)
    answered = predictions.keys(database, [i.prediction_id for i in items if _is_id(i)])
    signatures: dict[tuple[str, int], Signature] = {}
    accepted: dict[tuple[str, bool], list[tuple[int, Truth]]] = {}
    for index, item in enumerate(items):
        try:
            key = predictions.text_of(predictions.key_of(item.prediction_id))
            model, truth = _truth(database, key, item, answered, signatures)
        except WatchdeskError as error:
            refusals[index] = error
            continue
        accepted.setdefault((model, item.correct), []).append((index, truth))
    for (model, correct), group in accepted.items():
        truths = [truth for _, truth in group]
        recorded = predictions.append_feedback(
            database, model, truths, correct=correct, actor=CALLER
        )
        for (index, truth), known in zip(group, recorded, strict=True):
            if known is not None:
                refusals[index] = conflict(truth.prediction_id, known, truth.text)
    return refusals


def _is_id(item: FeedbackBody) -> bool:
    try:
        predictions.key_of(item.prediction_id)
    except Unusable:
        return False
    return True


def _truth(
    database: Database,
    key: str,
    item: FeedbackBody,
    answered: dict[str, tuple[str, int | None]],
    signatures: dict[tuple[str, int], Signature],
) -> tuple[str, Truth]:
    """The model and the truth of one item, checked against the version that answered."""
    model, number = answered.get(key, ("", None))
    if number is None:
        raise NotFound(
            f"There is no answered prediction `{item.prediction_id[:60]}`. Use the"
            " `prediction_id` of an answer."
        )
    if (model, number) not in signatures:
        version = registry.version(database, model, number)
        signatures[model, number] = Signature.from_json(version.signature)
    signature = signatures[model, number]
    if signature.task != "regression":
        return model, Truth(key, str(signature.label_of(item.ground_truth)), None)
    return model, Truth(key, None, signature.value_of(item.ground_truth))


def _result(item: FeedbackBody, refusal: WatchdeskError | None) -> dict[str, Any]:
    if refusal is None:
        return {"prediction_id": item.prediction_id, "status": 200}
    return {
        "prediction_id": item.prediction_id,
        "status": refusal.status,
        "error": type(refusal).__name__,
        "detail": refusal.detail,
    }
