"""A rescoring as a JSON document and back: what the command prints and the job keeps."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from backend.records.predictions import Window
from console.jobs.child import plain
from console.rescoring.results import (
    BY_VERSION,
    FLIPS,
    ROWS_SAMPLE,
    SEGMENTS,
    SKIPPED,
    Latency,
    Rescoring,
    Share,
    Shift,
    Truths,
)
from console.windows import iso

_SAME = ("model", "version", "task", "origin", "source", "found", "rows", "sampled", "tolerance")
_SHARES = ("right_was", "right_now", "newly_right", "newly_wrong")


def to_json(found: Rescoring) -> dict[str, Any]:
    """The document; docs/rescoring.md lists its keys. What is not known is null."""
    agreement = found.agreement
    document = {name: getattr(found, name) for name in _SAME} | {
        "from": iso(found.window.start),
        "to": iso(found.window.end),
        "window_us": [found.window.start, found.window.end],
        "against": list(found.against),
        "skipped": {"rows": found.n_skipped, "reasons": _records(found.skipped)},
        "agreement": None if agreement is None else agreement.share,
        "agreement_low": None if agreement is None else agreement.low,
        "agreement_high": None if agreement is None else agreement.high,
        "agreeing": None if agreement is None else agreement.n,
        "flips": _records(found.flips),
        "by_version": _records(found.by_version),
        "score_shift": None if found.shift is None else vars(found.shift),
        "by_segment": _records(found.segments),
        "segment_rows": found.segment_rows,
        "truth": None if found.truth is None else _truth(found.truth),
        "latency": vars(found.latency),
        "sample": _sample(found.rows_sample),
        "message": found.message,
    }
    made: dict[str, Any] = plain(document)
    return made


def from_json(document: Mapping[str, Any]) -> Rescoring:
    """The rescoring of which `to_json` made the document."""
    kept = {name: document[name] for name in _SAME}
    shift, agreement = document["score_shift"], document["agreement"]
    share = None
    if agreement is not None:
        ends = document["agreement_low"], document["agreement_high"]
        share = Share(document["agreeing"], document["rows"], agreement, *ends)
    return Rescoring(
        **kept,
        against=tuple(document["against"]),
        window=Window(*document["window_us"]),
        skipped=_frame(document["skipped"]["reasons"], SKIPPED),
        agreement=share,
        flips=_frame(document["flips"], FLIPS),
        by_version=_frame(document["by_version"], BY_VERSION),
        shift=None if shift is None else Shift(**_numbers(shift)),
        segments=_frame(document["by_segment"], SEGMENTS),
        segment_rows=document["segment_rows"],
        truth=None if document["truth"] is None else _truths(document["truth"]),
        latency=_latency(document["latency"]),
        rows_sample=_sampled(document["sample"]),
        message=document["message"],
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in _lists(frame)]


def _lists(frame: pd.DataFrame) -> list[list[Any]]:
    """Rows of plain values: a frame's own mix of types makes numpy's of them."""
    columns = [frame[name].tolist() for name in frame.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _frame(records: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame([dict(record) for record in records], columns=list(columns))


def _truth(truth: Truths) -> dict[str, Any]:
    shares = {name: getattr(truth, name) for name in _SHARES}
    return vars(truth) | {
        name: None if share is None else vars(share) for name, share in shares.items()
    }


def _truths(document: Mapping[str, Any]) -> Truths:
    kept: dict[str, Any] = {
        name: None if document[name] is None else Share(**document[name]) for name in _SHARES
    }
    kept["p_value"] = document["p_value"]  # none of a regression, so not NaN
    rest = {name: value for name, value in document.items() if name not in kept}
    return Truths(**kept, **_numbers(rest))


def _latency(document: Mapping[str, Any]) -> Latency:
    each = document["us_per_row"]
    return Latency(**{**document, "us_per_row": math.nan if each is None else each})


def _numbers(document: Mapping[str, Any]) -> dict[str, Any]:
    """What was not finite is NaN again."""
    return {name: math.nan if value is None else value for name, value in document.items()}


def _sample(frame: pd.DataFrame) -> dict[str, Any]:
    """By column names once and rows as lists: fifty names a row would be most of the document."""
    told = frame.assign(at=[t.isoformat() for t in frame["at"]])
    return {"columns": list(map(str, frame.columns)), "rows": _lists(told)}


def _sampled(document: Mapping[str, Any]) -> pd.DataFrame:
    found = pd.DataFrame(document["rows"], columns=document["columns"] or list(ROWS_SAMPLE))
    return found.assign(at=pd.to_datetime(found["at"], utc=True, format="ISO8601"))
