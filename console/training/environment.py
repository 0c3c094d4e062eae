"""With what a version was trained: the libraries' versions and a digest of our own code."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version

from backend.settings import ROOT

LIBRARIES = ("scikit-learn", "numpy", "pandas", "joblib")
CODE = ("backend", "console")


def environment() -> dict[str, str]:
    """Names to versions; `code` is `code_digest()`."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        "code": code_digest(),
    }


@cache
def code_digest() -> str:
    """sha256 over the paths and contents of the Python files of `backend` and `console`, sorted
    by path. It needs no git, which a container does not have.
    """
    digest = hashlib.sha256()
    files = [file for folder in CODE for file in (ROOT / folder).rglob("*.py")]
    for file in sorted(files, key=lambda found: found.relative_to(ROOT).as_posix()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
