"""Versions and aliases: numbers, optimistic moves, roll-back, and bytes that are checked."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.errors import (
    ArtefactDamaged,
    ChampionMoved,
    NoChampion,
    NotFound,
    Refused,
    TooLarge,
    Unusable,
    WatchdeskError,
)
from backend.records import aliases, blobs, drafts, registry
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from tests.conftest import Problem, new_version


def promote(database: Database, number: int, **more: object) -> aliases.Promotion:
    return aliases.promote(database, "iris", number, actor="ana", reason="why", **more)  # type: ignore[arg-type]  # keywords of the test's choice


def test_registering_numbers_a_draft_once(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    first = registration.add(database, new_version(problems["iris"]), store)
    second = registration.add(database, new_version(problems["iris"]), store)
    assert [d.id for d in drafts.waiting(database, "iris")] == [second, first]
    assert registration.register(database, second, store).number == 1
    assert registration.register(database, second, store).number == 1
    assert registration.register(database, first, store).number == 2
    assert drafts.waiting(database) == []
    assert [v.number for v in registry.versions_of(database, "iris")] == [2, 1]


def test_a_discarded_draft_is_gone_and_its_bytes_are_swept(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    draft = registration.add(database, new_version(problems["iris"]), store)
    sha256 = drafts.one(database, draft).files["model.joblib"]
    drafts.discard(database, draft)
    with pytest.raises(NotFound, match=f"There is no draft {draft}"):
        drafts.one(database, draft)
    assert blobs.sweep(database, older_than_seconds=3600) == 0
    assert blobs.sweep(database, older_than_seconds=-1) == 3
    with pytest.raises(ArtefactDamaged, match="is not in the database"):
        blobs.fetch(database, sha256)


def test_sweeping_keeps_what_a_version_names(
    database: Database, store: Store, registered: Callable[..., Version]
) -> None:
    version = registered("iris")
    assert blobs.sweep(database, older_than_seconds=-1) == 0
    assert artefacts.load(database, version, store).signature.target == "target"


def test_a_model_keeps_its_task_and_target(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    registration.add(database, new_version(problems["iris"], model="m"), store)
    with pytest.raises(Refused) as refused:
        registration.add(database, new_version(problems["diabetes"], model="m"), store)
    assert refused.value.detail == (
        "Model `m` predicts `target` (multiclass); this version predicts `target` (regression)."
        " Give it another model's name."
    )


@pytest.mark.parametrize("name", ["", "a/b", "ä", ".x", "x" * 101, "a b"])
def test_a_models_name_can_stand_in_an_address(name: str) -> None:
    with pytest.raises(Unusable, match="cannot be a model's name"):
        registry.check_name(name)


def test_promotions_are_recorded_with_from_and_to(
    database: Database, registered: Callable[..., Version]
) -> None:
    for _ in range(2):
        registered("iris", promoted=False)
    with pytest.raises(NoChampion, match="Model `iris` has no champion"):
        aliases.champion(database, "iris")
    promote(database, 1, expected_champion=None)
    promote(database, 2, expected_champion=1)
    moves = aliases.history(database, "iris")
    assert [(m.from_number, m.to_number, m.kind) for m in moves] == [
        (1, 2, "promote"),
        (None, 1, "promote"),
    ]
    assert (moves[0].actor, moves[0].reason) == ("ana", "why")
    assert aliases.champion(database, "iris").number == 2


def test_a_stale_caller_cannot_promote(
    database: Database, registered: Callable[..., Version]
) -> None:
    for _ in range(2):
        registered("iris", promoted=False)
    promote(database, 1)
    with pytest.raises(ChampionMoved) as moved:
        promote(database, 2, expected_champion=None)
    assert moved.value.detail == (
        "The champion of `iris` is version 1, not none as you saw. Look at the new champion, then"
        " decide again."
    )
    with pytest.raises(Refused, match="The champion of `iris` is version 1 already"):
        promote(database, 1)
    with pytest.raises(NotFound, match="Model `iris` has no version 7"):
        promote(database, 7)
    with pytest.raises(Unusable, match="The reason is empty"):
        aliases.promote(database, "iris", 2, actor="ana", reason=" ")
    assert len(aliases.history(database, "iris")) == 1


def test_of_two_who_promote_at_once_one_is_refused(
    database: Database, registered: Callable[..., Version]
) -> None:
    for _ in range(3):
        registered("iris", promoted=False)
    promote(database, 1)
    for _ in range(5):
        seen = aliases.champion(database, "iris").number
        outcomes: list[str] = []
        start = threading.Barrier(2)

        def race(number: int, seen: int | None, start: threading.Barrier, out: list[str]) -> None:
            start.wait()
            try:
                promote(database, number, expected_champion=seen)
                out.append("promoted")
            except WatchdeskError as error:
                out.append(type(error).__name__)

        others = [n for n in (1, 2, 3) if n != seen]
        racers = [threading.Thread(target=race, args=(n, seen, start, outcomes)) for n in others]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(outcomes) == ["ChampionMoved", "promoted"]


def test_rolling_back_goes_to_the_champion_before_and_further_the_second_time(
    database: Database, registered: Callable[..., Version]
) -> None:
    for _ in range(3):
        registered("iris", promoted=False)
    with pytest.raises(NoChampion):
        aliases.rollback(database, "iris", actor="ana", reason="bad")
    promote(database, 1)
    with pytest.raises(Refused, match="Version 1 is the first champion of `iris`"):
        aliases.rollback(database, "iris", actor="ana", reason="bad")
    promote(database, 2)
    promote(database, 3)
    back = aliases.rollback(database, "iris", actor="ana", reason="bad")
    assert (back.kind, back.from_number, back.to_number) == ("rollback", 3, 2)
    assert aliases.rollback(database, "iris", actor="ana", reason="worse").to_number == 1
    assert aliases.rollback(database, "iris", actor="ana", reason="no", to=3).to_number == 3


def test_the_challenger_is_set_and_withdrawn(
    database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    aliases.set_challenger(database, "iris", 2, actor="ana", reason="try")
    assert registry.model(database, "iris").challenger == 2
    assert registry.version(database, "iris", 2).aliases == ("challenger",)
    aliases.set_challenger(database, "iris", None, actor="ana", reason="done")
    assert registry.model(database, "iris").challenger is None
    assert registry.model(database, "iris").champion == 1


def test_bytes_come_back_as_they_went_in_over_several_chunks(database: Database) -> None:
    content = bytes(range(256)) * 10_000
    sha256 = blobs.store(database, content)
    assert blobs.store(database, content) == sha256
    assert blobs.fetch(database, sha256) == content


def test_altered_bytes_are_refused(
    database: Database, store: Store, registered: Callable[..., Version]
) -> None:
    version = registered("iris")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE blob_chunks SET bytes = substr(bytes, 1, 9)")
    with pytest.raises(ArtefactDamaged, match="is missing bytes or was altered"):
        artefacts.load(database, version, store)


def test_a_cached_file_that_was_altered_is_read_again_from_the_database(
    database: Database, store: Store, registered: Callable[..., Version]
) -> None:
    version = registered("iris")
    artefacts.load(database, version, store)
    cached = store.cache / version.files["model.joblib"]
    cached.write_bytes(b"something else")
    assert artefacts.load(database, version, store).signature.target == "target"
    assert cached.read_bytes() != b"something else"


def test_an_artefact_over_the_limit_is_refused(
    database: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "MOST_BYTES", 1 << 20)
    with pytest.raises(TooLarge, match="The artefact has 2 MB; the limit is 1 MB"):
        blobs.store(database, bytes(2 << 20))


def test_an_export_holds_what_people_need(
    database: Database, store: Store, registered: Callable[..., Version], tmp_path: Path
) -> None:
    version = registered("iris")
    written = artefacts.export(database, version, tmp_path / "out", store)
    assert {path.name for path in written} == {
        "model.joblib",
        "reference.parquet",
        "heldout.parquet",
        "signature.json",
        "version.json",
    }


def test_an_export_to_what_is_no_folder_is_refused(
    database: Database, store: Store, registered: Callable[..., Version], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match=r"cannot be written to \(File exists\)"):
        artefacts.export(database, registered("iris"), tmp_path / "file", store)


def test_removing_a_model_leaves_nothing_of_it(
    database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris")
    registry.remove_model(database, "iris", with_protected=True)
    assert registry.all_models(database) == []
    assert aliases.history(database) == []
    assert aliases.champions(database) == {}
