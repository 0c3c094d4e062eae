"""The same question from a shell."""

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote


def curl(url: str, model: str, version: int, features: Mapping[str, Any]) -> str:
    """A `curl` command that asks the service the same what-if; quoted for a POSIX shell."""
    address = f"{url}/models/{quote(model, safe='')}/versions/{version}/what-if"
    body = json.dumps({"features": dict(features)}, ensure_ascii=False)
    return (
        f"curl -s {shlex.quote(address)} \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(body)}"
    )
