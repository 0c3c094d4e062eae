"""Training as a job, and uploads that any worker can read."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from backend.errors import ArtefactDamaged, Unusable
from backend.records import drafts, registry
from backend.records.database import Database
from backend.settings import Settings
from console.training import job
from console.training.sources import keep_upload, open_data
from tests.console.training.tables import csv_of, mixed


@dataclass
class Watched:
    """What a job is given, keeping what it says."""

    database: Database
    settings: Settings
    by: str = "ada"
    said: list[tuple[float, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def progress(self, share: float, message: str) -> None:
        self.said.append((share, message))

    def log(self, line: str) -> None:
        self.lines.append(line)


def test_a_job_keeps_a_draft_and_says_which(database: Database, settings: Settings) -> None:
    context = Watched(database, settings)
    result = job.run(context, model="iris", data="builtin:iris", folds=2, note="hello")
    draft = drafts.one(database, result["draft_id"])
    assert (draft.number, draft.note, draft.created_by) == (None, "hello", "ada")
    assert result == {
        "draft_id": draft.id,
        "version": None,
        "model": "iris",
        "task": "multiclass",
        "algorithm": "logistic_regression",
        "metrics": draft.metrics,
    }
    assert context.lines == ["`iris`: 150 rows, 5 columns."]
    assert context.said[0][0] == 0.0


def test_a_job_compiles_where_that_is_switched_on(database: Database, settings: Settings) -> None:
    for compiling, engine in ((True, "onnx"), (False, "sklearn")):
        context = Watched(database, replace(settings, compiling=compiling))
        result = job.run(context, model="iris", data="builtin:iris", folds=2)
        assert (drafts.one(database, result["draft_id"]).compilation or {})["engine"] == engine


def test_a_job_can_register_at_once(database: Database, settings: Settings) -> None:
    result = job.run(
        Watched(database, settings), model="iris", data="builtin:iris", folds=2, register=True
    )
    assert result["version"] == 1
    assert registry.version(database, "iris", 1).id == result["draft_id"]


def test_a_job_trains_on_an_uploaded_file_with_the_choices_of_a_page(
    database: Database, settings: Settings
) -> None:
    data = keep_upload(database, csv_of(mixed()), "with: colons.csv")
    result = job.run(
        Watched(database, settings),
        model="m",
        data=data,
        target="bought",
        features=["size", "member"],
        algorithm="random_forest",
        parameters={"n_estimators": 10},
        positive="no",
        folds=2,
    )
    draft = drafts.one(database, result["draft_id"])
    assert [f["name"] for f in draft.signature["features"]] == ["size", "member"]
    assert draft.signature["positive"] == "no"
    assert draft.data["name"] == "with: colons.csv"
    assert draft.data["spec"] == data


def test_an_upload_that_is_gone_or_misnamed_is_refused(database: Database) -> None:
    with pytest.raises(ArtefactDamaged, match="is not in the database"):
        open_data(database, f"blob:{'0' * 64}:t.csv")
    with pytest.raises(Unusable) as refusal:
        open_data(database, "blob:12:t.csv")
    assert refusal.value.detail == "`blob:12:t.csv` names no upload; expected `blob:SHA256:NAME`."


def test_an_unknown_choice_is_a_mistake_of_the_caller(
    database: Database, settings: Settings
) -> None:
    wrong: dict[str, Any] = {"shuffle": True}
    with pytest.raises(TypeError, match="shuffle"):
        job.run(Watched(database, settings), model="m", data="builtin:iris", **wrong)
