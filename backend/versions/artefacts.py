"""A version's files: packed, kept in the database, verified, cached and loaded.

Bytes are read once, hashed, and those very bytes are loaded. A local cache saves the way to the
database; what is in it is verified again each time it is read.
"""

import contextlib
import io
import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from backend.errors import ArtefactDamaged, Unusable
from backend.records import blobs
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature

ESTIMATOR = "model.joblib"
REFERENCE = "reference.parquet"
HELDOUT = "heldout.parquet"


def pack(estimator: object) -> bytes:
    """An estimator as joblib bytes."""
    buffer = io.BytesIO()
    joblib.dump(estimator, buffer, compress=("zlib", 1))
    return buffer.getvalue()


def pack_table(frame: pd.DataFrame) -> bytes:
    """A table as parquet bytes."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def load(database: Database, version: Version, cache: Path) -> Scorer:
    """The version, ready to answer.

    Raises:
        ArtefactDamaged: its bytes are missing or altered, or cannot be loaded.
    """
    content = read(database, version, ESTIMATOR, cache)
    try:
        with warnings.catch_warnings():
            # Another scikit-learn's estimator may load and answer wrongly: refused, not warned.
            warnings.simplefilter("error")
            estimator = joblib.load(io.BytesIO(content))
    except Exception as error:
        raise ArtefactDamaged(
            f"Version {version.number} of `{version.model}` cannot be loaded here"
            f" ({type(error).__name__}: {str(error)[:200]}). Train it again with this release."
        ) from error
    _one_thread(estimator)
    return Scorer(Signature.from_json(version.signature), estimator)


def table(database: Database, version: Version, name: str, cache: Path) -> pd.DataFrame:
    """A version's table: `REFERENCE` or `HELDOUT`.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    return pd.read_parquet(io.BytesIO(read(database, version, name, cache)))


def read(database: Database, version: Version, name: str, cache: Path) -> bytes:
    """The verified bytes of one of a version's files.

    Raises:
        ArtefactDamaged: they are missing or altered.
    """
    sha256 = version.files.get(name)
    if sha256 is None:
        raise ArtefactDamaged(
            f"Version {version.number} of `{version.model}` has no file `{name}`. Train it again."
        )
    kept = cache / sha256
    with contextlib.suppress(OSError, ArtefactDamaged):
        content = kept.read_bytes()
        blobs.verify(content, sha256)
        return content
    content = blobs.fetch(database, sha256)
    _keep(kept, content)
    return content


def export(database: Database, version: Version, folder: Path, cache: Path) -> list[Path]:
    """Write a version's files, its signature and its description to `folder` for people.

    Raises:
        ArtefactDamaged: a file's bytes are missing or altered.
        Unusable: the folder cannot be written to.
    """
    contents = {name: read(database, version, name, cache) for name in sorted(version.files)}
    described = {
        field: getattr(version, field)
        for field in ("model", "number", "algorithm", "task", "parameters", "metrics", "data")
    } | {"environment": version.environment, "note": version.note, "files": version.files}
    for name, document in (("signature.json", version.signature), ("version.json", described)):
        contents[name] = f"{json.dumps(document, indent=2)}\n".encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise Unusable(
            f"`{folder}` cannot be written to ({error.strerror}). Name a folder of yours."
        ) from error
    return [folder / name for name in contents]


def _one_thread(estimator: Any) -> None:
    """Predict on one thread: starting a pool for each small batch costs more than it gains."""
    parameters = estimator.get_params() if hasattr(estimator, "get_params") else {}
    jobs = {name: 1 for name in parameters if name.split("__")[-1] == "n_jobs"}
    if jobs:
        estimator.set_params(**jobs)


def _keep(path: Path, content: bytes) -> None:
    """Put bytes into the cache at once or not at all; a cache that cannot be written is no loss."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
