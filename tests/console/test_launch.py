"""What the launcher looks at before it starts anything."""

import socket
from collections.abc import Callable

import pytest

from backend.errors import Refused
from backend.records.database import Database
from backend.records.registry import Version
from console import jobs
from console.jobs import claims
from console.launch import require_port, submit_demo
from tests.conftest import Service, free_port


def test_a_free_port_is_fine() -> None:
    require_port("127.0.0.1", free_port())


def test_a_port_that_another_program_holds_is_refused_at_once() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=rf"^Port {port}, .* taken by another program\."):
            require_port("127.0.0.1", port)


def test_another_watchdesk_is_named_as_such_unless_it_leaves(service: Service) -> None:
    service.start()
    with pytest.raises(Refused) as refused:
        require_port("127.0.0.1", service.port, patience_seconds=0.3)
    assert refused.value.detail == (
        f"Another Watchdesk answers on port {service.port}. Use its console or stop it; to run a"
        " second one set `WATCHDESK_PORT` (and `--server.port`) to other ports, or"
        f" `WATCHDESK_BACKEND_URL=http://127.0.0.1:{service.port}` to share its prediction"
        " service."
    )
    assert service.process is not None
    service.process.terminate()
    require_port("127.0.0.1", service.port, patience_seconds=10)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refused, match=r"cannot listen on 192\.0\.2\.1:8000 \(.*WATCHDESK_HOST"):
        require_port("192.0.2.1", 8000)


def test_the_demo_is_queued_once(database: Database) -> None:
    job_id = submit_demo(database, by="tester")
    assert job_id is not None
    assert jobs.get(database, job_id).kind == "demo"
    assert submit_demo(database, by="tester") is None
    jobs.cancel(database, job_id)
    assert submit_demo(database, by="tester") is None  # somebody did not want it


def test_a_demo_that_was_interrupted_before_it_made_a_model_is_tried_again(
    database: Database,
) -> None:
    first = submit_demo(database, by="tester")
    claims.claim(database, "w")
    assert first is not None
    claims.finish(database, first, "w", "interrupted", error="killed")
    assert submit_demo(database, by="tester") is not None


def test_who_has_models_gets_no_demo(
    database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris")
    assert submit_demo(database, by="tester") is None
