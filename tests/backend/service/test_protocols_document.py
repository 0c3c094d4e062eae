"""docs/protocols.md: its examples run as they stand, against a real service."""

import json
import re
import subprocess
import sys

from backend.settings import ROOT
from tests.conftest import Service

DOCUMENT = (ROOT / "docs" / "protocols.md").read_text()


def test_the_example_with_a_stock_client_prints_what_it_says(served: Service) -> None:
    found = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    source = found[1].replace("localhost:8000", f"localhost:{served.port}")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, found[2]), done.stderr


def test_the_example_with_curl_is_answered_as_it_says(served: Service) -> None:
    found = re.search(r"-d '(\{.*\})'\n(\{.*\})", DOCUMENT)
    assert found is not None
    # Without a path the only model answers; here there are several.
    answer = served.post("/models/iris/invocations", json.loads(found[1])).json()
    told = json.loads(found[2])
    assert list(answer) == list(told)
    assert (answer["predictions"], answer["version"]) == (told["predictions"], 1)


def test_every_route_of_the_protocols_is_in_the_document(served: Service) -> None:
    paths = served.get("/openapi.json").json()["paths"]
    listed = DOCUMENT.replace("[/versions/{n}]", "") + DOCUMENT.replace(
        "[/versions/{n}]", "/versions/{version}"
    )
    ours = [p for p in paths if p.startswith(("/v2", "/ping", "/version")) or "invocations" in p]
    assert len(ours) == 13
    assert [path for path in ours if f"{path}`" not in listed] == []
