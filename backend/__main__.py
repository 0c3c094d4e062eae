"""`python -m backend`: serve predictions. `python -m backend migrate`: bring the schema up."""

import logging
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from backend import lifeline
from backend.errors import WatchdeskError
from backend.records.database import migrate
from backend.service import metrics, workers
from backend.settings import Settings


def main(arguments: list[str]) -> int:
    """Run a command and return its exit code: 0, 1 when refused, 2 when not understood."""
    is_child = lifeline.guard_from_environment()
    who = f" [{' '.join(arguments)}]" if is_child and arguments else ""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s{who} %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings = Settings.from_environment()
        if arguments == ["migrate"]:
            migrate(settings.database_url)
        elif arguments in ([], ["serve"]):
            if settings.workers > 1:
                workers.supervise(settings)
            else:
                serve(settings)
        elif is_child and arguments[:1] == ["worker"]:
            with workers.tidy_after(os.getppid()):
                serve(settings, int(arguments[1]), shared=True)
        else:
            sys.stderr.write("Usage: python -m backend [serve | migrate]\n")
            return 2
    except WatchdeskError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    return 0


def serve(settings: Settings, worker: int = 1, *, shared: bool = False) -> None:
    """Answer requests until told to stop; `shared` with other workers on the same port.

    Raises:
        Refused: the port is taken.
        SchemaMismatch, Unavailable: the database cannot be used.
    """
    # Rows are few and the cores are shared: starting OpenMP's threads for each batch costs more.
    # It reads this as it is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # The loop and the pipeline's thread hand the interpreter to each other: by default after 5 ms,
    # of which a batch of 1,000 rows would wait several times. This gave a tenth more rows.
    sys.setswitchinterval(0.000_5)
    # The parent of several workers needs none of these.
    import uvicorn

    from backend.service.app import build
    from backend.service.connections import Connection

    # uvicorn raises the signal again once it has stopped; a traceback or a death would be untidy.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    metrics.count_as(worker if shared else None)
    with workers.listen(settings.host, settings.port, shared=shared) as listening:
        config = uvicorn.Config(
            build(settings, worker),
            http=Connection,
            interface="asgi3",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        uvicorn.Server(config).run(sockets=[listening])


def _leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  # a handler's form
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
