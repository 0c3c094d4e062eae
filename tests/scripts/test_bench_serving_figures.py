"""The benchmark's arithmetic: what wrk says, medians, ratios, floors and the report."""

from pathlib import Path

import pytest

from scripts.bench_serving import client, kept, report
from scripts.bench_serving.client import Measured
from scripts.bench_serving.figures import Figures, ratio
from scripts.bench_serving.floors import FLOORS, Floor
from scripts.bench_serving.machine import Machine, filesystem
from scripts.bench_serving.report import Circumstances
from scripts.bench_serving.rounds import Sample
from scripts.bench_serving.services import SERVICES

AROUND = Circumstances(
    machine=Machine(2, "A processor", 24, "Linux 6.1", "ext4", "3.11.7", 0.25),
    rounds=3,
    seconds=4,
    partial=False,
    wrk="4.1.0",
    date="2026-11-21",
    versions={"": {"uvicorn": "0.54.0"}, "tutorial": {"fastapi": "0.165.0"}},
    engines={"forest": "onnx", "logistic": "onnx"},
    failed={},
    checked=1_234_567,
)


def sample(service: str, rate: float, load: str = "64", **more: object) -> Sample:
    """A run of one second without an error; latencies in the ratio of the rates."""
    measured = Measured(round(rate), 1.0, 1_000 / rate, 2_000 / rate, 0, 0)
    place = {"model": "forest", "round": 1, **more}
    return Sample(service=service, load=load, measured=measured, **place)  # type: ignore[arg-type]


def floor(text: str) -> Floor:
    """The floor whose text begins so."""
    return next(each for each in FLOORS if each.text.startswith(text))


def test_reads_the_line_that_the_client_prints_last() -> None:
    printed = (
        "Running 4s test @ http://127.0.0.1:1/predict\n  Requests/sec: 12\n"
        '{"completed": 800, "microseconds": 2000000, "p50_us": 250, "p99_us": 4125, "refused": 3,'
        ' "broken": 1}\n'
    )

    found = client.read(printed)

    assert found == Measured(800, 2.0, 0.25, 4.125, 3, 1)


def test_what_was_refused_is_not_counted_as_answered() -> None:
    assert Measured(800, 2.0, 0.25, 4.0, refused=300, broken=0).rate == 250


def test_the_median_is_over_the_rounds_of_one_service_model_and_load() -> None:
    rates = [sample("ours", rate, round=n) for n, rate in enumerate((100, 900, 200), 1)]
    others = [
        sample("ours", 5_000, "16"),
        sample("ours", 6_000, model="logistic"),
        sample("tutorial", 7_000),
    ]

    figures = Figures([*rates, *others])

    assert figures.median("ours", "forest", "64") == 200
    assert figures.spread("ours", "forest", "64") == (100, 900)
    assert figures.median("ours", "forest", "1") is None


def test_batches_are_counted_in_rows() -> None:
    figures = Figures([sample("ours", 30, "batch")])

    assert figures.median("ours", "forest", "batch") == 30_000


def test_a_bare_route_stands_beside_every_model() -> None:
    figures = Figures([sample("bare-starlette", 300)])

    assert figures.median("bare-starlette", "logistic", "64") == 300


def test_the_best_is_the_highest_rate_and_the_lowest_latency() -> None:
    figures = Figures([sample("mlflow", 100), sample("bentoml", 400), sample("litserve", 200)])
    names = ["mlflow", "bentoml", "litserve", "mlserver"]

    assert figures.best(names, "forest", "64") == ("bentoml", 400)
    assert figures.best(names, "forest", "64", "p99_ms") == ("bentoml", 5.0)
    assert figures.best(["mlserver"], "forest", "64") is None


def test_a_ratio_needs_both_sides() -> None:
    assert ratio(10.0, 4.0) == 2.5
    assert ratio(None, 4.0) is None
    assert ratio(10.0, None) is None


@pytest.mark.parametrize(("ours", "met"), [(4_900, False), (5_000, True)])
def test_a_floor_is_met_at_its_figure_and_not_below(ours: float, met: bool) -> None:
    figures = Figures([sample("ours", ours), sample("tutorial", 100)])

    assert floor("Forest, 64 connections").met(figures) is met


@pytest.mark.parametrize(("ours", "met"), [(1_000, True), (100, False)])
def test_a_floor_of_latency_is_met_from_below(ours: float, met: bool) -> None:
    figures = Figures([sample("ours", ours, "1"), sample("tutorial", 200, "1")])

    assert floor("Forest, 1 connection, NORMAL").met(figures) is met


def test_the_best_peer_has_one_worker_as_ours_has() -> None:
    samples = [sample(name, rate, "batch") for name, rate in (("ours", 70), ("tutorial", 100))]
    figures = Figures([*samples, sample("tutorial-2", 900, "batch")])

    assert floor("Forest, batches").measure(figures) == pytest.approx(0.7)


def test_a_floor_that_was_not_measured_is_neither_met_nor_missed() -> None:
    assert all(each.met(Figures([])) is None for each in FLOORS)


def test_the_report_says_which_floors_are_met() -> None:
    written = report.write(Figures([sample("ours", 3_000), sample("tutorial", 100)]), AROUND)

    first = "Forest, 64 connections: requests/s over the tutorial's | ≥ 50 | 30.0 | **no**"
    assert f"| {first} |" in written
    assert "| … over MLflow's | ≥ 50 | – | not measured |" in written


def test_the_report_compares_each_service_with_ours() -> None:
    written = report.write(Figures([sample("ours", 3_000), sample("tutorial", 100)]), AROUND)

    assert (
        "| FastAPI tutorial | no | – | – | 100 | 100–100 | – | – | – | 20.0 | 30.0 |"
    ) in written.splitlines()
    assert "all of the 1,234,567 rows that were answered are in it." in written
    assert "\nwith onnx, but where the line says that it is not compiled." in written


def test_the_report_shows_errors_and_failed_turns() -> None:
    errors = Sample("mlflow", "forest", "64", 1, Measured(9, 1.0, 1.0, 1.0, 1_200, 34))
    around = Circumstances(**{**AROUND.__dict__, "failed": {"bentoml": ["It ended."]}})

    written = report.write(Figures([errors]), around)

    assert "| MLflow `models serve` (1,234 errors) |" in written
    assert "1 turns of `bentoml` failed: It ended." in written


def test_what_was_kept_makes_the_same_report(tmp_path: Path) -> None:
    samples = [sample("ours", 3_000), sample("tutorial", 100)]

    kept.save(tmp_path / "serving.json", samples, AROUND)

    assert kept.load(tmp_path / "serving.json") == (samples, AROUND)


def test_the_file_system_is_that_of_the_nearest_mount() -> None:
    mounts = (
        "/dev/a / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/b /srv/bench xfs rw 0 0\n"
        "/dev/c /srv/be btrfs rw 0 0\n"
    )

    assert filesystem(Path("/srv/bench/data"), mounts) == "xfs"
    assert filesystem(Path("/home"), mounts) == "ext4"
    assert filesystem(Path("/home"), "") == "unknown"


def test_services_have_names_of_their_own() -> None:
    names = [each.name for each in SERVICES]

    assert len(names) == len(set(names))
