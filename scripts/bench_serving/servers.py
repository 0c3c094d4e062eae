"""A service that runs, answers, and answers what it should."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from backend.settings import ROOT
from scripts.bench_serving import environments, models
from scripts.bench_serving.calls import Bodies, Call, ids_of, labels_of
from scripts.bench_serving.models import BATCH_ROWS, Trained
from scripts.bench_serving.places import Places
from scripts.bench_serving.processes import free_port, running
from scripts.bench_serving.services import Service

START_S = 90
PREPARE_S = 300
DRAINING = 3
SETTLE_S = 0.3


class Failed(Exception):
    """A service did not start, or answered something else than it should."""


def prepare(service: Service, trained: Trained, places: Places) -> None:
    """Let a service make of a model what it serves."""
    if not service.prepare:
        return
    values = _values(service, trained, places)
    command = [part.format(**values) for part in service.prepare]
    output = places.output(service, trained.name)
    with running(command, _environment(service, values), places.work, output) as process:
        code = process.wait(PREPARE_S)
    if code != 0:
        raise Failed(f"It could not prepare {trained.name}: {_tail(output)}")


@contextlib.contextmanager
def serve(service: Service, trained: Trained, places: Places) -> Iterator[str]:
    """Run a service with a model; gives its address as soon as it answers anything.

    Ours gets a fresh copy of the data directory, which is there until the block has ended.

    Raises:
        Failed: it ended, or did not answer in time.
    """
    output = places.output(service, trained.name)
    if service.kind == "ours":
        shutil.rmtree(places.turn, ignore_errors=True)
        shutil.copytree(places.template, places.turn)
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as home:
        values = _values(service, trained, places) | {"home": home}
        command = [part.format(**values) for part in service.command]
        environment = _environment(service, values) | {"TMPDIR": home}
        if service.kind == "ours":
            environment["WATCHDESK_DEFAULT_MODEL"] = trained.name
        folder = ROOT if service.kind == "ours" else Path(home)
        with running(command, environment, folder, output) as process:
            url = f"http://127.0.0.1:{values['port']}"
            _wait(process, url, output)
            yield url


def check(service: Service, trained: Trained, url: str, bodies: Bodies) -> list[str]:
    """See that a service answers as the model does; the prediction ids that ours gave.

    Raises:
        Failed: it answers something else.
    """
    ids: list[str] = []
    calls: list[tuple[Call | None, int]] = [(service.single, 1), (service.batch, BATCH_ROWS)]
    for call, count in calls:
        if call is None:
            continue
        answer = _post(url, call, bodies, count)
        if answer.status_code != 200:
            raise Failed(f"{call.path} answers {answer.status_code}: {answer.text[:300]}")
        if service.kind != "bare" and labels_of(answer.json()) != trained.labels[:count]:
            raise Failed(f"{call.path} answers other labels: {answer.text[:300]}")
        ids += ids_of(answer.json()) if service.kind == "ours" else []
    return ids


def drain(service: Service, url: str, bodies: Bodies) -> None:
    """Wait until a service has done what the last run left: it works on for callers that left."""
    for _ in range(DRAINING):
        _post(url, service.single, bodies, 1)
    time.sleep(SETTLE_S)


def _post(url: str, call: Call, bodies: Bodies, count: int) -> requests.Response:
    try:
        return requests.post(
            url + call.path,
            data=bodies.file(call, count).read_bytes(),
            headers={"Content-Type": "application/json"},
            timeout=60,
        )
    except requests.RequestException as error:
        raise Failed(f"{call.path} does not answer ({type(error).__name__}).") from error


def _values(service: Service, trained: Trained, places: Places) -> dict[str, str]:
    scripts = environments.scripts_of(service.environment)
    return {
        "python": str(scripts / "python"),
        "bin": str(scripts),
        "peers": str(environments.PEERS),
        "model": str(trained.artefact),
        "prepared": str(places.prepared(service, trained.name)),
        "port": str(free_port()),
        "port_2": str(free_port()),
        "port_3": str(free_port()),
        "home": str(places.work),
    } | ({"data": str(places.turn)} if service.kind == "ours" else {})


def _environment(service: Service, values: dict[str, str]) -> dict[str, str]:
    """The variables of a service: this program's, without settings of ours or of OpenMP."""
    kept = models.environment(Path(values.get("data", values["home"])))
    kept.pop("OMP_NUM_THREADS", None)
    kept["PATH"] = f"{values['bin']}{os.pathsep}{kept.get('PATH', '')}"
    if service.kind == "ours":
        kept["WATCHDESK_PORT"] = values["port"]
    return kept | {name: value.format(**values) for name, value in service.settings.items()}


def _wait(process: "subprocess.Popen[bytes]", url: str, output: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failed(f"It ended with exit code {process.returncode}: {_tail(output)}")
        with contextlib.suppress(requests.RequestException):
            requests.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise Failed(f"It did not answer within {START_S} seconds: {_tail(output)}")


def _tail(output: Path) -> str:
    return " ".join(output.read_text(errors="replace").split())[-400:]
