"""The Open Inference Protocol, asked by a stock `tritonclient` over real HTTP."""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from tests.backend.service.conftest import Rows
from tests.conftest import Problem, Service


@pytest.fixture(scope="module")
def client(served: Service) -> Iterator[Any]:
    """A stock client."""
    with triton.InferenceServerClient(served.url.removeprefix("http://")) as found:
        yield found


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


def test_every_kind_of_feature_has_its_datatype(client: Any, served: Service, rows: Rows) -> None:
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
    expected = served.post("/predict", {"model": "mixed", "instances": instances}).json()
    told = expected["predictions"]
    assert result.as_numpy("label").dtype == np.int64
    assert result.as_numpy("label").tolist() == [answer["label"] for answer in told]
    assert result.as_numpy("score").tolist() == [answer["score"] for answer in told]
    before = rows("mixed")[2:4]
    assert [json.loads(row["features"]) for row in reversed(before)] == instances


def test_what_is_missing_is_nan_or_null_or_left_out(
    client: Any, served: Service, rows: Rows
) -> None:
    whole = {"count": 4, "size": None, "colour": None, "member": None}
    expected = served.post("/models/mixed/predict", {"features": whole}).json()["score"]
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
    assert served.post("/v2/models/mixed/infer", {"inputs": as_null}).ok
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
    served: Service, problems: dict[str, Problem]
) -> None:
    address = served.url.removeprefix("http://")
    matrix = problems["iris"].frame.to_numpy()
    expected = [str(label) for label in problems["iris"].estimator.predict(matrix)]
    with triton.InferenceServerClient(address, concurrency=16) as many:
        asked = [many.async_infer("iris", [tensor("x", [row])]) for row in matrix[::5]]
        found = [result.get_result().as_numpy("label")[0].decode() for result in asked]
    assert found == expected[::5]


def test_the_truth_is_reported_by_the_id_that_an_answer_brings(
    client: Any, served: Service, problems: dict[str, Problem]
) -> None:
    key = client.infer("iris", columns(problems["iris"], 1)).as_numpy("prediction_id")[0].decode()
    truth = {"prediction_id": key, "ground_truth": "setosa"}
    assert served.post("/feedback", truth).json()["recorded"]


def test_ten_thousand_rows_are_answered_and_one_more_is_refused(
    client: Any, problems: dict[str, Problem]
) -> None:
    matrix = np.resize(problems["iris"].frame.to_numpy(), (10_000, 4))
    assert client.infer("iris", [tensor("x", matrix)]).as_numpy("label").shape == (10_000,)
    with pytest.raises(InferenceServerException, match="10001` rows; the limit is 10,000") as found:
        client.infer("iris", [tensor("x", np.zeros((10_001, 4)))])
    assert found.value.status() == "413"


def test_a_compressed_request_is_refused_with_a_sentence(client: Any) -> None:
    with pytest.raises(InferenceServerException, match="send the body as it is, not compressed"):
        client.infer("iris", [tensor("x", [[1.0] * 4])], request_compression_algorithm="gzip")
    result = client.infer("iris", [tensor("x", [[1.0] * 4])], response_compression_algorithm="gzip")
    assert result.as_numpy("label").shape == (1,)


def test_the_document_describes_the_protocol_with_the_schemas_that_read_it(
    served: Service,
) -> None:
    document = served.get("/openapi.json").json()
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
