"""Settings: read from the environment, refused with the variable's name and value."""

from pathlib import Path

import pytest

from backend.errors import Unusable
from backend.settings import ROOT, Settings


def test_needs_nothing_set() -> None:
    found = Settings.from_environment({})
    assert found.data_dir == ROOT / "data" / "local"
    assert found.database_url == f"sqlite:///{ROOT / 'data' / 'local' / 'watchdesk.db'}"
    assert found.service_url == "http://127.0.0.1:8000"
    assert found.demo
    assert (found.workers, found.synchronous, found.compiling) == (1, "NORMAL", True)
    assert found.key_file == ROOT / "data" / "local" / "key"


def test_takes_what_is_set(tmp_path: Path) -> None:
    found = Settings.from_environment(
        {
            "WATCHDESK_DATA_DIR": str(tmp_path),
            "WATCHDESK_BACKEND_URL": "http://serving:9000/",
            "WATCHDESK_ALLOWED_HOSTS": "A.example, b.example",
            "WATCHDESK_DEMO": "no",
        }
    )
    assert found.service_url == "http://serving:9000"
    assert found.allowed_hosts == ("a.example", "b.example")
    assert not found.demo


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WATCHDESK_PORT", "x", "`WATCHDESK_PORT` is `x`; expected a number from 1 to 65535."),
        ("WATCHDESK_PORT", "0", "`WATCHDESK_PORT` is `0`; expected a number from 1 to 65535."),
        (
            "WATCHDESK_WORKERS",
            "0",
            "`WATCHDESK_WORKERS` is `0`; expected a number from 1 to 64.",
        ),
        (
            "WATCHDESK_SYNCHRONOUS",
            "off",
            "`WATCHDESK_SYNCHRONOUS` is `off`; expected `NORMAL` or `FULL`.",
        ),
        (
            "WATCHDESK_COMPILE",
            "maybe",
            "`WATCHDESK_COMPILE` is `maybe`; expected `on` or `off`.",
        ),
        (
            "WATCHDESK_BODY_LIMIT",
            "16 MB",
            "`WATCHDESK_BODY_LIMIT` is `16 MB`; expected a number from 1000 to 1073741824.",
        ),
        ("WATCHDESK_DEMO", "maybe", "`WATCHDESK_DEMO` is `maybe`; expected `yes` or `no`."),
        (
            "WATCHDESK_BACKEND_URL",
            "serving:9000",
            (
                "`WATCHDESK_BACKEND_URL` is `serving:9000`; expected an address that begins with"
                " http:// or https://."
            ),
        ),
    ],
)
def test_refuses_what_it_cannot_use(name: str, value: str, sentence: str) -> None:
    with pytest.raises(Unusable) as refused:
        Settings.from_environment({name: value})
    assert refused.value.detail == sentence
