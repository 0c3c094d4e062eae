"""What the service counts, as Prometheus reads it."""

import random
from collections.abc import Callable, Iterator
from math import isclose

import pytest
import requests
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from backend.records.registry import Version
from backend.service.metrics import MOST_LABELS, BulkHistogram, Metrics
from tests.backend.service.scraped import of, total
from tests.conftest import Problem, Service


def test_many_observations_at_once_are_the_same_as_one_by_one() -> None:
    seconds = [random.Random(1).lognormvariate(-6, 2) for _ in range(500)] + [0.001, 0.25, 10, 99]
    texts = []
    for at_once in (True, False):
        registry = CollectorRegistry()
        histogram = BulkHistogram("x", "x", buckets=(0.001, 0.25, 10), registry=registry)
        if at_once:
            histogram.observe_many(seconds)
        else:
            for second in seconds:
                histogram.observe(second)
        texts.append(generate_latest(registry).decode())
    found = [{s.name + str(s.labels): s.value for s in samples(text)} for text in texts]
    assert found[0].keys() == found[1].keys()
    assert all(isclose(found[0][name], found[1][name]) for name in found[0])
    assert found[0]["x_bucket{'le': '+Inf'}"] == 504


def samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples


def test_labels_beyond_the_fiftieth_are_counted_together() -> None:
    metrics = Metrics()
    for i in range(MOST_LABELS + 20):
        metrics.answered("m", 1, "answered", f"label {i}", 2)
    metrics.answered("m", 1, "answered", "label 3", 5)
    metrics.answered("m", 1, "refused", "", 1)
    metrics.answered("another", 1, "answered", "label 69", 1)
    text = metrics.text().decode()
    assert total(text, "watchdesk_predictions_total", label="other") == 40
    assert total(text, "watchdesk_predictions_total", label="label 3") == 7
    assert total(text, "watchdesk_predictions_total", model="m", label="") == 1
    assert total(text, "watchdesk_predictions_total", model="another", label="label 69") == 1
    assert len(of(text, "watchdesk_predictions_total", model="m")) == MOST_LABELS + 2


def test_a_withdrawn_model_has_no_champion_any_more() -> None:
    metrics = Metrics()
    metrics.champions({"iris": 3, "cancer": 1})
    assert total(metrics.text().decode(), "watchdesk_champion_version", model="iris") == 3
    metrics.champions({"cancer": 1})
    assert of(metrics.text().decode(), "watchdesk_champion_version") == {"model=cancer": 1}


def test_each_name_and_unit_is_as_prometheus_wants_it() -> None:
    metrics = Metrics()
    metrics.wal(7)
    metrics.waiting(3)
    metrics.champions({"iris": 1})
    metrics.shadow("iris", 1)
    metrics.shadow_dropped("iris", 1)
    families = list(text_string_to_metric_families(metrics.text().decode()))
    ours = {f.name: f for f in families if f.name.startswith("watchdesk_")}
    assert {
        name: family.type for name, family in ours.items() if "latency" in name or "wal" in name
    } == {"watchdesk_request_latency_seconds": "histogram", "watchdesk_wal_bytes": "gauge"}
    for family in ours.values():
        assert family.documentation.endswith(".")
        if family.type == "counter":
            assert all(s.name.endswith("_total") for s in family.samples)
    assert "process_resident_memory_bytes" in {f.name for f in families}


@pytest.mark.processes
def test_what_was_asked_is_what_is_counted(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> None:
    registered("breast_cancer")
    registered("diabetes")
    service.extra["WATCHDESK_ALLOWED_HOSTS"] = "metrics.example"
    service.start()
    health = service.get("/health").json()
    assert (health["status"], health["worker"], health["warnings"]) == ("alive", 1, [])
    frame = problems["breast_cancer"].frame
    rows = [[float(value) for value in frame.iloc[i]] for i in range(40)]
    answers = [service.post("/models/breast_cancer/predict", {"features": r}) for r in rows[:20]]
    labels = [answer.json()["label"] for answer in answers]
    service.post("/models/breast_cancer/predict", {"instances": rows[20:]})
    labels += [
        service.post("/models/breast_cancer/versions/1/what-if", {"features": r}).json()["label"]
        for r in rows[20:]
    ]
    assert service.post("/models/breast_cancer/predict", {"features": [1]}).status_code == 422
    numbers = [float(value) for value in problems["diabetes"].frame.iloc[0]]
    assert service.post("/models/diabetes/predict", {"features": numbers}).status_code == 200

    response = service.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    counted = of(response.text, "watchdesk_predictions_total")
    who = "model=breast_cancer,outcome=answered,version=1"
    for label in set(labels):
        assert counted.pop(f"label={label},{who}") == labels.count(label)
    assert counted.pop("label=,model=breast_cancer,outcome=refused,version=1") == 1
    assert counted.pop("label=,model=diabetes,outcome=answered,version=1") == 1
    assert counted == {}
    for name, expected in {
        "watchdesk_rows_logged_total": 42,
        "watchdesk_batch_rows_sum": 42,
        "watchdesk_request_latency_seconds_count": 23,
        "watchdesk_workers": 1,
        "watchdesk_champion_version": 2,  # of both models, added up
        "watchdesk_overloaded_total": 0,
        "watchdesk_unavailable_total": 0,
    }.items():
        assert total(response.text, name) == expected, name
    assert total(response.text, "watchdesk_wal_bytes") > 0
    commits = total(response.text, "watchdesk_commit_seconds_count")
    assert commits == total(response.text, "watchdesk_batch_rows_count") > 0

    assert scrape(service, "evil.example").status_code == 403
    assert scrape(service, "metrics.example").status_code == 200


def scrape(service: Service, host: str) -> requests.Response:
    return requests.get(f"{service.url}/metrics", headers={"Host": host}, timeout=5)
