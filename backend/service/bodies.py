"""What callers send: the bodies of the JSON routes, and how bytes become them.

msgspec reads in under a microsecond what is well formed. What it refuses is read once more by the
standard library, which takes NaN and Infinity, so that the refusal can name the feature.
"""

import json
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from backend.errors import Malformed

MOST_INSTANCES = 10_000


class PredictBody(msgspec.Struct, forbid_unknown_fields=True):
    """One row as `features`, or several as `instances`; each an object by name, or a list."""

    model: str | None = None
    features: dict[str, Any] | list[Any] | UnsetType = UNSET
    instances: list[dict[str, Any] | list[Any]] | UnsetType = UNSET


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """A `PredictBody` whose rows are still bytes, to be read by a version's own `Reader`."""

    model: str | None = None
    features: msgspec.Raw | UnsetType = UNSET
    instances: msgspec.Raw | UnsetType = UNSET


class FeedbackBody(msgspec.Struct, forbid_unknown_fields=True):
    """The truth of one prediction; `correct` replaces a different truth recorded before."""

    prediction_id: str
    ground_truth: str | int | float | bool
    correct: bool = False


def read_envelope(body: bytes) -> Envelope | None:
    """The body of a prediction, its rows unread; None when `read_predict` has to look at it."""
    try:
        found = _ENVELOPE.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    return found if (found.features is UNSET) != (found.instances is UNSET) else None


def read_predict(body: bytes) -> PredictBody:
    """The body of a prediction.

    Raises:
        Malformed: it is not JSON, or not of this form.
    """
    found: PredictBody = read_document(body, _PREDICT, PredictBody)
    if (found.features is UNSET) == (found.instances is UNSET):
        raise Malformed(
            "The body has neither or both of `features` and `instances`; expected one of them:"
            " `features` for one row, `instances` for several."
        )
    return found


def read_feedback(body: bytes) -> FeedbackBody | list[FeedbackBody]:
    """The body of a feedback: one truth or a list of them.

    Raises:
        Malformed: as `read_predict`.
    """
    kind: Any = FeedbackBody | list[FeedbackBody]
    found: FeedbackBody | list[FeedbackBody] = read_document(body, _FEEDBACK, kind)
    return found


_ENVELOPE = msgspec.json.Decoder(Envelope)
_PREDICT = msgspec.json.Decoder(PredictBody)
_FEEDBACK = msgspec.json.Decoder(FeedbackBody | list[FeedbackBody])


def read_document(body: bytes, decoder: Any, kind: Any) -> Any:
    """JSON as `kind`, which `decoder` reads.

    Raises:
        Malformed: it is not JSON, or not of this form.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        if "out of range" in str(error):  # 1e999: infinity by another name
            return _read_slowly(body, kind, error)
        raise Malformed(f"The body is not of the expected form: {_said(error)}.") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        return _read_slowly(body, kind, error)


def _read_slowly(body: bytes, kind: Any, reason: Exception) -> Any:
    """Read JSON with NaN or Infinity in it, which the standard does not have and clients send.

    It also takes half a surrogate pair, which is no text: no database and no answer could hold it.
    """
    try:
        document = json.loads(body.decode("utf-8"))
        json.dumps(document, ensure_ascii=False).encode()
        return msgspec.convert(document, kind)
    except UnicodeEncodeError:
        raise Malformed(
            "The body holds half a surrogate pair (`\\ud800` to `\\udfff`), which is no character."
            " Send text as UTF-8, or both halves."
        ) from None
    except msgspec.ValidationError as error:
        raise Malformed(f"The body is not of the expected form: {_said(error)}.") from None
    except (ValueError, RecursionError):
        text = "it is nested too deeply" if isinstance(reason, RecursionError) else _said(reason)
        raise Malformed(
            f"The body is not JSON that can be read: {text}. Send one JSON object."
        ) from None


def _said(error: Exception) -> str:
    text = str(error).strip().rstrip(".").encode("utf-8", "backslashreplace").decode()
    return text[:200] if text else type(error).__name__
