"""Predicting over real HTTP: what is answered, what is refused, and that all of it is logged."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from backend.records import aliases, audit, log, predictions
from backend.records.database import Database, connect, migrate
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from tests.conftest import Problem, Service, new_version

EVER = Window(0, 1 << 60)


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, problems: dict[str, Problem]
) -> Iterator[Service]:
    """One service for the module, with the three small models, each promoted."""
    folder = tmp_path_factory.mktemp("service")
    settings = Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})
    migrate(settings.database_url)
    database, store = connect(settings.database_url), Store.of(settings)
    for made in problems.values():
        draft = registration.add(database, new_version(made), store)
        version = registration.register(database, draft, store)
        aliases.promote(database, version.model, 1, actor="tester", reason="test")
    waiting = new_version(problems["iris"], model="waiting")
    registration.register(database, registration.add(database, waiting, store), store)
    service = Service(settings).start()
    yield service
    service.stop()


@pytest.fixture
def logged(running: Service) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """A function giving a model's rows, newest first."""
    database = connect(running.settings.database_url)

    def rows(model: str) -> list[dict[str, Any]]:
        return [dict(row) for _, row in log.page(database, log.Filter(model, EVER)).iterrows()]

    yield rows
    database.dispose()


def row_of(problem: Problem, index: int = 0) -> dict[str, float]:
    return {str(k): float(v) for k, v in problem.frame.iloc[index].items()}


def test_answers_by_name_and_in_order_alike(running: Service, problems: dict[str, Problem]) -> None:
    row = row_of(problems["breast_cancer"])
    by_name = running.post("/predict", {"model": "breast_cancer", "features": row}).json()
    in_order = running.post(
        "/models/breast_cancer/predict", {"features": list(row.values())}
    ).json()
    assert by_name["label"] == in_order["label"] == "malignant"
    assert by_name["score"] == in_order["score"] == by_name["probabilities"]["malignant"]
    assert by_name["prediction_id"] < in_order["prediction_id"]  # UUIDv7 is ordered by time


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "diabetes"])
def test_answers_as_the_estimator_does(
    running: Service, problems: dict[str, Problem], name: str
) -> None:
    made = problems[name]
    instances = [row_of(made, i) for i in range(0, 140, 7)]
    body = {"model": name, "instances": instances}
    found = running.post("/predict/batch", body).json()["predictions"]
    expected = made.estimator.predict(made.frame.iloc[0:140:7].to_numpy())
    if name == "diabetes":
        assert [p["value"] for p in found] == pytest.approx(list(expected))
    else:
        assert [p["label"] for p in found] == list(expected)
    if name == "iris":
        assert all(p["score"] == p["probabilities"][p["label"]] for p in found)


def test_logs_each_answered_row_before_the_answer(
    running: Service, problems: dict[str, Problem], logged: Callable[[str], list[dict[str, Any]]]
) -> None:
    row = row_of(problems["breast_cancer"], 3)
    answer = running.post("/predict", {"model": "breast_cancer", "features": row}).json()
    found = logged("breast_cancer")[0]
    assert found["prediction_id"] == answer["prediction_id"]
    assert (found["outcome"], found["source"], found["version"]) == ("answered", "live", 1)
    assert (found["label"], found["score"]) == (answer["label"], answer["score"])
    assert json.loads(found["features"]) == row
    assert 0 < found["latency_ms"] < 10_000


REFUSALS = [
    (
        lambda r: r | {"mean radius": "wide"},
        422,
        "Feature `mean radius` is `'wide'`; expected a finite number.",
    ),
    (
        lambda r: r | {"mean radius": None},
        422,
        "Feature `mean radius` is `null`; expected a finite number.",
    ),
    (
        lambda r: r | {"mean radius": True},
        422,
        "Feature `mean radius` is `true`; expected a finite number.",
    ),
    (
        lambda r: r | {"mean radius": math.nan},
        422,
        "Feature `mean radius` is `nan`; expected a finite number.",
    ),
    (
        lambda r: r | {"mean radius": math.inf},
        422,
        "Feature `mean radius` is `inf`; expected a finite number.",
    ),
    (
        lambda r: {k: v for k, v in r.items() if k != "mean radius"},
        422,
        "Feature `mean radius` is missing; expected a finite number.",
    ),
    (lambda r: list(r.values())[:3], 422, "The list has 3 values; expected 30, in the order"),
    (
        lambda r: r | {"mean radius": {"a": 1}},
        422,
        "Feature `mean radius` is an object; expected a finite number.",
    ),
    (lambda _: "text", 400, "The body is not of the expected form: Expected `object | array`"),
]


@pytest.mark.parametrize(("change", "status", "sentence"), REFUSALS)
def test_refuses_bad_features_by_name_and_logs_the_refusal(
    running: Service,
    problems: dict[str, Problem],
    logged: Callable[[str], list[dict[str, Any]]],
    change: Callable[[dict[str, float]], Any],
    status: int,
    sentence: str,
) -> None:
    before = len(logged("breast_cancer")) + len(logged(""))
    body = {"model": "breast_cancer", "features": change(row_of(problems["breast_cancer"]))}
    response = requests.post(
        f"{running.url}/predict",
        data=json.dumps(body),
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert response.status_code == status
    assert response.json()["detail"].startswith(sentence)
    rows = logged("breast_cancer") + logged("")
    assert len(rows) == before + 1
    newest = max(rows, key=lambda row: row["id"])
    assert newest["outcome"] == "refused"
    assert newest["error"] == response.json()["detail"]
    assert newest["features"].startswith('{"model": "breast_cancer"')


def test_names_the_index_of_the_bad_instance_and_answers_none_of_the_batch(
    running: Service, problems: dict[str, Problem], logged: Callable[[str], list[dict[str, Any]]]
) -> None:
    row = row_of(problems["iris"])
    before = len(logged("iris"))
    body = {"model": "iris", "instances": [row, row | {"petal width (cm)": "x"}]}
    response = running.post("/predict/batch", body)
    assert response.status_code == 422
    assert response.json()["detail"] == (
        "Instance 1: Feature `petal width (cm)` is `'x'`; expected a finite number."
    )
    assert len(logged("iris")) == before + 1


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("/predict", {"model": "nope", "features": {}}, 404, "There is no model `nope`;"),
        ("/predict", {"features": {}}, 409, "There are 4 models and the request names none."),
        ("/models/waiting/predict", {"features": {}}, 409, "Model `waiting` has no champion."),
        ("/models/iris/predict", {"model": "diabetes", "features": []}, 400, "The address names"),
        ("/predict", {"model": "iris", "instances": []}, 422, "`instances` is empty"),
        ("/predict", {"model": "iris"}, 400, "The body has neither or both of `features`"),
        ("/models/iris/versions/9/what-if", {"features": []}, 404, "Model `iris` has no version 9"),
        ("/models/iris/versions/x/what-if", {"features": []}, 404, "Version `x` is not a number"),
        ("/feedback", {"prediction_id": "x", "ground_truth": 1}, 422, "The prediction id `x` is"),
        ("/feedback", {"prediction_id": "0" * 32, "ground_truth": 1}, 404, "There is no answered"),
    ],
)
def test_says_what_is_wrong_with_a_request(
    running: Service, path: str, body: Any, status: int, sentence: str
) -> None:
    response = running.post(path, body)
    assert (response.status_code, response.json()["detail"][: len(sentence)]) == (status, sentence)


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"[" * 200_000, {}, 400),
        (b'{"model": "iris", "features": [' + b"[" * 5_000 + b"]" * 5_000 + b"]}", {}, 400),
        (b'{"model": "iris", "features": [' + b"9" * 5_000 + b"]}", {}, 400),
        (b'{"model": "iris", "features": ["\\ud800"]}', {}, 400),
        (b'{"model": "\\udfff", "features": [1]}', {}, 400),
        (b'{"model": "iris", "features": {"\\ud800": 1}}', {}, 400),
        (b'{"model": "iris", "features": [1, 2, 3, 1e999]}', {}, 422),
        (b'{"model": "\\u0000", "features": [1]}', {}, 404),
        (b'{"model": "iris", "features": ["\xff"]}', {}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Encoding": "gzip"}, 415),
        (b"x" * (17 << 20), {}, 413),
    ],
)
def test_answers_malformed_bodies_with_a_4xx(
    running: Service, data: bytes, headers: dict[str, str], status: int
) -> None:
    response = requests.post(
        f"{running.url}/predict",
        data=data,
        headers={"Content-Type": "application/json"} | headers,
        timeout=20,
    )
    assert 400 <= response.status_code < 500
    assert response.json()["detail"].endswith(".")
    assert response.status_code == status
    assert running.get("/health").ok


def test_refuses_a_value_that_the_estimator_cannot_take_and_spoils_no_neighbour(
    running: Service, problems: dict[str, Problem], logged: Callable[[str], list[dict[str, Any]]]
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    good = {"model": "breast_cancer", "features": row_of(problems["breast_cancer"])}
    huge = row_of(problems["breast_cancer"]) | {"mean radius": 1.7e308, "mean area": -1.7e308}
    bad = {"model": "breast_cancer", "features": huge}
    with ThreadPoolExecutor(8) as pool:
        sent = [good, bad] * 20
        codes = [r.status_code for r in pool.map(lambda b: running.post("/predict", b), sent)]
    assert set(codes[::2]) == {200}
    assert set(codes[1::2]) <= {200, 422}  # a linear model may well take it


def test_refuses_foreign_hosts_and_origins(running: Service) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        response = requests.get(f"{running.url}/health", headers=headers, timeout=10)
        assert response.status_code == 403
        assert "WATCHDESK_ALLOWED_HOSTS" in response.json()["detail"]
    ours = {"Origin": "http://localhost:8501"}
    assert requests.get(f"{running.url}/health", headers=ours, timeout=10).ok


def test_answers_what_if_without_logging_it(
    running: Service, problems: dict[str, Problem], logged: Callable[[str], list[dict[str, Any]]]
) -> None:
    before = len(logged("iris"))
    row = row_of(problems["iris"])
    response = running.post("/models/iris/versions/1/what-if", {"instances": [row, row]}).json()
    assert [p["label"] for p in response["predictions"]] == ["setosa", "setosa"]
    assert len(logged("iris")) == before


def test_records_a_truth_once_and_says_how_to_correct_it(
    running: Service, problems: dict[str, Problem], database: Database
) -> None:
    body = {"model": "iris", "features": row_of(problems["iris"])}
    key = running.post("/predict", body).json()["prediction_id"]
    truth = {"prediction_id": key, "ground_truth": "setosa"}
    assert running.post("/feedback", truth).ok
    assert running.post("/feedback", truth).ok
    other = {"prediction_id": key, "ground_truth": "virginica"}
    refused = running.post("/feedback", other)
    assert refused.status_code == 409
    assert '"correct": true' in refused.json()["detail"]
    listed = running.post("/feedback", [truth, other, {**truth, "ground_truth": "rose"}]).json()
    assert [r["status"] for r in listed["results"]] == [200, 409, 422]
    assert running.post("/feedback", {**other, "correct": True}).ok
    stored = connect(running.settings.database_url)
    assert predictions.one(stored, key)["ground_truth"] == "virginica"
    # Of all that, the correction alone is a change.
    of_key = [r for r in audit.rows_of(stored, subject="iris") if r.detail.get("prediction")]
    assert [(r.action, r.actor, r.detail) for r in of_key] == [
        (
            "correct",
            "a caller of /feedback",
            {"prediction": key, "was": "setosa", "is": "virginica"},
        )
    ]
    stored.dispose()


def test_a_truth_that_is_no_finite_number_is_refused(
    running: Service, problems: dict[str, Problem]
) -> None:
    body = {"model": "diabetes", "features": row_of(problems["diabetes"])}
    key = running.post("/predict", body).json()["prediction_id"]
    for truth in (10**400, "high", True):
        response = running.post("/feedback", {"prediction_id": key, "ground_truth": truth})
        assert (response.status_code, response.json()["error"]) == (422, "Unusable")
    surrogate = requests.post(
        f"{running.url}/feedback",
        data=b'{"prediction_id": "\\ud800", "ground_truth": 1}',
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert surrogate.status_code == 400


def test_tells_a_wrong_method_from_a_wrong_address(running: Service) -> None:
    assert running.get("/predict").json() == {
        "error": "MethodNotAllowed",
        "detail": "`/predict` does not take GET; see `/docs`.",
    }
    assert running.get("/predict").headers["Allow"] == "POST"
    assert running.post("/models", {}).headers["Allow"] == "GET"
    assert running.get("/nothing").json() == {
        "error": "NotFound",
        "detail": "`/nothing` is not a route. `/docs` lists them.",
    }


def test_describes_its_routes_with_the_schemas_that_read_them(running: Service) -> None:
    document = running.get("/openapi.json").json()
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/PredictBody"}
    properties = document["components"]["schemas"]["PredictBody"]["properties"]
    assert set(properties) == {"model", "features", "instances"}
    page = running.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page


def test_tells_models_versions_and_the_champions_signature(running: Service) -> None:
    assert {m["model"]: m["champion"] for m in running.get("/models").json()} == {
        "breast_cancer": 1,
        "diabetes": 1,
        "iris": 1,
        "waiting": None,
    }
    detail = running.get("/models/iris").json()
    assert detail["versions"][0]["aliases"] == ["champion"]
    assert detail["signature"]["features"][0]["name"] == "sepal length (cm)"
    assert running.get("/models/nope").status_code == 404


def test_is_ready_only_with_a_champion(
    service: Service, registered: Callable[..., Version], database: Database
) -> None:
    service.start()
    assert service.get("/health").json()["database"] == database.installation_id()
    assert service.get("/ready").status_code == 503
    refused = service.post("/predict", {"features": {}})
    assert refused.json() == {
        "error": "NoChampion",
        "detail": "No model is serving. Train one on the Train page, then promote it.",
    }
    registered("iris")
    assert service.post("/predict", {"features": [5.1, 3.5, 1.4, 0.2]}).json()["label"] == "setosa"
    assert service.get("/ready").ok
