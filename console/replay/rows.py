"""Rows of the log as a replay makes them, and the ids by which it knows them again."""

import hashlib
import json
from typing import Any

from backend.records.predictions import EXCERPT, Row, Truth, text_of
from backend.records.registry import Version
from backend.versions import reader
from backend.versions.scorer import Scored
from backend.versions.signature import Signature
from console.replay.table import Item


def content_of(version: Version, item: Item, salt: str = "") -> bytes:
    """A digest of what a replayed row is: the version, its time and its values."""
    # The version's row, not its number: a model that was removed and made again is another.
    what = [salt, version.model, version.id, item.at, item.instance]
    return hashlib.sha256(json.dumps(what).encode()).digest()


def id_of(at: int, content: bytes, count: int) -> bytes:
    """The prediction id of the `count`th row with this content, at `at` (UTC µs).

    A UUIDv7 (RFC 9562, section 5.7) of the row's own time, whose other 74 bits are a digest in
    place of random ones. Times outside 1970 to 10889 do not fit and take the nearest that does.
    """
    digest = hashlib.sha256(content + str(count).encode()).digest()
    milliseconds = min(max(at // 1_000, 0), 2**48 - 1)
    octets = bytearray(milliseconds.to_bytes(6, "big") + digest[:10])
    octets[6] = octets[6] & 0x0F | 0x70  # version 7
    octets[8] = octets[8] & 0x3F | 0x80  # variant
    return bytes(octets)


def refused(version: Version, item: Item, key: bytes, why: str) -> Row:
    """The row of an item that the signature refuses, with an excerpt of what it held."""
    held = json.dumps(item.instance, ensure_ascii=False)[:EXCERPT]
    return _base(version, item, key)._replace(outcome="refused", features=held, error=why)


def answered(
    version: Version, item: Item, key: bytes, signature: Signature, values: list[Any]
) -> Row:
    """The row of an item that the signature has read as `values`, still without its answer."""
    return _base(version, item, key)._replace(features=reader.text_of(signature, values))


def with_answer(row: Row, scored: Scored, place: int) -> Row:
    """An answered row with the answer at `place`."""
    return row._replace(
        label=None if scored.labels is None else str(scored.labels[place]),
        value=None if scored.values is None else float(scored.values[place]),
        score=None if scored.scores is None else float(scored.scores[place]),
    )


def truth_of(signature: Signature, item: Item, key: bytes, delay: int) -> Truth:
    """The truth of an item, arriving `delay` microseconds after it.

    Raises:
        Unusable: it is no label of the target, or no number.
    """
    at = item.at + delay
    if signature.task != "regression":
        return Truth(text_of(key), str(signature.label_of(item.truth)), None, at)
    return Truth(text_of(key), None, signature.value_of(item.truth), at)


def _base(version: Version, item: Item, key: bytes) -> Row:
    return Row(
        prediction_id=key,
        request_id=b"",  # filled in when it is written: a batch shares one
        at=item.at,
        model=version.model,
        version=version.number,
        source="replay",
        outcome="answered",
        features=None,
        label=None,
        value=None,
        score=None,
        latency_ms=None,  # nobody waited for it
        error=None,
    )
