"""A version whose bytes are damaged is promoted while the service answers."""

import contextlib
import itertools
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from backend.records import aliases
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import blob_chunks
from backend.versions import artefacts
from tests.backend.service.callers import Callers, first_row, logged, lost
from tests.conftest import Problem, Service
from tests.processes.conftest import wait_until

pytestmark = pytest.mark.processes

DAMAGES = {
    "altered": "CAST(zeroblob(10) || substr(bytes, 11) AS BLOB)",
    "cut short": "substr(bytes, 1, length(bytes) - 1)",
    "made longer": "CAST(bytes || x'00' AS BLOB)",
    "gone": None,
}


@contextlib.contextmanager
def damaged(database: Database, version: Version, file: str, how: str) -> Iterator[None]:
    """Do to a version's file in the database what nobody may do, and undo it at the end."""
    key = {"key": version.files[file]}
    change = DAMAGES[how]
    with database.write() as connection:
        kept = connection.execute(sa.select(blob_chunks).filter_by(sha256=key["key"])).mappings()
        rows = [dict(row) for row in kept]
        text = "DELETE FROM" if change is None else "UPDATE"
        to = "" if change is None else f"SET bytes = {change}"
        connection.execute(sa.text(f"{text} blob_chunks {to} WHERE sha256 = :key"), key)
    yield
    with database.write() as connection:
        connection.execute(sa.text("DELETE FROM blob_chunks WHERE sha256 = :key"), key)
        connection.execute(blob_chunks.insert(), rows)


def empty_the_cache(service: Service) -> None:
    """What the service would read instead of the database."""
    for cached in (service.settings.data_dir / "cache").glob("*"):
        cached.unlink()


def promote(database: Database, service: Service, model: str, number: int) -> None:
    """Promote a version, and wait until the service has looked: it answers by the witness then."""
    witness = 3 - service.get("/ready").json()["champions"]["iris"]
    for name, version in ((model, number), ("iris", witness)):
        aliases.promote(database, name, version, actor="tester", reason="test")
    wait_until(
        lambda: service.get("/ready").json()["champions"]["iris"] == witness,
        "the service has seen the promotions",
    )


@pytest.fixture
def models(registered: Callable[..., Version]) -> Version:
    """Two versions of each of two models, the first ones champions; the second of the first."""
    registered("iris")
    registered("iris", promoted=False)
    registered("breast_cancer")
    return registered("breast_cancer", promoted=False)


def test_a_damaged_version_is_refused_and_the_old_champion_goes_on(
    service: Service, database: Database, models: Version, problems: dict[str, Problem]
) -> None:
    service.start()
    with Callers(service, problems["breast_cancer"], clients=2) as callers:
        loaded = [file for file in models.files if file.startswith("model.")]
        for file, how in itertools.product(loaded, DAMAGES):
            empty_the_cache(service)
            with damaged(database, models, file, how):
                promote(database, service, "breast_cancer", 2)
                callers.wait_for(10)
                refused = service.post("/models/breast_cancer/versions/2/what-if", {"features": []})
                promote(database, service, "breast_cancer", 1)
            assert (refused.status_code, refused.json()["error"]) == (503, "ArtefactDamaged")
            assert "so it is not served" in refused.json()["detail"], (file, how)
        assert {version for told in callers.answers for version in told.versions} == {1}
        promote(database, service, "breast_cancer", 2)
        callers.wait_for(10)
    assert callers.refusals == []
    assert callers.answers[-1].versions == {2}
    assert lost(callers, logged(database)) == []


def test_what_is_damaged_in_the_cache_alone_is_read_from_the_database(
    service: Service, database: Database, models: Version
) -> None:
    service.start()
    cache = service.settings.data_dir / "cache"
    for sha256 in models.files.values():
        (cache / sha256).write_bytes(b"not what was signed")
    promote(database, service, "breast_cancer", 2)
    assert service.get("/ready").json()["champions"]["breast_cancer"] == 2


def test_a_service_that_starts_with_a_damaged_champion_says_so_and_answers_for_other_models(
    service: Service, database: Database, models: Version, problems: dict[str, Problem]
) -> None:
    empty_the_cache(service)
    with damaged(database, models, artefacts.ESTIMATOR, "cut short"):
        service.start()
        refused = service.post("/models/breast_cancer/predict", {"features": []})
    assert (refused.status_code, refused.json()["error"]) == (503, "ArtefactDamaged")
    assert refused.headers["Retry-After"] == "1"
    row = {"features": first_row(problems["iris"])}
    assert service.post("/models/iris/predict", row).json()["version"] == 1
