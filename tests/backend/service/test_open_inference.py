"""The Open Inference Protocol, asked by a stock `tritonclient` over real HTTP."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import requests
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from backend.records.database import connect
from tests.backend.service.served import logged, serve
from tests.conftest import Problem, Service

Rows = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, problems: dict[str, Problem]
) -> Iterator[Service]:
    """One service for the module."""
    service = serve(tmp_path_factory.mktemp("service"), problems)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def client(running: Service) -> Iterator[Any]:
    """A stock client."""
    with triton.InferenceServerClient(running.url.removeprefix("http://")) as found:
        yield found


@pytest.fixture
def rows(running: Service) -> Iterator[Rows]:
    """A function giving a model's rows, newest first."""
    database = connect(running.settings.database_url)
    yield lambda model: logged(database, model)
    database.dispose()


def tensor(name: str, values: Any, dtype: Any = None, *, binary: bool = True) -> Any:
    """An input as the stock client makes it."""
    array = np.array(values, dtype)
    found = triton.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    return found.set_data_from_numpy(array, binary_data=binary)


def columns(problem: Problem, count: int, dtype: Any = None, *, binary: bool = True) -> list[Any]:
    """The first rows of a problem, one input for each feature."""
    frame = problem.frame.iloc[:count]
    return [tensor(str(n), frame[n].to_numpy(), dtype, binary=binary) for n in frame.columns]


def test_a_stock_client_finds_the_server_live_and_ready(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.get_server_metadata() == {
        "name": "watchdesk",
        "version": "1",
        "extensions": ["binary_tensor_data"],
    }


def test_a_model_is_ready_when_a_version_of_it_can_answer(client: Any) -> None:
    assert client.is_model_ready("iris")
    assert client.is_model_ready("iris", "2")
    assert client.is_model_ready("waiting", "1")
    assert not client.is_model_ready("waiting")
    assert not client.is_model_ready("iris", "3")
    assert not client.is_model_ready("nothing")


def test_metadata_declare_the_tensors_of_a_version(client: Any) -> None:
    assert client.get_model_metadata("mixed") == {
        "name": "mixed",
        "versions": ["1"],
        "platform": "sklearn_joblib",
        "inputs": [
            {"name": "size", "datatype": "FP64", "shape": [-1], "parameters": {"nullable": "true"}},
            {"name": "count", "datatype": "INT64", "shape": [-1]},
            {
                "name": "colour",
                "datatype": "BYTES",
                "shape": [-1],
                "parameters": {"nullable": "true"},
            },
            {
                "name": "member",
                "datatype": "BOOL",
                "shape": [-1],
                "parameters": {"nullable": "true"},
            },
        ],
        "outputs": [
            {"name": "label", "datatype": "INT64", "shape": [-1]},
            {"name": "score", "datatype": "FP64", "shape": [-1]},
            {
                "name": "probabilities",
                "datatype": "FP64",
                "shape": [-1, 3],
                "parameters": {"labels": "[1,2,3]"},
            },
            {"name": "prediction_id", "datatype": "BYTES", "shape": [-1]},
        ],
    }
    assert client.get_model_metadata("iris", "2")["versions"] == ["1", "2"]
    assert [o["name"] for o in client.get_model_metadata("diabetes")["outputs"]] == [
        "value",
        "prediction_id",
    ]


@pytest.mark.parametrize("back", [True, False], ids=["bytes back", "JSON back"])
@pytest.mark.parametrize("there", [True, False], ids=["bytes there", "JSON there"])
def test_answers_in_bytes_and_in_json_as_the_estimator_does(
    client: Any, problems: dict[str, Problem], rows: Rows, there: bool, back: bool
) -> None:
    made = problems["breast_cancer"]
    names = ("label", "score", "probabilities", "prediction_id")
    wanted = [triton.InferRequestedOutput(name, binary_data=back) for name in names]
    result = client.infer("breast_cancer", columns(made, 40, binary=there), outputs=wanted)

    matrix = made.frame.iloc[:40].to_numpy()
    shares = made.estimator.predict_proba(matrix)
    labels = [v.decode() if back else v for v in result.as_numpy("label")]
    assert labels == list(made.estimator.predict(matrix))
    np.testing.assert_allclose(result.as_numpy("probabilities"), shares, atol=1e-5)
    malignant = list(made.estimator.classes_).index("malignant")
    np.testing.assert_allclose(result.as_numpy("score"), shares[:, malignant], atol=1e-5)
    newest = {row["prediction_id"]: row for row in rows("breast_cancer")[:40]}
    for place, key in enumerate(result.as_numpy("prediction_id")):
        row = newest[key.decode() if back else key]
        assert (row["outcome"], row["source"], row["version"]) == ("answered", "live", 1)
        assert row["label"] == labels[place]
        assert json.loads(row["features"]) == made.frame.iloc[place].to_dict()


def test_without_outputs_a_client_is_given_all_of_them(
    client: Any, problems: dict[str, Problem]
) -> None:
    result = client.infer("diabetes", columns(problems["diabetes"], 3), request_id="mine")
    response = result.get_response()
    assert (response["id"], response["model_name"], response["model_version"]) == (
        "mine",
        "diabetes",
        "1",
    )
    expected = problems["diabetes"].estimator.predict(
        problems["diabetes"].frame.iloc[:3].to_numpy()
    )
    np.testing.assert_allclose(result.as_numpy("value"), expected, rtol=1e-5)
    assert len(set(result.as_numpy("prediction_id"))) == 3


def test_outputs_come_in_the_order_in_which_they_are_asked_for(
    client: Any, problems: dict[str, Problem]
) -> None:
    wanted = [
        triton.InferRequestedOutput("score"),
        triton.InferRequestedOutput("label", binary_data=False),
        triton.InferRequestedOutput("probabilities"),
    ]
    result = client.infer("iris", columns(problems["iris"], 2), outputs=wanted)
    found = result.get_response()["outputs"]
    assert [output["name"] for output in found] == ["score", "label", "probabilities"]
    assert found[1]["data"] == ["setosa", "setosa"]
    assert result.as_numpy("score").tolist() == result.as_numpy("probabilities").max(1).tolist()


@pytest.mark.parametrize("binary", [True, False], ids=["bytes", "JSON"])
def test_numbers_may_come_in_one_tensor(
    client: Any, problems: dict[str, Problem], binary: bool
) -> None:
    matrix = problems["iris"].frame.iloc[::15].to_numpy()
    result = client.infer("iris", [tensor("input-0", matrix, binary=binary)])
    expected = problems["iris"].estimator.predict(matrix)
    assert [label.decode() for label in result.as_numpy("label")] == list(expected)


NUMBERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NUMBERS += ["float16", "float32", "float64"]


@pytest.mark.parametrize("binary", [True, False], ids=["bytes", "JSON"])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_a_number_may_have_any_numeric_datatype(client: Any, dtype: str, binary: bool) -> None:
    values = [[5, 3, 1, 0], [6, 3, 5, 2]]
    expected = client.infer("iris", [tensor("x", values, "float64")])
    found = client.infer("iris", [tensor("x", values, dtype, binary=binary)])
    assert found.as_numpy("score").tolist() == expected.as_numpy("score").tolist()


def test_every_kind_of_feature_has_its_datatype(client: Any, running: Service, rows: Rows) -> None:
    instances = [
        {"size": 9.5, "count": 7, "colour": "red", "member": True},
        {"size": 12.25, "count": 0, "colour": "blau, grün", "member": False},
    ]
    inputs = [
        tensor("member", [[True], [False]]),
        tensor("colour", [b"red", "blau, grün".encode()], object),
        tensor("count", [7, 0], "int32", binary=False),
        tensor("size", [[9.5], [12.25]], binary=False),
    ]
    result = client.infer("mixed", inputs)
    expected = running.post("/predict", {"model": "mixed", "instances": instances}).json()
    told = expected["predictions"]
    assert result.as_numpy("label").dtype == np.int64
    assert result.as_numpy("label").tolist() == [answer["label"] for answer in told]
    assert result.as_numpy("score").tolist() == [answer["score"] for answer in told]
    before = rows("mixed")[2:4]
    assert [json.loads(row["features"]) for row in reversed(before)] == instances


def test_what_is_missing_is_nan_or_null_or_left_out(
    client: Any, running: Service, rows: Rows
) -> None:
    whole = {"count": 4, "size": None, "colour": None, "member": None}
    expected = running.post("/models/mixed/predict", {"features": whole}).json()["score"]
    count = tensor("count", [4])
    assert client.infer("mixed", [count]).as_numpy("score").tolist() == [expected]
    as_nan = [count, tensor("size", [math.nan]), tensor("colour", [b""], object)]
    client.infer("mixed", as_nan)
    assert json.loads(rows("mixed")[0]["features"]) == whole | {"colour": ""}
    as_null = [
        {"name": "count", "shape": [1], "datatype": "INT64", "data": [4]},
        {"name": "size", "shape": [1, 1], "datatype": "FP32", "data": [[None]]},
        {"name": "colour", "shape": [1], "datatype": "BYTES", "data": [None]},
        {"name": "member", "shape": [1], "datatype": "BOOL", "data": [None]},
    ]
    assert running.post("/v2/models/mixed/infer", {"inputs": as_null}).ok
    assert json.loads(rows("mixed")[0]["features"]) == whole


def test_any_registered_version_answers_by_its_number(
    client: Any, problems: dict[str, Problem], rows: Rows
) -> None:
    inputs = columns(problems["iris"], 1)
    sure = client.infer("iris", inputs)
    doubtful = client.infer("iris", inputs, model_version="2")
    assert doubtful.get_response()["model_version"] == "2"
    assert doubtful.as_numpy("score")[0] < 0.5 < sure.as_numpy("score")[0]
    assert [row["version"] for row in rows("iris")[:2]] == [2, 1]
    assert client.infer("waiting", inputs, model_version="1").get_response()["model_version"] == "1"


def test_many_requests_at_once_each_get_their_own_answer(
    running: Service, problems: dict[str, Problem]
) -> None:
    address = running.url.removeprefix("http://")
    matrix = problems["iris"].frame.to_numpy()
    expected = [str(label) for label in problems["iris"].estimator.predict(matrix)]
    with triton.InferenceServerClient(address, concurrency=16) as many:
        asked = [many.async_infer("iris", [tensor("x", [row])]) for row in matrix[::5]]
        found = [result.get_result().as_numpy("label")[0].decode() for result in asked]
    assert found == expected[::5]


def test_the_truth_is_reported_by_the_id_that_an_answer_brings(
    client: Any, running: Service, problems: dict[str, Problem]
) -> None:
    key = client.infer("iris", columns(problems["iris"], 1)).as_numpy("prediction_id")[0].decode()
    truth = {"prediction_id": key, "ground_truth": "setosa"}
    assert running.post("/feedback", truth).json()["recorded"]


def test_ten_thousand_rows_are_answered_and_one_more_is_refused(
    client: Any, problems: dict[str, Problem]
) -> None:
    matrix = np.resize(problems["iris"].frame.to_numpy(), (10_000, 4))
    assert client.infer("iris", [tensor("x", matrix)]).as_numpy("label").shape == (10_000,)
    with pytest.raises(InferenceServerException, match="10001` rows; the limit is 10,000") as found:
        client.infer("iris", [tensor("x", np.zeros((10_001, 4)))])
    assert found.value.status() == "413"


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
    running: Service, rows: Rows, model: str, body: Any, status: int, sentence: str
) -> None:
    name = model.partition("/")[0]
    name = "" if name == "nothing" else name
    known = {row["id"] for row in rows(name)}
    response = running.post(f"/v2/models/{model}/infer", body)
    assert (response.status_code, set(response.json())) == (status, {"error"})
    assert response.json()["error"].startswith(sentence)
    assert response.json()["error"].endswith(".")
    found = rows(name)
    assert len({row["id"] for row in found[:2]} - known) == 1
    assert (found[0]["outcome"], found[0]["error"]) == ("refused", response.json()["error"])
    assert found[0]["features"] == json.dumps(body)[:500]


def posted(running: Service, body: bytes, headers: dict[str, str]) -> requests.Response:
    return requests.post(
        f"{running.url}/v2/models/iris/infer", data=body, headers=headers, timeout=20
    )


def test_the_bytes_of_a_tensor_are_as_many_as_they_are_said_to_be(
    running: Service, rows: Rows
) -> None:
    asked = {"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP64"}]}
    asked["inputs"][0]["parameters"] = {"binary_data_size": 32}  # type: ignore[assignment]  # JSON
    head = json.dumps(asked).encode()
    values = np.array([5.1, 3.5, 1.4, 0.2]).tobytes()
    length = {"Inference-Header-Content-Length": str(len(head))}
    assert posted(running, head + values, length).ok

    short = posted(running, head + values[:-8], length)
    assert short.status_code == 400
    assert short.json()["error"] == (
        "24 bytes follow the JSON; the inputs' `binary_data_size` add up to `32`. The header"
        " `Inference-Header-Content-Length` says where the JSON ends."
    )
    assert rows("iris")[0]["features"] == head.decode()  # the bytes are not logged as text
    for said in (str(len(head) + 33), "-1", "1.5", "", "9" * 400):
        response = posted(running, head + values, {"Inference-Header-Content-Length": said})
        assert response.status_code == 400
        assert "`Inference-Header-Content-Length` is" in response.json()["error"]
    assert posted(running, head + values, {}).status_code == 400


def test_text_in_bytes_is_read_by_its_lengths(running: Service) -> None:
    def told(raw: bytes, shape: int) -> tuple[int, str]:
        colour = {"name": "colour", "shape": [shape], "datatype": "BYTES"}
        count = {"name": "count", "shape": [shape], "datatype": "INT8", "data": [1] * shape}
        asked = {"inputs": [count, colour | {"parameters": {"binary_data_size": len(raw)}}]}
        head = json.dumps(asked).encode()
        response = requests.post(
            f"{running.url}/v2/models/mixed/infer",
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


def test_a_boolean_byte_is_nought_or_one(running: Service) -> None:
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
    address = f"{running.url}/v2/models/mixed/infer"
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
    running: Service, rows: Rows, headers: dict[str, str], status: int
) -> None:
    response = posted(running, json.dumps(iris()).encode(), headers)
    assert response.status_code == status
    assert rows("iris")[0]["outcome"] == ("answered" if status == 200 else "refused")


def test_a_compressed_request_is_refused_with_a_sentence(client: Any) -> None:
    with pytest.raises(InferenceServerException, match="send the body as it is, not compressed"):
        client.infer("iris", [tensor("x", [[1.0] * 4])], request_compression_algorithm="gzip")
    result = client.infer("iris", [tensor("x", [[1.0] * 4])], response_compression_algorithm="gzip")
    assert result.as_numpy("label").shape == (1,)


def test_a_wrong_method_or_address_is_refused_in_the_protocols_own_form(running: Service) -> None:
    assert running.get("/v2/").json()["name"] == "watchdesk"
    response = running.get("/v2/models/iris/infer")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert response.json() == {
        "error": "`/v2/models/iris/infer` does not take GET; it takes POST. See `/docs`."
    }
    response = running.post("/v2/health/ready", {})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert running.get("/v2/models").json() == {
        "error": "`/v2/models` is not a route. `/docs` lists them."
    }


def test_the_document_describes_the_protocol_with_the_schemas_that_read_it(
    running: Service,
) -> None:
    document = running.get("/openapi.json").json()
    route = document["paths"]["/v2/models/{model}/versions/{version}/infer"]["post"]
    content = route["requestBody"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/InferRequest"}
    assert content["application/octet-stream"]["schema"]["format"] == "binary"
    schemas = document["components"]["schemas"]
    assert schemas["InferRequest"]["required"] == ["inputs"]
    assert set(schemas["InferInput"]["properties"]) == {
        "name",
        "shape",
        "datatype",
        "parameters",
        "data",
    }
    assert {f"/v2{path}" for path in ("", "/health/live", "/health/ready")} < set(document["paths"])


def test_is_not_ready_while_nothing_can_answer(service: Service) -> None:
    service.start()
    assert service.get("/v2/health/live").json() == {"live": True}
    response = service.get("/v2/health/ready")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert response.json() == {
        "error": "No model is serving. Train one on the Train page, then promote it."
    }
