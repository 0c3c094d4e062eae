"""The benchmark's services: bodies and answers, the look into the log, and ending processes."""

import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path

import pytest

from backend.records import predictions
from backend.records.database import Database, now
from backend.records.predictions import Row
from backend.settings import Settings
from scripts.bench_serving import calls, environments, processes
from scripts.bench_serving.__main__ import main
from scripts.bench_serving.calls import Bodies, Call
from scripts.bench_serving.logged import Log, LostRows, Rows, require
from scripts.bench_serving.services import QUICK, SERVICES


def logged_rows(
    database: Database, count: int, label: str = "benign", outcome: str = "answered"
) -> list[str]:
    """Append rows; their prediction ids."""
    ids = [uuid.uuid4() for _ in range(count)]
    rest = (1, "live", outcome, "{}", label, None, 0.5, 1.0, None)
    rows = [Row(each.bytes, each.bytes, now(), "forest", *rest) for each in ids]
    predictions.append(database, rows)
    return [str(each) for each in ids]


def lives(pid: int) -> bool:
    """Whether a process runs; a dead one may wait a while for whoever reaps it."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_every_form_holds_the_same_rows() -> None:
    rows = [[1.0, 2.0], [3.0, 4.0]]

    bodies = {
        form: calls.body(form, ["a", "b"], rows)
        for form in ("features", "named", "instances", "inputs", "tensor")
    }

    assert bodies["features"] == {"features": [1.0, 2.0]}
    assert bodies["named"] == {"features": {"a": 1.0, "b": 2.0}}
    assert bodies["instances"] == {"instances": rows}
    assert bodies["inputs"] == {"inputs": rows}
    assert bodies["tensor"]["inputs"][0]["shape"] == [2, 2]
    assert bodies["tensor"]["inputs"][0]["data"] == [1.0, 2.0, 3.0, 4.0]


def test_a_body_has_as_many_rows_as_are_asked_for(tmp_path: Path) -> None:
    bodies = Bodies(tmp_path / "bodies", ["a"], [[1.0], [2.0], [3.0]])
    call = Call("/predict", "instances")

    assert bodies.file(call, 1).read_text() == '{"instances": [[1.0]]}'
    assert bodies.file(call, 3).read_text() == '{"instances": [[1.0], [2.0], [3.0]]}'


@pytest.mark.parametrize(
    ("answer", "labels"),
    [
        ({"label": "a", "score": 0.9}, ["a"]),
        ({"predictions": [{"label": "a"}, {"label": "b"}]}, ["a", "b"]),
        ({"predictions": ["a", "b"]}, ["a", "b"]),
        ({"labels": ["a", "b"], "probabilities": [[1, 0], [0, 1]]}, ["a", "b"]),
        ([{"label": "a"}], ["a"]),
        ({"model_name": "bench", "outputs": [{"name": "predict", "data": ["a"]}]}, ["a"]),
    ],
)
def test_labels_are_found_in_the_answer_of_each_service(answer: object, labels: list[str]) -> None:
    assert calls.labels_of(answer) == labels


def test_every_peer_has_its_requirements_pinned() -> None:
    wanted = {each.environment for each in SERVICES if each.environment}

    for name in wanted:
        lines = (environments.PEERS / f"{name}.txt").read_text().split()
        assert lines
        assert all(line.count("==") == 1 for line in lines)
    assert {path.stem for path in environments.PEERS.glob("*.txt")} == wanted


def test_a_service_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(SystemExit, match="There is no service `flask`; expected ours, ours-full"):
        main(["--only", "ours,flask"])


def test_the_quick_run_knows_its_services() -> None:
    assert set(QUICK) <= {each.name for each in SERVICES}


def test_the_log_is_read_from_where_the_last_look_ended(
    database: Database, settings: Settings
) -> None:
    log = Log(settings.data_dir)
    logged_rows(database, 3)
    assert log.news() == {("answered", "benign"): 3}

    logged_rows(database, 2, "malignant")
    logged_rows(database, 1, outcome="refused")

    assert log.settled() == {("answered", "malignant"): 2, ("refused", "benign"): 1}
    assert log.news() == {}
    log.close()


def test_an_answered_prediction_that_is_not_in_the_log_is_noticed(
    database: Database, settings: Settings
) -> None:
    log = Log(settings.data_dir)
    ids = logged_rows(database, 3)

    assert log.lacks(ids) == 0
    assert log.lacks([*ids, str(uuid.uuid4())]) == 1
    log.close()


def test_one_missing_row_stops_the_benchmark() -> None:
    logged: Rows = Counter({("answered", "a"): 2_000, ("answered", "b"): 999})

    with pytest.raises(
        LostRows,
        match=r"Between 1,000 and 1,004 rows were answered with `b`; the log has 999 of them\.",
    ):
        require(logged, requests=1_000, labels=["a", "b", "a"], connections=4)


def test_what_was_under_way_at_the_end_may_be_logged_and_no_more() -> None:
    sent: Rows = Counter({("answered", "a"): 1_016})

    assert require(sent, requests=1_000, labels=["a"], connections=16) == 1_016
    with pytest.raises(LostRows, match="the log has 1,017 of them"):
        require(sent + Counter({("answered", "a"): 1}), 1_000, ["a"], 16)


def test_a_row_that_failed_stops_the_benchmark() -> None:
    logged: Rows = Counter({("answered", "a"): 10, ("failed", None): 1})

    with pytest.raises(LostRows, match="1 rows of the log failed"):
        require(logged, requests=10, labels=["a"], connections=1)


@pytest.mark.processes
def test_a_server_ends_with_a_child_that_left_its_session(tmp_path: Path) -> None:
    child = "import time; time.sleep(600)"
    parent = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"made = subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True)\n"
        "print(made.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    output = tmp_path / "output.txt"

    command = [sys.executable, "-c", parent]
    with processes.running(command, os.environ, tmp_path, output) as process:
        while not output.read_text().endswith("\n"):
            assert process.poll() is None
        pid = int(output.read_text())
        assert lives(pid)

    assert process.returncode == -signal.SIGKILL
    assert not lives(pid)


@pytest.mark.processes
def test_descendants_are_all_generations() -> None:
    inner = "import time; print('up', flush=True); time.sleep(600)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {outer!r}])",
        ],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()

        found = processes.descendants(process.pid)

        processes.end(process)
    assert len(found) == 2
