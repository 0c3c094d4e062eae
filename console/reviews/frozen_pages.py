"""Evidently's pages for a review: compressed, and the same bytes for the same rows."""

import gzip
import re
from dataclasses import dataclass, field
from typing import Any

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.drift.evidently import job as evidently_job
from console.reviews.canonical import sha256
from console.reviews.evidence import Report

MEDIA_TYPE = "text/html+gzip"
"""Of a file that is a page compressed with gzip: `unpacked` gives the page."""
_UUID = re.compile(r"[0-9a-f]{8}(?P<dash>[-_]?)(?:[0-9a-f]{4}(?P=dash)){3}[0-9a-f]{12}")


@dataclass
class Pages:
    """The pages that came of it.

    Attributes:
        files: name -> gzip's bytes and `MEDIA_TYPE`.
        listed: of each its `name`, `title`, `rows` (a sentence), `n_current`, `n_reference`,
            `bytes` (of the page) and `sha256` (of the compressed file).
        left_out: {title: why there is no such page}.
    """

    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def pages(
    database: Database, version: Version, window: Window, store: Store, report: Report
) -> Pages:
    """Evidently's pages of a random sample of a window; what it fails at is left out with why."""
    kept = _Kept(database, report)
    try:
        made = evidently_job.make(kept, version, window, store)
    except Unusable as reason:
        return Pages(left_out={"Evidently": reason.detail})
    found = Pages(left_out=dict(made["left_out"]))
    for part in made["parts"]:
        page = settled(kept.pages[part["file"]])
        name = f"{part['file']}.gz"
        packed = gzip.compress(page, 9, mtime=0)
        found.files[name] = (packed, MEDIA_TYPE)
        about = {key: part[key] for key in ("title", "rows", "n_current", "n_reference")}
        sizes = {"bytes": len(page), "sha256": sha256(packed)}
        found.listed.append({"name": name} | about | sizes)
    return found


def settled(page: bytes) -> bytes:
    """A page whose random identifiers are replaced by numbers in the order of their appearance."""
    seen: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        dash = found["dash"]
        plain = seen.setdefault(
            found[0].replace(dash, "") if dash else found[0], f"{len(seen):032x}"
        )
        parts = (plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:])
        return dash.join(parts)

    return _UUID.sub(name, page.decode()).encode()


def unpacked(content: bytes) -> bytes:
    """The page in a review's file of `MEDIA_TYPE`."""
    return gzip.decompress(content)


class _Kept:
    """Takes the pages where a job would keep them."""

    def __init__(self, database: Database, report: Report) -> None:
        self.database = database
        self.pages: dict[str, bytes] = {}
        self._report = report

    def progress(self, share: float, message: str) -> None:
        self._report(share, message)

    def log(self, line: str) -> None:
        """What only a developer would read stays out of a review."""

    def keep(self, name: str, content: bytes, media_type: str) -> None:
        del media_type  # all are pages
        self.pages[name] = content
