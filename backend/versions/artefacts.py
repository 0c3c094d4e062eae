"""A version's files: packed, kept in the database, verified, cached and loaded.

Nothing is read but what a manifest names that was signed with our key. Bytes are read once,
hashed, and those very bytes are loaded. A local cache saves the way to the database; what is in
it is verified again each time it is read.
"""

import contextlib
import io
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import sklearn

from backend.errors import ArtefactDamaged, Unusable
from backend.records import blobs
from backend.records.database import Database
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import compiled, manifests, unpickler
from backend.versions.engines import COMPILED, engine_of
from backend.versions.keys import Key
from backend.versions.permitted import Forbidden, OtherRelease
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature

ESTIMATOR = "model.joblib"
REFERENCE = "reference.parquet"
HELDOUT = "heldout.parquet"


@dataclass(frozen=True)
class Store:
    """How this machine comes by artefacts: where copies are kept, and the key that signs them.

    `compiling` is whether versions are compiled, and answer so.
    """

    cache: Path
    key: Key
    compiling: bool = True

    @classmethod
    def of(cls, settings: Settings) -> "Store":
        """The one that the settings name."""
        return cls(settings.data_dir / "cache", Key(settings.key_file), settings.compiling)


def pack(estimator: object) -> bytes:
    """An estimator as joblib bytes.

    Raises:
        TooLarge: it has more than 2 GB before it is compressed.
    """
    return unpickler.dump(estimator)


def pack_table(frame: pd.DataFrame) -> bytes:
    """A table as parquet bytes."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def load(database: Database, version: Version, store: Store) -> Scorer:
    """The version, ready to answer: compiled if it was proven equal, else by scikit-learn.

    Raises:
        ArtefactDamaged: it is not what was signed, its bytes are missing or altered, or they
            cannot be loaded here.
        Unavailable: the key cannot be used.
    """
    signature, found = Signature.from_json(version.signature), estimator(database, version, store)
    proof = version.compilation
    if proof is None or engine_of(proof, store.compiling).name != "onnx":
        return Scorer(signature, found)
    content = read(database, version, COMPILED, store)
    return Scorer(signature, found, compiled.load(content, signature, found, proof))


def estimator(database: Database, version: Version, store: Store) -> Any:
    """The fitted scikit-learn estimator of a version.

    Raises:
        ArtefactDamaged, Unavailable: as `load`.
    """
    content = read(database, version, ESTIMATOR, store)
    made_with = manifests.made_with(version, "scikit-learn")
    try:
        if made_with not in (None, sklearn.__version__):
            raise OtherRelease(made_with)
        found = unpickler.load(content)
        _one_thread(found)
    except OtherRelease as error:
        raise ArtefactDamaged(
            f"{manifests.named(version)} was made with scikit-learn {error}, and"
            f" {sklearn.__version__} is installed here, so it is not loaded: it might answer"
            " wrongly. Train it again, or install the release that made it."
        ) from error
    except Forbidden as error:
        raise ArtefactDamaged(
            f"{manifests.named(version)} is not loaded, because its `{ESTIMATOR}` is none that"
            f" training makes: {error}. Find out who wrote it, then train it again."
        ) from error
    except Exception as error:
        raise ArtefactDamaged(
            f"{manifests.named(version)} cannot be loaded here"
            f" ({type(error).__name__}: {str(error)[:200]}). Train it again with this release."
        ) from error
    return found


def table(database: Database, version: Version, name: str, store: Store) -> pd.DataFrame:
    """A version's table: `REFERENCE` or `HELDOUT`.

    Raises:
        ArtefactDamaged, Unavailable: as `read`.
    """
    return pd.read_parquet(io.BytesIO(read(database, version, name, store)))


def read(database: Database, version: Version, name: str, store: Store) -> bytes:
    """The verified bytes of one of a version's files.

    Raises:
        ArtefactDamaged: the version is not what was signed, or they are missing or altered.
        Unavailable: the key cannot be used.
    """
    file = manifests.check(version, store.key).get(name)
    if file is None:
        raise ArtefactDamaged(f"{manifests.named(version)} has no file `{name}`. Train it again.")
    kept = store.cache / file.sha256
    with contextlib.suppress(OSError, ArtefactDamaged):
        content = kept.read_bytes()
        blobs.verify(content, file.sha256)
        return content
    content = blobs.fetch(database, file.sha256)
    _keep(kept, content)
    return content


def export(database: Database, version: Version, folder: Path, store: Store) -> list[Path]:
    """Write a version's files, its signature and its description to `folder` for people.

    Raises:
        ArtefactDamaged, Unavailable: as `read`.
        Unusable: the folder cannot be written to.
    """
    contents = {name: read(database, version, name, store) for name in sorted(version.files)}
    described = {
        field: getattr(version, field)
        for field in ("model", "number", "algorithm", "task", "parameters", "metrics", "data")
    }
    described |= {"environment": version.environment, "compilation": version.compilation}
    described |= {"note": version.note, "manifest": version.manifest}
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
