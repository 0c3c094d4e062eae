"""Manifests: whoever writes to the database without the key makes a version unloadable, no more."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sklearn.dummy import DummyClassifier

from backend.errors import ArtefactDamaged
from backend.records import drafts, registry
from backend.records.database import Database, connect, migrate
from backend.records.registry import Version
from backend.records.tables import models, version_files, versions
from backend.versions import artefacts, manifests, registration
from backend.versions.artefacts import Store
from backend.versions.keys import Key
from tests.conftest import Problem, new_version

Register = Callable[..., Version]
Write = Callable[[Database, Version, Version], None]
AGAIN = "so it is not loaded. Restore the database from a backup, or train it again."


def _set(**values: Any) -> Write:
    """A write to a version's own row."""

    def write(database: Database, version: Version, _: Version) -> None:
        with database.write() as connection:
            same = versions.c.id == version.id
            connection.execute(versions.update().where(same).values(**values))

    return write


def _swap_file(database: Database, version: Version, other: Version) -> None:
    same = sa.and_(version_files.c.version_id == version.id, version_files.c.name == "model.joblib")
    with database.write() as connection:
        sha256 = other.files["model.joblib"]
        connection.execute(version_files.update().where(same).values(sha256=sha256))


def _remove_file(database: Database, version: Version, _: Version) -> None:
    same = sa.and_(version_files.c.version_id == version.id, version_files.c.name == "model.joblib")
    with database.write() as connection:
        connection.execute(version_files.delete().where(same))


def _add_file(database: Database, version: Version, other: Version) -> None:
    row = {"version_id": version.id, "name": "model.onnx", "sha256": other.files["model.joblib"]}
    with database.write() as connection:
        connection.execute(version_files.insert().values(row))


def _change_signature(database: Database, version: Version, _: Version) -> None:
    changed = copy.deepcopy(version.signature)
    changed["features"][0]["name"] = "other"
    _set(signature=changed)(database, version, version)


def _move_to_another_model(database: Database, version: Version, _: Version) -> None:
    with database.write() as connection:
        same = models.c.name == version.model
        row = connection.execute(sa.select(models).where(same)).one()._asdict()
        connection.execute(models.insert().values(row | {"name": "another", "last_number": 0}))
    _set(model="another")(database, version, version)


def _take_the_manifest(database: Database, version: Version, other: Version) -> None:
    _set(manifest=other.manifest)(database, version, other)


def _edit_the_manifest(database: Database, version: Version, other: Version) -> None:
    edited = copy.deepcopy(version.manifest or {})
    edited["files"]["model.joblib"] = (other.manifest or {})["files"]["model.joblib"]
    _set(manifest=edited)(database, version, other)
    _swap_file(database, version, other)


def _lose_the_hmac(database: Database, version: Version, _: Version) -> None:
    kept = {name: value for name, value in (version.manifest or {}).items() if name != "hmac"}
    _set(manifest=kept)(database, version, version)


WRITES: dict[str, tuple[Write, str]] = {
    "another file": (_swap_file, "its `model.joblib` differs"),
    "a file less": (_remove_file, "its `model.joblib` differs"),
    "a file more": (_add_file, "its `model.onnx` differs"),
    "another signature": (_change_signature, "its `signature` differs"),
    "another task": (_set(task="binary"), "its `task` differs"),
    "another engine": (_set(compilation={"engine": "onnx"}), "its `compilation` differs"),
    "another model": (_move_to_another_model, "its `model` differs"),
    "another number": (_set(number=77), "its `number` differs"),
    "an edited manifest": (_edit_the_manifest, "its manifest was altered"),
    "a manifest without HMAC": (_lose_the_hmac, "its manifest was altered"),
    "a manifest that is a list": (_set(manifest=[1]), "its manifest was altered"),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_version_that_was_written_to_is_not_loaded(
    name: str, database: Database, store: Store, registered: Register, other: Version
) -> None:
    version = registered("iris", promoted=False)
    write, what = WRITES[name]
    write(database, version, other)
    found = drafts.one(database, version.id)
    for use in _uses(database, found, store):
        with pytest.raises(ArtefactDamaged) as refused:
            use()
        assert refused.value.detail == (
            f"{manifests.named(found)} is not what was signed ({what}), {AGAIN}"
        )
    artefacts.load(database, other, store)


@pytest.mark.parametrize("name", WRITES)
def test_a_draft_that_was_written_to_gets_no_number(
    name: str,
    database: Database,
    store: Store,
    problems: dict[str, Problem],
    other: Version,
) -> None:
    draft = drafts.one(database, registration.add(database, new_version(problems["iris"]), store))
    write, what = WRITES[name]
    write(database, draft, other)
    if drafts.one(database, draft.id).number is None:
        with pytest.raises(ArtefactDamaged) as refused:
            registration.register(database, draft.id, store)
        assert what in refused.value.detail
        assert drafts.one(database, draft.id).number is None
    else:  # numbered by hand: it is there, and is not loaded
        with pytest.raises(ArtefactDamaged, match="its `number` differs"):
            artefacts.load(database, drafts.one(database, draft.id), store)
    with database.read() as connection:
        last = connection.execute(sa.select(models.c.name, models.c.last_number)).all()
    assert {name: number for name, number in last if name != "another"} == {"iris": 0, "other": 1}


def test_what_another_version_was_signed_with_does_not_serve(
    database: Database, store: Store, registered: Register, other: Version
) -> None:
    version = registered("iris")
    _take_the_manifest(database, version, other)
    with pytest.raises(ArtefactDamaged, match=r"its `model`, .* differ\)"):
        artefacts.load(database, registry.version(database, "iris", 1), store)


def test_the_manifest_says_what_the_files_are_and_with_what_they_were_made(
    registered: Register, problems: dict[str, Problem], store: Store
) -> None:
    version = registered("iris")
    files = new_version(problems["iris"]).files
    manifest = version.manifest or {}
    assert manifest["files"] == {
        name: {"sha256": version.files[name], "size": len(files[name])} for name in files
    }
    assert (manifest["model"], manifest["number"], manifest["task"]) == ("iris", 1, "multiclass")
    assert set(manifest["libraries"]) == {"python", "scikit-learn", "joblib", "numpy"}
    compiled = replace(new_version(problems["iris"]), files=files | {"model.onnx": b""})
    assert "onnxruntime" in manifests.of_new(compiled, store.key)["libraries"]


def test_a_signature_is_the_same_in_any_order_of_its_keys() -> None:
    assert manifests.canonical({"a": 1, "b": [1.0, "ä"]}) == manifests.canonical(
        {"b": [1.0, "ä"], "a": 1}
    )
    assert manifests.canonical({"a": 1}) != manifests.canonical({"a": 1.0})


@pytest.mark.postgres
def test_postgresql_gives_documents_back_as_they_were_signed(
    postgres_url: str, store: Store, problems: dict[str, Problem]
) -> None:
    migrate(postgres_url)
    database = connect(postgres_url)
    draft = registration.add(database, new_version(problems["breast_cancer"]), store)
    version = registration.register(database, draft, store)
    assert manifests.state_of(version, store.key) == "signed"
    assert manifests.state_of(version, Key(store.key.path.with_name("none"))) == "another key"
    with database.write() as connection:
        connection.execute(versions.update().values(task="regression"))
    assert manifests.state_of(drafts.one(database, draft), store.key) == "altered"
    database.dispose()


@pytest.fixture
def other(database: Database, store: Store, problems: dict[str, Problem]) -> Version:
    """Version 1 of `other`, with an estimator that is not that of `iris`."""
    made = problems["iris"]
    dull = DummyClassifier().fit(made.frame.to_numpy(), made.truth)
    new = new_version(replace(made, estimator=dull), model="other")
    return registration.register(database, registration.add(database, new, store), store)


def _uses(database: Database, version: Version, store: Store) -> list[Callable[[], object]]:
    """All that reads a version's files."""
    return [
        lambda: artefacts.load(database, version, store),
        lambda: artefacts.table(database, version, artefacts.REFERENCE, store),
        lambda: artefacts.table(database, version, artefacts.HELDOUT, store),
        lambda: artefacts.export(database, version, store.cache / "out", store),
    ]
