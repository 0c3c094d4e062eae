"""`python -m backend`: serve predictions. `python -m backend migrate`: bring the schema up."""

import logging
import os
import socket
import sys

import uvicorn

from backend import lifeline
from backend.errors import Refused, WatchdeskError
from backend.records.database import migrate
from backend.service.app import build
from backend.settings import Settings


def main(arguments: list[str]) -> int:
    """Run a command and return its exit code: 0, 1 when refused, 2 when not understood."""
    lifeline.guard_from_environment()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings = Settings.from_environment()
        if arguments == ["migrate"]:
            migrate(settings.database_url)
        elif arguments in ([], ["serve"]):
            serve(settings)
        else:
            sys.stderr.write("Usage: python -m backend [serve | migrate]\n")
            return 2
    except WatchdeskError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    return 0


def serve(settings: Settings) -> None:
    """Answer requests until told to stop.

    Raises:
        Refused: the port is taken.
        SchemaMismatch, Unavailable: the database cannot be used.
    """
    # Rows are few and the cores are shared: starting OpenMP's threads for each batch costs more.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with listen(settings.host, settings.port) as listening:
        config = uvicorn.Config(
            build(settings),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        uvicorn.Server(config).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        Refused: another program does already, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
    except OSError as error:
        listening.close()
        raise Refused(
            f"The prediction service cannot listen on {host}:{port} ({error.strerror}). Stop what"
            " uses it, or set `WATCHDESK_PORT` to another port."
        ) from error
    return listening


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
