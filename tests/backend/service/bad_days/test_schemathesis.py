"""Schemathesis asks every route that the service documents, rightly and wrongly."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backend.service.callers import first_row
from tests.backend.service.memory import resident
from tests.backend.service.served import serve
from tests.conftest import Problem

pytestmark = pytest.mark.processes
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)


def storm(url: str, folder: Path, examples: int) -> int:
    """Let Schemathesis ask, `examples` times a route; how often it asked in all.

    Its schemas say what is well formed; which values a version takes only the version knows, so a
    refusal of well-formed data is no finding.
    """
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--no-color"]
    command += ["--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing"]
    command += ["--max-examples", str(examples), "--no-shrink", "--continue-on-failure"]
    command += ["--generation-deterministic", "--suppress-health-check", "all", "--warnings", "off"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    asked = re.search(r"([\d,]+) generated", done.stdout)
    assert asked is not None, done.stdout
    return int(asked[1].replace(",", ""))


def test_every_documented_route_answers_as_documented_whatever_it_is_asked(
    tmp_path: Path, problems: dict[str, Problem]
) -> None:
    service = serve(tmp_path / "data", problems)
    try:
        assert service.process is not None
        before = resident(service.process.pid)
        assert storm(service.url, tmp_path, examples=30) > 1_000
        body = {"features": first_row(problems["iris"])}
        assert service.post("/models/iris/predict", body).json()["label"] == "setosa"
        assert resident(service.process.pid) < 1.3 * before
    finally:
        service.stop()
