"""Bodies that no honest caller sends, on every route that takes one, as bytes on a socket."""

import gzip
import http.client
import json
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.backend.service.callers import first_row
from tests.backend.service.memory import resident
from tests.backend.service.served import serve
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes
PATHS = (
    "/predict",
    "/predict/batch",
    "/models/iris/predict",
    "/models/iris/versions/1/what-if",
    "/feedback",
    "/v2/models/iris/infer",
    "/v2/models/iris/versions/1/infer",
    "/invocations",
    "/models/iris/invocations",
)
DEEP = 100_000
BODIES = {
    "nothing": b"",
    "one bracket": b"[",
    "brackets": b"[" * DEEP,
    "closed brackets": b"[" * DEEP + b"]" * DEEP,
    "braces": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "brackets inside": b'{"features": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "braces among instances": b'{"instances": [' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"]}",
    "brackets in an input": b'{"inputs": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "infinity by another name": b'{"features": [1e999, -1e999, 1, 1]}',
    "five thousand digits": b'{"features": [' + b"9" * 5_000 + b", 1, 1, 1]}",
    "digits after the point": b'{"features": [0.' + b"9" * 100_000 + b'x, "", 1, 1]}',
    "an exponent of many digits": b'{"features": [1e' + b"9" * 5_000 + b", 1, 1, 1]}",
    "NaN": b'{"features": [NaN, 1, 1, 1]}',
    "Infinity": b'{"instances": [[Infinity, -Infinity, 1, 1]]}',
    "the same key again": b'{"features": [1, 1, 1, 1], "features": {}, "features": "x"}',
    "the same feature again": b'{"features": {"a": 1, "a": 2}}',
    "not UTF-8": b'{"features": ["\xff\xfe\xc3\x28", 1, 1, 1]}',
    "an overlong NUL": b'{"features": ["\xc0\x80", 1, 1, 1]}',
    "UTF-16": '{"features": [1, 1, 1, 1]}'.encode("utf-16"),
    "a mark of the order of bytes": b'\xef\xbb\xbf{"features": [1, 1, 1, 1]}x',
    "half a surrogate pair": b'{"features": ["\\ud800", 1, 1, 1], "model": "\\udfff"}',
    "NUL": b'{"features": ["\\u0000", 1, 1, 1], "model": "iris\\u0000"}',
    "raw NULs": bytes(1_000),
    "a text": b'"' + b"a" * 1_000_000 + b'"',
    "null": b"null",
    "a number": b"1",
    "a million commas": b'{"features": [' + b"," * 1_000_000 + b"]}",
    "a hundred thousand keys": json.dumps({str(i): i for i in range(100_000)}).encode(),
    "a feature too many": b'{"features": [' + b"1," * 100_000 + b"1]}",
    "an instance too many": b'{"instances": [' + b"[1,1,1,1]," * 10_000 + b"[1,1,1,1]]}",
    "backslashes": b'{"features": ["' + b"\\" * 1_000_001 + b'"]}',
}
TYPES = (
    "application/json",
    "text/plain",
    "application/octet-stream",
    "text/csv",
    "a/b; c=\xff",
    "",
)


@pytest.fixture(scope="module")
def asked(
    tmp_path_factory: pytest.TempPathFactory, problems: dict[str, Problem]
) -> Iterator[Service]:
    """A service of this module's own: its memory is looked at."""
    service = serve(tmp_path_factory.mktemp("asked"), problems, WATCHDESK_DEFAULT_MODEL="iris")
    yield service
    service.stop()


def send(service: Service, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    """POST bytes over a connection of their own: the status and the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", path, body, {"Content-Type": "application/json", **named})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def still_answers(service: Service, problem: Problem) -> bool:
    """Whether a good request is answered."""
    return service.post("/models/iris/predict", {"features": first_row(problem)}).ok


@pytest.mark.parametrize("path", PATHS)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    asked: Service, problems: dict[str, Problem], path: str
) -> None:
    for name, body in BODIES.items():
        status, answer = send(asked, path, body)
        assert 400 <= status < 500, (name, status, answer[:500])
        assert any(str(text).endswith(".") for text in json.loads(answer).values()), name
    assert still_answers(asked, problems["iris"])


def test_ten_thousand_bodies_that_chance_has_spoilt_are_4xx_or_answered(
    asked: Service, problems: dict[str, Problem]
) -> None:
    assert asked.process is not None
    chance = random.Random(1)
    row = first_row(problems["iris"])
    tensor = {"name": "input", "datatype": "FP64", "shape": [1, 4], "data": row}
    unknown = "01a1fc71-0000-7000-8000-000000000000"
    good = {
        "/predict": {"features": row, "model": "iris"},
        "/predict/batch": {"instances": [row, row], "model": "iris"},
        "/models/iris/versions/1/what-if": {"features": row},
        "/feedback": {"prediction_id": unknown, "ground_truth": "setosa"},
        "/v2/models/iris/infer": {"inputs": [tensor]},
        "/invocations": {"dataframe_split": {"columns": list("abcd"), "data": [row]}},
    }
    statuses: Counter[int] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", asked.port, timeout=20)
    for number in range(12_000):
        if number == 2_000:
            before = resident(asked.process.pid)
        path, document = chance.choice(list(good.items()))
        body = spoilt(chance, json.dumps(document).encode())
        path = path if chance.random() < 0.9 else chance.choice(PATHS)
        media = "application/json" if chance.random() < 0.9 else chance.choice(TYPES)
        connection.request("POST", path, body, {"Content-Type": media})
        response = connection.getresponse()
        answer = response.read()
        assert response.status < 500, (path, body, media, answer)
        assert json.loads(answer), body
        statuses[response.status] += 1
    connection.close()
    assert min(statuses[status] for status in (200, 400, 404, 415, 422)) > 50, statuses
    assert still_answers(asked, problems["iris"])
    assert resident(asked.process.pid) < 1.2 * before


def spoilt(chance: random.Random, body: bytes) -> bytes:
    """A body with one to three of its bytes lost, doubled, exchanged or replaced."""
    changed = bytearray(body)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed))
        what = chance.randrange(4)
        if what == 0:
            del changed[at]
        elif what == 1:
            changed[at:at] = changed[at : at + chance.randrange(20)]
        elif what == 2:
            changed[at] = chance.randrange(256)
        else:
            changed[at:at] = chance.choice(
                (b"null", b"1e999", b'"', b"{", b"[", b"\\u0000", b"\\ud800", b"-", b"NaN", b"\0")
            )
    return bytes(changed)


@pytest.mark.parametrize("path", PATHS)
def test_a_compressed_bomb_is_refused_unopened(asked: Service, path: str) -> None:
    assert asked.process is not None
    before = resident(asked.process.pid)
    gigabyte = squeezed_spaces() * 16
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        status, answer = send(asked, path, gigabyte, Content_Encoding=encoding)
        assert (status, b"send the body as it is, not compressed" in answer) == (415, True)
    assert resident(asked.process.pid) < before + 50_000


def squeezed_spaces() -> bytes:
    """64 MB of spaces as 64 kB; gzip reads several such one after the other as one text."""
    return gzip.compress(b" " * (64 << 20), compresslevel=9)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data", "x", ""])
def test_another_content_type_is_refused(asked: Service, path: str, media: str) -> None:
    status, answer = send(asked, path, b'{"features": [1, 2, 3, 4]}', Content_Type=media)
    assert (status, b"content type is" in answer) == (415, True)
