"""The lines of a file of anchors: read with all that may be wrong with them, and added."""

import fcntl
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend.errors import Unavailable
from backend.records import audit
from backend.records.database import Database
from backend.versions.keys import Key

# Nothing else that the key signs begins like this.
_PURPOSE: Final = b"watchdesk audit anchor\n"
_FIELDS: Final = {
    "rows": int,
    "head": str,
    "at": int,
    "installation": str,
    "key": str,
    "previous": str,
    "hmac": str,
}


@dataclass(frozen=True)
class Anchor:
    """A line: at `at` (UTC µs) the log had `rows` rows, and the newest one's hash was `head`."""

    rows: int
    head: str
    at: int


@dataclass(frozen=True)
class Lines:
    """The anchors of a file up to its first fault, and that fault as a sentence.

    `newest` is the HMAC of the last of them; `size` is of all whole lines, in bytes.
    """

    anchors: tuple[Anchor, ...]
    fault: str | None
    newest: str = ""
    size: int = 0

    @property
    def marks(self) -> dict[int, str]:
        """Row id -> the hash that the row had."""
        return {anchor.rows: anchor.head for anchor in self.anchors}


def read(database: Database, anchors: Path, key: Key, *, held: bool = False) -> Lines:
    """The anchors of a file; whatever is wrong with it is `Lines.fault`.

    Args:
        database: whose audit log they are of.
        anchors: the file.
        key: what signed them.
        held: whether the caller holds the file's lock; otherwise a writer is waited for.

    Raises:
        Unavailable: the database cannot be read.
    """
    try:
        with anchors.open("rb") as file:
            if not held:
                fcntl.flock(file, fcntl.LOCK_SH)
            content = file.read()
    except FileNotFoundError:
        return Lines((), None)
    except OSError as error:
        return Lines((), f"The anchors in `{anchors}` cannot be read ({error.strerror}).")
    # What has no end was being written when the machine stopped.
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        return Lines((), None)
    try:
        secret, name = key.read(), key.name()
    except Unavailable as error:
        return Lines((), f"The anchors in `{anchors}` cannot be checked: {error.detail}")
    belongs = {"installation": database.installation_id(), "key": name}
    found: list[Anchor] = []
    previous = ""
    for number, line in enumerate(whole.splitlines(), 1):
        body = _parsed(line)
        fault = _fault(body, belongs | {"previous": previous}, secret)
        if fault is not None:
            where = f"Line {number} of the anchors in `{anchors}`"
            return Lines(tuple(found), f"{where} {fault}", previous, len(whole))
        found.append(Anchor(body["rows"], body["head"], body["at"]))
        previous = body["hmac"]
    return Lines(tuple(found), None, previous, len(whole))


def _parsed(line: bytes) -> dict[str, Any]:
    """A line's fields; none if it is not one of ours."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):  # the latter where brackets go very deep
        return {}
    if not isinstance(found, dict) or found.keys() != _FIELDS.keys():
        return {}
    return found if all(type(found[name]) is kind for name, kind in _FIELDS.items()) else {}


def _fault(body: dict[str, Any], belongs: dict[str, str], secret: bytes) -> str | None:
    """What is wrong with a line, as the rest of a sentence."""
    if not body:
        return "is no anchor: it was altered. Restore the file from a copy."
    if body["key"] != belongs["key"]:
        return (
            "was signed with another key. Name the key that signed it in `WATCHDESK_KEY_FILE`; if"
            " that is lost, put the file away and begin anew: `python -m console audit anchor`."
        )
    if not hmac.compare_digest(body["hmac"].encode(errors="replace"), _hmac(body, secret).encode()):
        return "was altered: it is not what the key signed. Restore the file from a copy."
    if body["installation"] != belongs["installation"]:
        return "is of another database. Name a file for each database in `WATCHDESK_AUDIT_ANCHORS`."
    if body["previous"] != belongs["previous"]:
        return (
            "does not follow the line before it: lines were removed or moved. Restore the file"
            " from a copy."
        )
    return None


def _hmac(body: dict[str, Any], secret: bytes) -> str:
    content = audit.canonical({name: body[name] for name in _FIELDS if name != "hmac"})
    return hmac.new(secret, _PURPOSE + content.encode(), hashlib.sha256).hexdigest()


def add(handle: int, lines: Lines, anchor: Anchor, installation: str, key: Key) -> None:
    """Write an anchor after the last whole line of an open file.

    Raises:
        Unavailable: the file or the key cannot be used.
    """
    belongs = {"installation": installation, "key": key.name(), "previous": lines.newest}
    body = vars(anchor) | belongs
    line = audit.canonical(body | {"hmac": _hmac(body, key.read())})
    try:
        os.ftruncate(handle, lines.size)
        os.pwrite(handle, f"{line}\n".encode(), lines.size)
        os.fsync(handle)
    except OSError as error:
        raise Unavailable(f"The anchor cannot be written ({error.strerror}).") from error
