"""Where a version comes from: its data, its code, who trained it, and the files that answer."""

from pathlib import Path
from typing import Any

from backend.records.registry import Version
from backend.settings import ROOT
from backend.versions.engines import engine_of
from console.training.environment import environment
from console.windows import iso


def of(version: Version) -> dict[str, Any]:
    """What is recorded of a version's making.

    `version`, `algorithm`, `parameters`, `note`, `created_at`, `created_by`, `registered_at` (ISO
    8601), `trained_seconds`, `data` (name, fingerprint, rows, split), `environment` (libraries,
    and `code`: the digest of the code that trained it), `files` (name to SHA-256), `engine` (a
    sentence) and `signed` (whether a key vouches for the files).
    """
    registered = version.registered_at
    return {
        "version": version.number,
        "algorithm": version.algorithm,
        "parameters": dict(version.parameters),
        "note": version.note,
        "created_at": iso(version.created_at),
        "created_by": version.created_by,
        "registered_at": None if registered is None else iso(registered),
        "trained_seconds": version.trained_seconds,
        "data": dict(version.data),
        "environment": dict(version.environment),
        "files": dict(sorted(version.files.items())),
        "engine": engine_of(version.compilation).sentence,
        "signed": version.manifest is not None,
    }


def made_with() -> dict[str, str | None]:
    """With what a dossier is made: libraries, the digest of the code, and its commit if known."""
    return {**environment(), "commit": commit(ROOT)}


def commit(folder: Path) -> str | None:
    """The commit that a folder was checked out at, read without git; None where it is not known.

    Changes that were not committed are not seen: `code` is the digest of what really runs.
    """
    try:
        return _commit(folder)
    except (OSError, UnicodeDecodeError):
        return None


def _commit(folder: Path) -> str | None:
    git = folder / ".git"
    if git.is_file():  # a second work tree: the file says where the rest is
        git = folder / git.read_text().removeprefix("gitdir:").strip()
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref:"):
        return _hexadecimal(head)
    name = head.removeprefix("ref:").strip()
    shared = git / "commondir"
    common = git / shared.read_text().strip() if shared.is_file() else git
    for place in (git, common):
        if (place / name).is_file():
            return _hexadecimal((place / name).read_text().strip())
    packed = (common / "packed-refs").read_text().splitlines()
    found = (line.split(" ", 1)[0] for line in packed if line.endswith(f" {name}"))
    return _hexadecimal(next(found, ""))


def _hexadecimal(text: str) -> str | None:
    is_hash = len(text) in (40, 64) and all(c in "0123456789abcdef" for c in text)
    return text if is_hash else None
