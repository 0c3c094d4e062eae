"""Signing when a version is added, numbered or vouched for, and the key it takes."""

from collections.abc import Callable

import pytest

from backend.errors import ArtefactDamaged, Unavailable
from backend.records import drafts, registry
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import versions
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from tests.conftest import Problem, new_version

Register = Callable[..., Version]


def _unsign(database: Database, version: Version) -> None:
    with database.write() as connection:
        same = versions.c.id == version.id
        connection.execute(versions.update().where(same).values(manifest=None))


def test_a_draft_whose_bytes_were_altered_gets_no_number(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    draft = registration.add(database, new_version(problems["iris"]), store)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE blob_chunks SET bytes = substr(bytes, 1, 9)")
    with pytest.raises(ArtefactDamaged, match="is missing bytes or was altered"):
        registration.register(database, draft, store)
    assert drafts.one(database, draft).number is None


def test_a_version_without_manifest_is_refused_and_the_sentence_says_what_to_do(
    database: Database, store: Store, registered: Register
) -> None:
    _unsign(database, registered("iris"))
    with pytest.raises(ArtefactDamaged) as refused:
        artefacts.load(database, registry.version(database, "iris", 1), store)
    assert refused.value.detail == (
        "Version 1 of `iris` has no manifest, so it is not loaded: an earlier release made it, or"
        " somebody took its manifest away. If you trust what is in the database, sign it"
        " (`python -m console sign iris 1`); otherwise train it again."
    )


def test_another_key_is_told_from_an_altered_manifest(
    database: Database, store: Store, registered: Register
) -> None:
    version, here = registered("iris"), store.key.path
    here.rename(here.with_name("kept"))
    with pytest.raises(ArtefactDamaged) as refused:
        artefacts.load(database, version, store)
    assert refused.value.detail == (
        f"Version 1 of `iris` is signed with another key (`{here}` is not there), so it is not"
        " loaded. Copy the key there from the machine that signed it, or name its place in"
        " `WATCHDESK_KEY_FILE`. If it is lost, and you trust the database, sign it:"
        " `python -m console sign iris 1`."
    )
    assert not store.key.exists
    store.key.make()
    with pytest.raises(ArtefactDamaged, match=f"another key .not with the one in `{here}`."):
        artefacts.load(database, version, store)
    here.with_name("kept").replace(here)
    artefacts.load(database, version, store)


def test_a_key_that_cannot_be_used_is_no_verdict_on_the_version(
    database: Database, store: Store, registered: Register
) -> None:
    version = registered("iris")
    store.key.path.chmod(0o644)
    with pytest.raises(Unavailable, match="is open to others") as refused:
        artefacts.load(database, version, store)
    assert not isinstance(refused.value, ArtefactDamaged)


def test_vouching_signs_what_is_unsigned_and_refuses_what_was_altered_or_is_damaged(
    database: Database, store: Store, registered: Register
) -> None:
    version, other = registered("iris"), registered("iris")
    _unsign(database, version)
    registration.vouch(database, registry.version(database, "iris", 1), store)
    artefacts.load(database, registry.version(database, "iris", 1), store)
    with database.write() as connection:
        connection.execute(versions.update().where(versions.c.id == version.id).values(task="x"))
    with pytest.raises(ArtefactDamaged, match="is not what was signed"):
        registration.vouch(database, registry.version(database, "iris", 1), store)
    _unsign(database, other)
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM blob_chunks")
    with pytest.raises(ArtefactDamaged, match="is missing bytes"):
        registration.vouch(database, registry.version(database, "iris", 2), store)
