"""Posting to a webhook. Its URL is a secret: what went wrong is said with its host alone."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from console.monitors.unsent import NotSent

SECONDS = (5.0, 10.0)
"""To connect, and to wait for an answer."""
MOST_REDIRECTS = 3
_SAME_REQUEST = (307, 308)


def post(address: str, document: dict[str, Any]) -> None:
    """Post a document as JSON: see `post_bytes`."""
    post_bytes(address, json.dumps(document).encode())


def post_bytes(
    address: str,
    body: bytes,
    headers: Mapping[str, str] = MappingProxyType({}),
    seconds: tuple[float, float] = SECONDS,
) -> None:
    """Post a body of JSON as it is; any answer from 200 to 299 is delivered.

    A redirect is followed to the same host only, and only one that keeps the request as it is:
    what it is sent to must not be chosen by somebody else.

    Args:
        headers: beside `Content-Type`.
        seconds: to connect, and to wait for an answer.

    Raises:
        NotSent: it was not taken; the sentence names the host and nothing more of the URL.
    """
    host = urlsplit(address).hostname or "?"
    sent = {"Content-Type": "application/json", **headers}
    for _ in range(MOST_REDIRECTS):
        answer = _post(address, body, sent, seconds, host)
        if 200 <= answer.status_code < 300:
            return
        if answer.status_code not in _SAME_REQUEST:
            raise NotSent(f"The webhook at `{host}` answered {answer.status_code}.")
        address = _redirected(address, answer.headers.get("Location", ""), host)
    raise NotSent(f"The webhook at `{host}` redirects without end.")


def _post(
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    seconds: tuple[float, float],
    host: str,
) -> requests.Response:
    try:
        # Streamed and closed: how much it answers is not ours to hold.
        with requests.post(
            address,
            data=body,
            headers=dict(headers),
            timeout=seconds,
            allow_redirects=False,
            stream=True,
        ) as answer:
            return answer
    except requests.Timeout as error:
        raise NotSent(f"The webhook at `{host}` did not answer in time.") from error
    except requests.exceptions.SSLError as error:
        raise NotSent(
            f"The webhook at `{host}` cannot be trusted: its certificate is not valid."
        ) from error
    except requests.RequestException as error:
        raise NotSent(f"The webhook at `{host}` cannot be reached.") from error


def _redirected(address: str, location: str, host: str) -> str:
    found = urljoin(address, location)
    before, after = urlsplit(address), urlsplit(found)
    if not location or (before.scheme, before.netloc) != (after.scheme, after.netloc):
        raise NotSent(
            f"The webhook at `{host}` redirects elsewhere, and is not followed. Add a channel with"
            " the address that it redirects to."
        )
    return found
