"""MLflow's scoring protocol: `POST /invocations`, with `GET /ping` and `GET /version`.

The answer is `{"predictions": [...]}`, plain labels or values in the order of the rows, with the
ids that feedback needs beside it. Errors are in MLflow's form: `error_code` and `message`.
"""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from backend.errors import Malformed, TooLarge, UnsupportedMedia, Unusable, WatchdeskError
from backend.service.answering import (
    Answering,
    Headers,
    as_json,
    not_allowed,
    refuse_method,
    reply,
)
from backend.service.bodies import MOST_INSTANCES, read_document
from backend.service.champions import Loaded
from backend.service.requests import Request
from backend.service.wire import Receive, Scope, Send, check_json, respond
from backend.versions.features import Feature, listed, shown
from backend.versions.signature import Signature

PROTOCOL = b"2.0.0"
"""The version of MLflow whose scoring protocol this is; it has not changed since."""
_INVOCATIONS = re.compile(r"/invocations|/models/([^/]+)/invocations")
_CODES = {
    400: "BAD_REQUEST",
    404: "RESOURCE_DOES_NOT_EXIST",
    405: "BAD_REQUEST",
    409: "INVALID_STATE",
    413: "BAD_REQUEST",
    415: "BAD_REQUEST",
    422: "INVALID_PARAMETER_VALUE",
    503: "TEMPORARILY_UNAVAILABLE",
}


class SplitFrame(msgspec.Struct):
    """A table as pandas' `to_dict(orient="split")` gives it; its index is not read."""

    columns: list[str]
    data: list[list[Any]]


class InvocationBody(msgspec.Struct):
    """Rows in one of four forms; `params` are not taken by any version."""

    inputs: dict[str, list[Any]] | list[dict[str, Any] | list[Any]] | UnsetType = UNSET
    instances: list[dict[str, Any] | list[Any]] | UnsetType = UNSET
    dataframe_split: SplitFrame | UnsetType = UNSET
    dataframe_records: list[dict[str, Any]] | UnsetType = UNSET
    params: dict[str, Any] | None = None


class Invocations:
    """Answers MLflow's paths."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request on a path for which `is_mlflow` holds."""
        path, method = scope["path"], scope["method"]
        named = _INVOCATIONS.fullmatch(path)
        allowed = b"POST" if named else b"GET"
        try:
            if method.encode() != allowed:
                detail = not_allowed(path, method, allowed)
                await refuse_method(send, allowed, _problem(405, detail))
            elif named:
                answer = await self._answering.answer(scope, receive, read_rows_of, named[1])
                await respond(send, 200, _worded(*answer))
            elif path == "/ping":
                await self._answering.version(None)
                await respond(send, 200, {})
            else:
                await reply(send, 200, PROTOCOL, (b"content-type", b"text/plain"))
        except WatchdeskError as error:
            await respond(send, error.status, _problem(error.status, error.detail))


def is_mlflow(path: str) -> bool:
    """Whether `path` is one of MLflow's."""
    return path in ("/invocations", "/ping", "/version") or (
        path.endswith("/invocations") and bool(_INVOCATIONS.fullmatch(path))
    )


def read_rows_of(request: Request, loaded: Loaded, headers: Headers) -> list[Any]:
    """The instances in a request: objects by name, or lists in the signature's order.

    Raises:
        UnsupportedMedia, Malformed: it is neither JSON nor CSV, or cannot be read.
        Unusable, TooLarge: it can be read, and not be answered.
    """
    media = next((value for name, value in headers if name == b"content-type"), b"")
    if media.split(b";")[0].strip().lower() == b"text/csv":
        _check_charset(media)
        check_json(as_json(headers))
        return _from_csv(request.body, loaded.signature)
    check_json(headers)
    body: InvocationBody = read_document(request.body, _DECODER, InvocationBody)
    if body.params:
        raise Unusable(
            f"`params` has {listed(list(body.params))}; no version takes parameters when it"
            " predicts. Leave `params` out."
        )
    return _from_json(body)


def _from_json(body: InvocationBody) -> list[Any]:
    given = {name: rows for name in _FORMS if (rows := getattr(body, name)) is not UNSET}
    if len(given) != 1:
        raise Malformed(
            f"The body has {listed(list(given)) if given else 'no rows'}; expected exactly one of"
            f" {listed(_FORMS)}."
        )
    name, rows = given.popitem()
    if isinstance(rows, SplitFrame):
        return _from_split(rows)
    if isinstance(rows, dict):
        return _from_columns(rows)
    _check_count(f"`{name}`", len(rows))
    return list(rows)


def _from_columns(columns: dict[str, list[Any]]) -> list[Any]:
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise Unusable(
            f"The columns of `inputs` have from {min(lengths):,} to {max(lengths):,} values;"
            " expected the same number in each."
        )
    _check_count("`inputs`", max(lengths, default=0))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _from_split(frame: SplitFrame) -> list[Any]:
    _check_count("`dataframe_split`", len(frame.data))
    _check_columns(frame.columns)
    for index, row in enumerate(frame.data):
        if len(row) != len(frame.columns):
            raise Unusable(
                f"Row {index} of `dataframe_split` has {len(row):,} values; its `columns` are"
                f" {len(frame.columns):,}."
            )
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.data]


def _from_csv(body: bytes, signature: Signature) -> list[Any]:
    """The rows of a CSV file with a header; an empty cell is a missing value."""
    features = {feature.name: feature for feature in signature.features}
    rows: list[Any] = []
    try:
        lines = csv.reader(io.StringIO(_text(body), newline=""), strict=True)
        names = next(lines, [])
        _check_columns(names)
        for line in lines:
            if len(line) not in (0, len(names)):
                raise Malformed(
                    f"Line {lines.line_num} of the CSV has {len(line):,} cells; its header has"
                    f" {len(names):,}."
                )
            if line:
                rows.append(
                    {n: _cell(features.get(n), c) for n, c in zip(names, line, strict=True)}
                )
            if len(rows) > MOST_INSTANCES:
                break
    except csv.Error as error:
        raise Malformed(f"The body is not CSV that can be read: {str(error)[:200]}.") from None
    _check_count("The CSV", len(rows))
    return rows


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8 at byte {error.start:,}. Send UTF-8.") from None


def _cell(feature: Feature | None, text: str) -> Any:
    """A cell as the value that it stands for; as text if it stands for none of its kind."""
    if text == "":
        return None
    if feature is not None and feature.is_numeric:
        try:
            return _NUMBER.decode(text)
        except msgspec.DecodeError:
            return text
    if feature is not None and feature.kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def _check_columns(names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Unusable(f"Column {shown(twice)} comes twice. Send it once.")


def _check_count(name: str, rows: int) -> None:
    if not rows:
        raise Unusable(f"{name} has no rows; expected at least one.")
    if rows > MOST_INSTANCES:
        raise TooLarge(
            f"{name} has more than {MOST_INSTANCES:,} rows, which is the limit. Send them in"
            " several requests."
        )


def _check_charset(media: bytes) -> None:
    charset = re.search(rb"charset\s*=\s*\"?([^\s;\"]+)", media.lower())
    if charset and charset[1] not in (b"utf-8", b"utf8", b"us-ascii"):
        raise UnsupportedMedia(
            f"The charset is `{charset[1].decode('latin-1')[:60]}`; expected `utf-8`."
        )


def _worded(loaded: Loaded, answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    plain = "value" if loaded.signature.task == "regression" else "label"
    return {
        "predictions": [answer[plain] for answer in answers],
        "prediction_ids": [answer["prediction_id"] for answer in answers],
        "model": loaded.model,
        "version": loaded.number,
    }


def _problem(status: int, detail: str) -> dict[str, str]:
    return {"error_code": _CODES.get(status, "INTERNAL_ERROR"), "message": detail}


_FORMS = ("inputs", "instances", "dataframe_split", "dataframe_records")
_DECODER = msgspec.json.Decoder(InvocationBody)
_NUMBER: msgspec.json.Decoder[int | float] = msgspec.json.Decoder(int | float)
