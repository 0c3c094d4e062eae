"""Loading a version: altered bytes, other releases, and files that were signed and are hostile."""

import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sklearn
import sqlalchemy as sa
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from backend.errors import ArtefactDamaged
from backend.records import drafts, registry
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import blob_chunks, versions
from backend.versions import artefacts, manifests, registration
from backend.versions.artefacts import ESTIMATOR, Store
from tests.backend.versions.hostile import plain, touch
from tests.conftest import Problem, new_version

Register = Callable[..., Version]


def signed(database: Database, store: Store, made: Problem, content: bytes) -> Version:
    """A version whose estimator's file is `content`, signed as if training had made it."""
    new = new_version(made)
    draft = registration.add(database, replace(new, files=new.files | {ESTIMATOR: content}), store)
    return registration.register(database, draft, store)


def test_of_two_hundred_files_with_one_bit_flipped_all_are_refused(
    database: Database, store: Store, registered: Register
) -> None:
    version = registered("iris")
    sha256 = version.files[ESTIMATOR]
    same = blob_chunks.c.sha256 == sha256
    with database.read() as connection:
        content = connection.scalars(sa.select(blob_chunks.c.bytes).where(same)).one()
    draw = random.Random(0)
    for _ in range(200):
        flipped = bytearray(content)
        flipped[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        with database.write() as connection:
            connection.execute(blob_chunks.update().where(same).values(bytes=bytes(flipped)))
        with pytest.raises(ArtefactDamaged) as refused:
            artefacts.load(database, version, store)
        assert refused.value.detail == (
            f"The artefact `{sha256[:12]}…` is missing bytes or was altered, so it is not served."
            " Restore the database from a backup, or train the version again."
        )
    with database.write() as connection:
        connection.execute(blob_chunks.update().where(same).values(bytes=content))
    assert artefacts.load(database, version, store).signature.target == "target"


def test_a_hostile_file_is_refused_even_with_our_signature(
    database: Database, store: Store, problems: dict[str, Problem], tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    version = signed(database, store, problems["iris"], zlib.compress(plain(touch(marker))))
    with pytest.raises(ArtefactDamaged) as refused:
        artefacts.load(database, version, store)
    assert refused.value.detail == (
        "Version 1 of `iris` is not loaded, because its `model.joblib` is none that training"
        " makes: it names `posix.system`, which no artefact may hold. Find out who wrote it, then"
        " train it again."
    )
    assert not marker.exists()


def test_bytes_that_are_no_artefact_are_refused(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    whole = artefacts.pack(problems["iris"].estimator)
    for content in (b"", whole[:-20], zlib.compress(zlib.decompress(whole)[:-20]), whole + b"x"):
        version = signed(database, store, problems["iris"], content)
        with pytest.raises(ArtefactDamaged) as refused:
            artefacts.load(database, version, store)
        assert refused.value.detail.startswith(f"Version {version.number} of `iris` ")
        assert refused.value.detail.endswith(
            ("train it again.", "Train it again with this release.")
        )


def test_another_release_of_scikit_learn_is_refused_by_the_manifest_and_by_the_file(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    made, here = problems["iris"], sklearn.__version__
    other = "0." + "1" * (len(here) - 2)
    old = plain(made.estimator).replace(here.encode(), other.encode())
    by_the_file = signed(database, store, made, zlib.compress(old))
    by_the_manifest = registration.register(
        database, registration.add(database, new_version(made), store), store
    )
    with database.write() as connection:
        same = versions.c.id == by_the_manifest.id
        environment = {"scikit-learn": other}
        values = {"environment": environment, "manifest": None}
        connection.execute(versions.update().where(same).values(**values))
    registration.vouch(database, drafts.one(database, by_the_manifest.id), store)
    for number in (by_the_file.number, by_the_manifest.number):
        version = registry.version(database, "iris", number or 0)
        with pytest.raises(ArtefactDamaged) as refused:
            artefacts.load(database, version, store)
        assert refused.value.detail == (
            f"Version {number} of `iris` was made with scikit-learn {other}, and"
            f" {here} is installed here, so it is not loaded: it might answer"
            " wrongly. Train it again, or install the release that made it."
        )


def test_an_estimator_that_no_artefact_may_hold_is_refused_by_name(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    made = problems["iris"]
    bent = make_pipeline(SplineTransformer(), LogisticRegression(max_iter=500)).fit(
        made.frame.to_numpy(), made.truth
    )
    version = signed(database, store, made, artefacts.pack(bent))
    with pytest.raises(ArtefactDamaged, match=r"SplineTransformer`, which no artefact may hold\."):
        artefacts.load(database, version, store)


def test_a_file_that_the_manifest_does_not_name_is_not_read(
    database: Database, store: Store, registered: Register
) -> None:
    version = registered("iris")
    with pytest.raises(ArtefactDamaged) as refused:
        artefacts.read(database, version, "notes.txt", store)
    assert refused.value.detail == ("Version 1 of `iris` has no file `notes.txt`. Train it again.")
    assert "notes.txt" not in manifests.check(version, store.key)
