"""Bad input by the thousand: whatever comes by another protocol is answered or refused, and logged.

Each body is a good one that chance has spoilt in up to three places, from a fixed seed.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import requests
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.records import tables
from backend.records.database import connect
from backend.service.tensors import DATATYPES
from tests.conftest import Service

by_the_thousand = settings(
    max_examples=1_000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
words = ["size", "colour", "x", "", "\0", "\ud800", "BYTES", "INT8", "BF16", "red", "1", "é"]
numbers = [0, 1, -1, 2, 0.5, 1e308, 5e-324, 10_001, 2**53 + 1, 2**63, 2**64, 10**40, 10**400]
shapes = [
    [1],
    [2],
    [3],
    [1, 1],
    [2, 1],
    [1, 2],
    [0],
    [-1],
    [],
    [10_001],
    [2**31, 1],
    [2**64, 2**64],
]
leaves = st.sampled_from([None, True, False, float("nan"), float("inf"), *words, *numbers])
documents = st.recursive(
    leaves,
    lambda more: st.lists(more, max_size=4) | st.dictionaries(st.sampled_from(words), more),
    max_leaves=6,
)


class Sender:
    """Sends bodies and keeps account of the rows that they must have added to the log."""

    def __init__(self, service: Service, rows_of: Callable[[Any], int], sentence: str) -> None:
        self._url = service.url
        self._rows_of = rows_of
        self._sentence = sentence
        self._session = requests.Session()
        self._database = connect(service.settings.database_url)
        self._expected = self._logged()
        self._statuses: list[int] = []

    def send(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Send one; it is answered, or refused with a sentence."""
        response = self._session.post(f"{self._url}{path}", data=body, headers=headers, timeout=20)
        assert response.status_code < 500, response.text
        self._statuses.append(response.status_code)
        if response.ok:
            length = response.headers.get("Inference-Header-Content-Length")
            end = None if length is None else int(length)
            self._expected += self._rows_of(json.loads(response.content[:end]))
        else:
            assert response.json()[self._sentence].endswith(".")
            self._expected += 1

    def finish(self) -> None:
        """Check that all of it is in the log, and that it was of every kind."""
        logged = self._logged()
        self._session.close()
        self._database.dispose()
        assert logged == self._expected
        assert min(self._statuses.count(status) for status in (200, 400, 422)) > 20

    def _logged(self) -> int:
        query = sa.select(sa.func.count()).select_from(tables.predictions)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())


def spoil(draw: Any, document: Any) -> Any:
    """Replace, remove or repeat something somewhere in a document."""
    if not isinstance(document, (dict, list)) or not document or draw(st.integers(0, 14)) == 0:
        return draw(documents)
    place = draw(
        st.sampled_from(list(document) if isinstance(document, dict) else range(len(document)))
    )
    how = draw(st.sampled_from(["within", "within", "within", "away", "again"]))
    if how == "within":
        document[place] = spoil(draw, document[place])
    elif how == "away":
        del document[place]
    elif isinstance(document, list):
        document.append(document[place])
    else:
        document[draw(st.sampled_from(words))] = document[place]
    return document


def spoilt(draw: Any, document: Any) -> bytes:
    """A document's JSON after up to three accidents, as careless clients write it."""
    for _ in range(draw(st.integers(0, 3))):
        document = spoil(draw, document)
    return json.dumps(document).encode()


def cut(draw: Any, head: bytes, tail: bytearray) -> tuple[bytes, dict[str, str]]:
    """JSON and what follows it, after an accident to their lengths or to a bit."""
    length = len(head)
    accident = draw(st.sampled_from(["", "", "", "", "bit", "more", "less", "length"]))
    if accident == "bit" and tail:
        tail[draw(st.integers(0, len(tail) - 1))] ^= 1 << draw(st.integers(0, 7))
    elif accident == "more":
        tail += draw(st.binary(min_size=1, max_size=9))
    elif accident == "less":
        del tail[draw(st.integers(0, len(tail))) :]
    elif accident == "length":
        length += draw(st.integers(-9, 99))
    return head + bytes(tail), {"Inference-Header-Content-Length": str(length)}


@st.composite
def inference(draw: Any) -> tuple[bytes, dict[str, str]]:
    """A request with tensors for `mixed`, in bytes or JSON, spoilt."""
    rows = draw(st.integers(1, 3))
    parts: list[bytes] = []
    inputs: list[Any] = []
    for name, datatype, raw, value in (
        ("size", "FP64", np.float64(9.5).tobytes(), 9.5),
        ("count", "INT16", np.int16(7).tobytes(), 7),
        ("colour", "BYTES", b"\3\0\0\0red", "red"),
        ("member", "BOOL", b"\1", True),
    ):
        tensor: dict[str, Any] = {"name": name, "shape": [rows], "datatype": datatype}
        if draw(st.booleans()):
            parts.append(raw * rows)
            tensor["parameters"] = {"binary_data_size": len(parts[-1])}
        else:
            tensor["data"] = [value] * rows
        inputs.append(tensor)
    asked = {"id": "1", "inputs": inputs, "parameters": {"binary_data_output": True}}
    asked["outputs"] = [{"name": "label", "parameters": {"binary_data": False}}]
    tensor = draw(st.sampled_from(inputs))
    accident = draw(st.sampled_from(["", "shape", "datatype", "datatype"]))
    if accident == "shape":
        tensor["shape"] = draw(st.sampled_from(shapes))
    elif accident == "datatype":
        tensor["datatype"] = draw(st.sampled_from([*DATATYPES, "BF16"]))
    return cut(draw, spoilt(draw, asked), bytearray(b"".join(parts)))


def test_spoilt_tensors_are_answered_or_refused_and_logged(served: Service) -> None:
    sender = Sender(served, lambda found: int(found["outputs"][0]["shape"][0]), "error")
    models = ["mixed", "mixed", "mixed", "mixed/versions/1", "iris/versions/2", "%00"]

    @by_the_thousand
    @given(inference(), st.sampled_from(models))
    def send(asked: tuple[bytes, dict[str, str]], model: str) -> None:
        sender.send(f"/v2/models/{model}/infer", *asked)

    send()
    sender.finish()


@st.composite
def invocation(draw: Any) -> tuple[bytes, dict[str, str]]:
    """A request with rows for `mixed` in one of MLflow's forms, spoilt."""
    row: dict[str, Any] = {"size": 9.5, "count": 7, "colour": "red", "member": True}
    rows = [dict(row) for _ in range(draw(st.integers(1, 3)))]
    bodies: dict[str, Any] = {
        "inputs": {name: [one[name] for one in rows] for name in row},
        "instances": [list(one.values()) for one in rows],
        "dataframe_records": rows,
        "dataframe_split": {"columns": list(row), "data": [list(one.values()) for one in rows]},
    }
    form = draw(st.sampled_from([*bodies, "csv"]))
    if form != "csv":
        return spoilt(draw, {form: bodies[form]}), {"Content-Type": "application/json"}
    lines = [list(row), *(list(map(str, one.values())) for one in rows)]
    for _ in range(draw(st.integers(0, 2))):
        line = lines[draw(st.integers(0, len(lines) - 1))]
        cell = draw(
            st.sampled_from(["", "x", '"', '"a,b"', "\n", "1e999", "nan", "\0", "9" * 5_000])
        )
        line[draw(st.integers(0, 3))] = cell
    content = bytearray("\n".join(map(",".join, lines)).encode())
    if draw(st.integers(0, 4)) == 0:
        content[draw(st.integers(0, len(content) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(content), {"Content-Type": "text/csv"}


def test_spoilt_invocations_are_answered_or_refused_and_logged(served: Service) -> None:
    sender = Sender(served, lambda found: len(found["predictions"]), "message")
    paths = ["/invocations", "/invocations", "/models/mixed/invocations", "/models/%00/invocations"]

    @by_the_thousand
    @given(invocation(), st.sampled_from(paths))
    def send(asked: tuple[bytes, dict[str, str]], path: str) -> None:
        sender.send(path, *asked)

    send()
    sender.finish()
