"""Python imports this at start where it is on the path: notes every connection and look-up.

`WATCHDESK_TEST_OUTSIDE` names the file that takes what would leave the machine.
"""

import os
import sys

LOOPBACK = ("127.", "::1", "localhost")


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # a path: a local socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host is not None and not str(host).startswith(LOOPBACK):
        with open(os.environ["WATCHDESK_TEST_OUTSIDE"], "a") as file:  # noqa: PTH123  # no import in a hook
            file.write(f"{event} {host} by {sys.argv}\n")


sys.addaudithook(_note)
