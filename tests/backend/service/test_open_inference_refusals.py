"""What the Open Inference Protocol's routes refuse: with a sentence, and in the log."""

import json
from typing import Any

import numpy as np
import pytest
import requests

from tests.backend.service.conftest import Rows
from tests.conftest import Service


def iris(**changes: Any) -> dict[str, Any]:
    """A good request for one row of `iris` in one tensor, with its tensor changed."""
    good = {"name": "x", "shape": [1, 4], "datatype": "FP64", "data": [5.1, 3.5, 1.4, 0.2]}
    return {"inputs": [good | changes]}


def column(name: str = "size", **changes: Any) -> dict[str, Any]:
    """A good column of two rows for `mixed`, changed."""
    good = {"name": name, "shape": [2], "datatype": "FP64", "data": [1.5, 2.5]}
    return good | changes


BINARY: dict[str, Any] = {"data": None, "parameters": {"binary_data_size": 32}}
REFUSALS: list[tuple[str, Any, int, str]] = [
    ("nothing", iris(), 404, "There is no model `nothing`; `GET /models` lists all."),
    ("waiting", iris(), 409, "Model `waiting` has no champion."),
    ("iris/versions/7", iris(), 404, "Model `iris` has no version 7"),
    ("iris/versions/x", iris(), 404, "Version `x` is not a number; expected one like `3`."),
    ("iris/versions/" + "9" * 5_000, iris(), 404, "Version `99999999999999999999` is not a number"),
    ("iris", [], 400, "The body is not of the expected form: Expected `object`, got `array`."),
    ("iris", {}, 400, "The body is not of the expected form: Object missing required field"),
    ("iris", {"inputs": []}, 400, "`inputs` is empty; expected a tensor for each feature."),
    (
        "iris",
        iris(datatype="FP128"),
        400,
        "Input `x` has the datatype `FP128`; expected one of `BOOL`, `INT8`,",
    ),
    (
        "iris",
        iris(data=[1, 2, 3]),
        400,
        "Input `x` has 3 values; its shape `[1, 4]` takes `4`.",
    ),
    (
        "iris",
        iris(data=[[1, 2], [3, 4]]),
        400,
        "The lists in input `x` are not nested as its shape `[1, 4]` says.",
    ),
    (
        "iris",
        iris(data=[1, 2, 3, "4"]),
        400,
        "Input `x` has the value `'4'`, which is not FP64.",
    ),
    (
        "iris",
        iris(datatype="UINT8", data=[1, 2, 3, 256]),
        400,
        "Input `x` has the value `256`, which is not UINT8.",
    ),
    (
        "iris",
        iris(datatype="INT64", data=[1, 2, 3, 4.0]),
        400,
        "Input `x` has the value `4.0`, which is not INT64.",
    ),
    (
        "iris",
        iris(shape=[2, 2]),
        422,
        "Input `x` is no feature and has the shape `[2, 2]`; expected [rows, 4] with the features",
    ),
    ("iris", iris(shape=[-1, 4]), 422, "Input `x` has the shape `[-1, 4]`; expected at least one"),
    ("iris", iris(shape=[0, 4], data=[]), 422, "Input `x` has the shape `[0, 4]`; expected at"),
    (
        "iris",
        iris(shape=[10**18, 4]),
        413,
        "Input `x` has `1000000000000000000` rows; the limit is 10,000.",
    ),
    ("iris", iris(shape=[1 << 64, 1 << 64]), 422, "Input `x` is no feature and has the shape `[…,"),
    ("iris", iris(shape=[]), 422, "Input `x` is no feature and has the shape `[]`;"),
    (
        "iris",
        {"inputs": [iris()["inputs"][0] | {"parameters": {"binary_data_size": 4}}]},
        400,
        "Input `x` has neither or both of `data` and the parameter `binary_data_size`;",
    ),
    (
        "iris",
        {"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP64"}]},
        400,
        "Input `x` has neither or both of `data` and the parameter `binary_data_size`;",
    ),
    (
        "iris",
        iris(parameters={"shared_memory_region": "r"}),
        400,
        "Input `x` is in shared memory, which is not read.",
    ),
    (
        "iris",
        iris(data=[5.1, None, 1.4, 0.2]),
        422,
        "Instance 0: Feature `sepal width (cm)` is `null`; expected a finite number.",
    ),
    (
        "iris",
        iris() | {"outputs": [{"name": "value"}]},
        422,
        "There is no output `value`; the outputs are `label`, `score`, `probabilities`, `predict",
    ),
    (
        "iris",
        iris() | {"outputs": [{"name": "label"}, {"name": "label"}]},
        400,
        "Output `label` is asked for twice. Ask for it once.",
    ),
    (
        "iris",
        iris() | {"outputs": [{"name": "label", "parameters": {"classification": 2}}]},
        400,
        "Output `label` has the parameter `classification`, which is not supported. Leave it out.",
    ),
    (
        "iris",
        iris() | {"parameters": {"binary_data_output": "yes"}},
        400,
        "The parameter `binary_data_output` is `'yes'`; expected true or false.",
    ),
    (
        "mixed",
        {"inputs": [column(), column()]},
        400,
        "Input `size` comes twice. Send it once.",
    ),
    (
        "mixed",
        {"inputs": [column("sise")]},
        422,
        "Input `sise` is not a feature. Send one input for each of `size`, `count`, `colour`,",
    ),
    (
        "mixed",
        {"inputs": [column(shape=[1, 2])]},
        422,
        "Input `size` has the shape `[1, 2]`; expected [rows] or [rows, 1].",
    ),
    (
        "mixed",
        {"inputs": [column(), column("count", shape=[1], data=[1], datatype="INT8")]},
        422,
        "Input `count` has 1 rows and `size` has 2; expected the same number in each.",
    ),
    (
        "mixed",
        {"inputs": [column()]},
        422,
        "Instance 0: Feature `count` is missing; expected a whole number.",
    ),
    (
        "mixed",
        {"inputs": [column("member", data=[1.0, 0.0])]},
        422,
        "Instance 0: Feature `count` is missing; expected a whole number.",
    ),
    (
        "mixed",
        {"inputs": [column("member", datatype="BOOL", data=[1, 0])]},
        400,
        "Input `member` has the value `1`, which is not BOOL.",
    ),
]


@pytest.mark.parametrize(("model", "body", "status", "sentence"), REFUSALS)
def test_a_bad_request_is_refused_with_a_sentence_and_logged(
    served: Service, rows: Rows, model: str, body: Any, status: int, sentence: str
) -> None:
    name = model.partition("/")[0]
    name = "" if name == "nothing" else name
    known = {row["id"] for row in rows(name)}
    response = served.post(f"/v2/models/{model}/infer", body)
    assert (response.status_code, set(response.json())) == (status, {"error"})
    assert response.json()["error"].startswith(sentence)
    assert response.json()["error"].endswith(".")
    found = rows(name)
    assert len({row["id"] for row in found[:2]} - known) == 1
    assert (found[0]["outcome"], found[0]["error"]) == ("refused", response.json()["error"])
    assert found[0]["features"] == json.dumps(body)[:500]


def posted(served: Service, body: bytes, headers: dict[str, str]) -> requests.Response:
    return requests.post(
        f"{served.url}/v2/models/iris/infer", data=body, headers=headers, timeout=20
    )


def test_the_bytes_of_a_tensor_are_as_many_as_they_are_said_to_be(
    served: Service, rows: Rows
) -> None:
    asked = {"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP64"}]}
    asked["inputs"][0]["parameters"] = {"binary_data_size": 32}  # type: ignore[assignment]  # JSON
    head = json.dumps(asked).encode()
    values = np.array([5.1, 3.5, 1.4, 0.2]).tobytes()
    length = {"Inference-Header-Content-Length": str(len(head))}
    assert posted(served, head + values, length).ok

    short = posted(served, head + values[:-8], length)
    assert short.status_code == 400
    assert short.json()["error"] == (
        "24 bytes follow the JSON; the inputs' `binary_data_size` add up to `32`. The header"
        " `Inference-Header-Content-Length` says where the JSON ends."
    )
    assert rows("iris")[0]["features"] == head.decode()  # the bytes are not logged as text
    for said in (str(len(head) + 33), "-1", "1.5", "", "9" * 400):
        response = posted(served, head + values, {"Inference-Header-Content-Length": said})
        assert response.status_code == 400
        assert "`Inference-Header-Content-Length` is" in response.json()["error"]
    assert posted(served, head + values, {}).status_code == 400


def test_text_in_bytes_is_read_by_its_lengths(served: Service) -> None:
    def told(raw: bytes, shape: int) -> tuple[int, str]:
        colour = {"name": "colour", "shape": [shape], "datatype": "BYTES"}
        count = {"name": "count", "shape": [shape], "datatype": "INT8", "data": [1] * shape}
        asked = {"inputs": [count, colour | {"parameters": {"binary_data_size": len(raw)}}]}
        head = json.dumps(asked).encode()
        response = requests.post(
            f"{served.url}/v2/models/mixed/infer",
            data=head + raw,
            headers={"Inference-Header-Content-Length": str(len(head))},
            timeout=20,
        )
        return response.status_code, response.json().get("error", "")

    red = b"\x03\0\0\0red"
    assert told(red + red, 2) == (200, "")
    assert told(red, 2) == (
        400,
        "Input `colour` has fewer values than its shape `[2]` takes (`2`).",
    )
    assert told(red + red, 1)[1].startswith("Input `colour` has more values than its shape `[1]`")
    assert told(red[:-1], 1)[1].startswith("Input `colour` ends within value 0; expected four")
    assert told(b"\xff\xff\xff\xff", 1)[1].startswith("Input `colour` ends within value 0;")
    assert told(red + b"\x03", 2)[1].startswith("Input `colour` ends within value 1;")
    assert told(b"\x01\0\0\0\xff", 1) == (
        400,
        "Input `colour` has value 0 that is not UTF-8. Send text.",
    )


def test_a_boolean_byte_is_nought_or_one(served: Service) -> None:
    inputs = [
        {"name": "count", "shape": [1], "datatype": "INT8", "data": [1]},
        {
            "name": "member",
            "shape": [1],
            "datatype": "BOOL",
            "parameters": {"binary_data_size": 1},
        },
    ]
    head = json.dumps({"inputs": inputs}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    address = f"{served.url}/v2/models/mixed/infer"
    assert requests.post(address, data=head + b"\1", headers=headers, timeout=20).ok
    response = requests.post(address, data=head + b"\2", headers=headers, timeout=20)
    assert response.json()["error"].endswith("has a byte that is neither 0 nor 1.")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({"Content-Type": "application/octet-stream"}, 200),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Encoding": "deflate"}, 415),
    ],
)
def test_the_body_is_declared_to_be_json_or_bytes_or_nothing(
    served: Service, rows: Rows, headers: dict[str, str], status: int
) -> None:
    response = posted(served, json.dumps(iris()).encode(), headers)
    assert response.status_code == status
    assert rows("iris")[0]["outcome"] == ("answered" if status == 200 else "refused")


def test_a_wrong_method_or_address_is_refused_in_the_protocols_own_form(served: Service) -> None:
    assert served.get("/v2/").json()["name"] == "watchdesk"
    response = served.get("/v2/models/iris/infer")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert response.json() == {
        "error": "`/v2/models/iris/infer` does not take GET; it takes POST. See `/docs`."
    }
    response = served.post("/v2/health/ready", {})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert served.get("/v2/models").json() == {
        "error": "`/v2/models` is not a route. `/docs` lists them."
    }
