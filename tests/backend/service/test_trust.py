"""Versions that are not what was signed are promoted while a real service answers."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import version_files, versions
from backend.versions import registration
from backend.versions.artefacts import ESTIMATOR, Store
from tests.backend.service.bad_days.test_damaged import promote
from tests.backend.service.callers import Callers, first_row
from tests.backend.versions.hostile import plain, touch
from tests.conftest import Problem, Service, new_version
from tests.processes.conftest import wait_until

pytestmark = pytest.mark.processes


def written_by_others(database: Database, store: Store, made: Problem, marker: Path) -> list[int]:
    """Versions that somebody without the key, or with a hostile file, has put there."""
    hostile = zlib.compress(plain(touch(marker)))
    new = new_version(made)
    with_file = replace(new, files=new.files | {ESTIMATOR: hostile})
    # Signed with our key all the same: the second wall must hold.
    signed = registration.add(database, with_file, store)
    drafts = [registration.add(database, new, store) for _ in range(4)]
    made_here = [registration.register(database, draft, store) for draft in (signed, *drafts)]
    swapped, unsigned, changed, renumbered = made_here[1:]
    with database.write() as connection:
        files = version_files.update().where(version_files.c.version_id == swapped.id)
        names = files.where(version_files.c.name == ESTIMATOR)
        connection.execute(names.values(sha256=made_here[0].files[ESTIMATOR]))
        for version, values in (
            (unsigned, {"manifest": sa.null()}),
            (changed, {"signature": changed.signature | {"target": "other"}}),
            (renumbered, {"number": 99}),
        ):
            same = versions.c.id == version.id
            connection.execute(versions.update().where(same).values(**values))
    return [number for v in made_here[:4] if (number := v.number)] + [99]


def test_none_of_them_answers_or_runs_and_the_old_champion_goes_on(
    service: Service,
    database: Database,
    store: Store,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
    tmp_path: Path,
) -> None:
    for model in ("breast_cancer", "iris", "iris"):
        registered(model)
    service.start()
    made = problems["breast_cancer"]
    bad = written_by_others(database, store, made, tmp_path / "ran")
    row = {"features": first_row(made)}
    said = []
    with Callers(service, made, clients=2) as callers:
        for number in bad:
            promote(database, service, "breast_cancer", number)
            refused = service.post(f"/models/breast_cancer/versions/{number}/what-if", row)
            assert (refused.status_code, refused.json()["error"]) == (503, "ArtefactDamaged")
            said.append(refused.json()["detail"])
            callers.wait_for(10)
        good = registered("breast_cancer", promoted=False).number or 0
        promote(database, service, "breast_cancer", good)
        callers.wait_for(10)
    assert [detail.split("`breast_cancer` ")[1].split(",")[0] for detail in said] == [
        "is not loaded",
        "is not what was signed (its `model.joblib` differs)",
        "has no manifest",
        "is not what was signed (its `signature` differs)",
        "is not what was signed (its `number` differs)",
    ]
    assert callers.refusals == []
    assert {version for told in callers.answers for version in told.versions} == {1, good}
    assert not (tmp_path / "ran").exists()


def test_a_service_with_another_key_says_where_it_looked(
    service: Service,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
    tmp_path: Path,
) -> None:
    registered("iris")
    service.extra["WATCHDESK_KEY_FILE"] = str(tmp_path / "elsewhere")
    service.start()
    refused = service.post("/predict", {"features": first_row(problems["iris"])})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert f"(`{tmp_path / 'elsewhere'}` is not there)" in refused.json()["detail"]
    assert service.get("/ready").status_code == 503
    # What the operator is told to do: from the next look on it answers.
    (tmp_path / "elsewhere").write_bytes(service.settings.key_file.read_bytes())
    (tmp_path / "elsewhere").chmod(0o600)
    wait_until(lambda: service.get("/ready").status_code == 200, "the copied key is used")
