"""MLflow's scoring protocol over real HTTP."""

import json
import math
from typing import Any

import pandas as pd
import pytest
import requests

from tests.backend.service.conftest import Rows
from tests.conftest import Problem, Service

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}


def sent(
    served: Service, body: str | bytes, headers: dict[str, str], path: str = "/invocations"
) -> requests.Response:
    return requests.post(f"{served.url}{path}", data=body, headers=headers, timeout=20)


FRAME = pd.DataFrame(
    {
        "size": [9.5, 12.25, math.nan],
        "count": [7, 0, 3],
        "colour": ["red", "blau, grün", None],
        "member": [True, False, None],
    }
)
RECORDS: list[dict[str, Any]] = json.loads(FRAME.to_json(orient="records"))
SPLIT = json.loads(FRAME.to_json(orient="split"))
FORMS: dict[str, Any] = {
    "columns": {"inputs": FRAME.to_dict("list")},
    "rows in order": {"inputs": SPLIT["data"]},
    "rows by name": {"inputs": RECORDS},
    "instances by name": {"instances": RECORDS},
    "instances in order": {"instances": SPLIT["data"]},
    "dataframe_records": {"dataframe_records": RECORDS},
    "dataframe_split": {"dataframe_split": SPLIT},
    "with empty params": {"dataframe_split": SPLIT, "params": {}},
    "with what others know": {"instances": RECORDS, "client_request_id": "7"},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_body_gives_the_same_labels(
    served: Service, rows: Rows, form: str
) -> None:
    expected = served.post("/predict", {"instances": RECORDS}).json()["predictions"]
    response = sent(served, json.dumps(FORMS[form]), JSON)  # NaN and all, as pandas gives it
    found = response.json()
    assert found["predictions"] == [answer["label"] for answer in expected]
    assert (found["model"], found["version"]) == ("mixed", 1)
    newest = {row["prediction_id"]: row for row in rows("mixed")[:3]}
    assert [json.loads(newest[key]["features"]) for key in found["prediction_ids"]] == RECORDS
    assert {(row["outcome"], row["source"]) for row in newest.values()} == {("answered", "live")}


def test_a_csv_file_as_pandas_writes_it_gives_the_same_labels(served: Service, rows: Rows) -> None:
    expected = sent(served, json.dumps({"inputs": RECORDS}), JSON).json()["predictions"]
    for media in ("text/csv", "text/csv; charset=utf-8"):
        response = sent(served, FRAME.to_csv(index=False).encode(), {"Content-Type": media})
        assert response.json()["predictions"] == expected
    assert [json.loads(row["features"]) for row in rows("mixed")[:3]] == RECORDS[::-1]


def test_a_regression_gives_plain_values(served: Service, problems: dict[str, Problem]) -> None:
    made = problems["diabetes"]
    split = json.loads(made.frame.iloc[:5].to_json(orient="split", double_precision=15))
    body = {"dataframe_split": split}
    found = served.post("/models/diabetes/invocations", body).json()["predictions"]
    assert found == pytest.approx(list(made.estimator.predict(made.frame.iloc[:5].to_numpy())))


def test_the_truth_is_reported_by_the_ids_beside_the_predictions(served: Service) -> None:
    key = served.post("/invocations", {"inputs": RECORDS}).json()["prediction_ids"][0]
    truth = {"prediction_id": key, "ground_truth": 2}
    assert served.post("/feedback", truth).json()["recorded"]


def test_tells_that_it_is_well_and_which_protocol_it_speaks(served: Service) -> None:
    assert served.get("/ping").status_code == 200
    assert served.get("/version").text == "2.0.0"


ROW = {"size": 1.0, "count": 1, "colour": "red", "member": True}
REFUSALS: list[tuple[Any, int, str, str]] = [
    ({}, 400, "BAD_REQUEST", "The body has no rows; expected exactly one of `inputs`,"),
    (
        {"inputs": [ROW], "instances": [ROW]},
        400,
        "BAD_REQUEST",
        "The body has `inputs`, `instances`; expected exactly one of",
    ),
    ([ROW], 400, "BAD_REQUEST", "The body is not of the expected form: Expected `object`,"),
    ({"inputs": 3}, 400, "BAD_REQUEST", "The body is not of the expected form: Expected `object |"),
    ({"columns": [], "data": []}, 400, "BAD_REQUEST", "The body has no rows;"),
    ({"instances": []}, 422, "INVALID_PARAMETER_VALUE", "`instances` has no rows; expected at"),
    ({"inputs": {}}, 422, "INVALID_PARAMETER_VALUE", "`inputs` has no rows; expected at least"),
    (
        {"inputs": {"size": [1.0, 2.0], "count": [1]}},
        422,
        "INVALID_PARAMETER_VALUE",
        "The columns of `inputs` have from 1 to 2 values; expected the same number in each.",
    ),
    (
        {"dataframe_split": {"columns": ["size", "size"], "data": [[1.0, 2.0]]}},
        422,
        "INVALID_PARAMETER_VALUE",
        "Column `'size'` comes twice. Send it once.",
    ),
    (
        {"dataframe_split": {"columns": ["size", "count"], "data": [[1.0, 2], [1.0]]}},
        422,
        "INVALID_PARAMETER_VALUE",
        "Row 1 of `dataframe_split` has 1 values; its `columns` are 2.",
    ),
    (
        {"instances": [ROW, ROW | {"count": "many"}]},
        422,
        "INVALID_PARAMETER_VALUE",
        "Instance 1: Feature `count` is `'many'`; expected a whole number.",
    ),
    (
        {"instances": [ROW], "params": {"temperature": 1}},
        422,
        "INVALID_PARAMETER_VALUE",
        "`params` has `temperature`; no version takes parameters when it predicts.",
    ),
    (
        {"inputs": {"size": [1.0] * 10_001}},
        413,
        "BAD_REQUEST",
        "`inputs` has more than 10,000 rows, which is the limit. Send them in several requests.",
    ),
]


@pytest.mark.parametrize(("body", "status", "code", "sentence"), REFUSALS)
def test_a_bad_body_is_refused_in_mlflows_form_and_logged(
    served: Service, rows: Rows, body: Any, status: int, code: str, sentence: str
) -> None:
    response = sent(served, json.dumps(body), JSON)
    told = response.json()
    assert (response.status_code, told["error_code"]) == (status, code)
    assert told["message"].startswith(sentence)
    newest = rows("mixed")[0]
    assert (newest["outcome"], newest["error"]) == ("refused", told["message"])
    assert newest["features"] == json.dumps(body)[:500]


@pytest.mark.parametrize(
    ("file", "status", "sentence"),
    [
        (b"", 422, "The CSV has no rows; expected at least one."),
        (b"size,count\n", 422, "The CSV has no rows; expected at least one."),
        (b"count,count\n1,2\n", 422, "Column `'count'` comes twice. Send it once."),
        (b"count,size\n1\n", 400, "Line 2 of the CSV has 1 cells; its header has 2."),
        (b'count\n"1', 400, "The body is not CSV that can be read: unexpected end of data."),
        (b"count,colour\n1,\xff\n", 400, "The body is not UTF-8 at byte 15. Send UTF-8."),
        (b",count\n0,1\n", 422, "Instance 0: Feature `` is unknown. Send only `size`, `count`,"),
        (b"count\n1.5\n", 422, "Instance 0: Feature `count` is `1.5`; expected a whole number."),
        (b"count\n1_0\n", 422, "Instance 0: Feature `count` is `'1_0'`; expected a whole number."),
        (
            b"count,size\n1,nan\n",
            422,
            "Instance 0: Feature `size` is `'nan'`; expected a finite number or null.",
        ),
        (
            b"count,member\n1,perhaps\n",
            422,
            "Instance 0: Feature `member` is `'perhaps'`; expected true or false or null.",
        ),
        (b"count\n" + b"1\n" * 10_001, 413, "The CSV has more than 10,000 rows, which is the"),
    ],
)
def test_a_bad_csv_file_is_refused_with_a_sentence(
    served: Service, rows: Rows, file: bytes, status: int, sentence: str
) -> None:
    response = sent(served, file, CSV)
    assert response.status_code == status
    assert response.json()["message"].startswith(sentence)
    assert rows("mixed")[0]["error"] == response.json()["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "text/csv; charset=latin-1"},
        {"Content-Type": "text/csv", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_other_media_are_refused(served: Service, headers: dict[str, str]) -> None:
    response = sent(served, b"{}", headers)
    assert (response.status_code, response.json()["error_code"]) == (415, "BAD_REQUEST")


def test_a_model_may_be_named_in_the_address(served: Service, rows: Rows) -> None:
    response = served.post("/models/waiting/invocations", {"inputs": [[1, 2, 3, 4]]})
    assert (response.status_code, response.json()["error_code"]) == (409, "INVALID_STATE")
    assert rows("waiting")[0]["error"] == response.json()["message"]
    response = served.post("/models/nothing/invocations", {"inputs": [[1, 2, 3, 4]]})
    assert response.status_code == 404
    assert response.json() == {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": "There is no model `nothing`; `GET /models` lists all.",
    }
    response = served.get("/invocations")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_the_document_describes_the_forms_of_the_body(served: Service) -> None:
    document = served.get("/openapi.json").json()
    content = document["paths"]["/invocations"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "text/csv"}
    assert set(document["components"]["schemas"]["InvocationBody"]["properties"]) == {
        "inputs",
        "instances",
        "dataframe_split",
        "dataframe_records",
        "params",
    }


def test_without_a_champion_it_is_not_well(service: Service) -> None:
    service.start()
    response = service.get("/ping")
    assert (response.status_code, response.json()["message"]) == (
        409,
        "No model is serving. Train one on the Train page, then promote it.",
    )
