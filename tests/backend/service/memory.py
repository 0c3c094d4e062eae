"""Many requests in a short time, and what they leave behind in a process's memory."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import Service

CLIENTS = 8


def resident(pid: int) -> int:
    """The memory that a process holds, in kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def ask(service: Service, path: str, body: object, requests: int, clients: int = CLIENTS) -> None:
    """Send the same request so many times over kept connections; each must be answered 200."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )

    def call(count: int) -> None:
        with socket.create_connection(("127.0.0.1", service.port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb") as answers:
                for _ in range(count):
                    connection.sendall(head.encode() + content)
                    status, length = answers.readline(), 0
                    while (line := answers.readline().lower()) not in (b"\r\n", b""):
                        if line.startswith(b"content-length:"):
                            length = int(line.partition(b":")[2])
                    found = answers.read(length)
                    assert b" 200 " in status, found

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(call, [requests // clients] * clients))
