"""Where data comes from: built in, a file's path, or an upload kept in the database."""

import re

from backend.errors import Unusable
from backend.records import blobs
from backend.records.database import Database
from console.training.datasets import Dataset, from_csv, load

UPLOAD = "blob:"
_UPLOADED = re.compile(r"blob:([0-9a-f]{64}):(.+)", re.DOTALL)


def open_data(database: Database, spec: str) -> Dataset:
    """The data set that `builtin:NAME`, a CSV file's path or `blob:SHA256:NAME` names.

    Raises:
        NotFound, TooLarge, Unusable: see `datasets.load`.
        ArtefactDamaged: the upload is not in the database, or was altered.
    """
    if not spec.startswith(UPLOAD):
        return load(spec)
    found = _UPLOADED.fullmatch(spec)
    if found is None:
        raise Unusable(f"`{spec[:80]}` names no upload; expected `blob:SHA256:NAME`.")
    return from_csv(blobs.fetch(database, found[1]), found[2])


def keep_upload(database: Database, content: bytes, name: str) -> str:
    """Keep an uploaded CSV where every worker can read it, and return how to name it.

    Nothing refers to it once it was read, so it is swept an hour after its last use.

    Raises:
        TooLarge: it has more than 512 MB.
    """
    return f"{UPLOAD}{blobs.store(database, content)}:{name}"
