"""`rescore`: logged requests answered by another version, from a shell."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import predictions
from backend.versions.artefacts import Store
from tests.conftest import Problem
from tests.console.commands.conftest import Shell
from tests.console.rescoring.logs import log, other, tell

Registered = Callable[..., Version]


@pytest.fixture
def logged(
    database: Database,
    store: Store,
    registered: Registered,
    problems: dict[str, Problem],
) -> None:
    """What version 1 answered to 569 rows, 400 of them with truths, and a version 2."""
    problem = problems["breast_cancer"]
    tell(database, log(database, store, registered(), problem.frame), problem.truth.head(400))
    other(database, store, problem)


@pytest.mark.usefixtures("logged")
def test_its_document_has_the_stable_form(shell: Shell, database: Database) -> None:
    before = rows(database)
    ran = shell("rescore", "breast_cancer", 2, "--json")
    assert ran.code == 0
    assert "Answered 569 rows." in ran.err  # progress
    found = ran.document
    assert (found["model"], found["version"], found["against"]) == ("breast_cancer", 2, [1])
    assert (found["rows"], found["found"], found["origin"]) == (569, 569, "log")
    assert 0.5 < found["agreement_low"] < found["agreement"] < found["agreement_high"] < 1
    assert found["agreeing"] == 569 - sum(flip["n"] for flip in found["flips"])
    assert {(flip["from_label"], flip["to_label"]) for flip in found["flips"]} <= {
        ("malignant", "benign"),
        ("benign", "malignant"),
    }
    assert set(found["flips"][0]) == {"from_label", "to_label", "n", "share", "low", "high"}
    assert found["by_segment"]
    assert set(found["by_segment"][0]) == {
        *("segment", "n", "changed", "share", "low", "high", "lift", "clear"),
    }
    truth = found["truth"]
    assert truth["known"] == 400
    assert set(truth["newly_wrong"]) == {"n", "of", "share", "low", "high"}
    assert truth["newly_wrong"]["of"] == 400
    assert found["skipped"] == {"rows": 0, "reasons": []}
    assert set(found["score_shift"]) == {
        *("unit", "n", "mean", "low", "high", "p05", "p50", "p95"),
    }
    assert found["latency"]["engine"] in {"onnx", "sklearn"}
    assert rows(database) == before  # nothing of it is logged


@pytest.mark.usefixtures("logged")
def test_a_stretch_of_the_log_may_be_chosen(shell: Shell) -> None:
    stretch = ("--from", "2011-04-01T12:01Z", "--to", "2011-04-01T12:03Z")
    found = shell("rescore", "breast_cancer", 2, *stretch, "--json").document
    assert (found["rows"], found["from"]) == (120, "2011-04-01T12:01:00Z")
    some = shell("rescore", "breast_cancer", 2, "--limit", 50, "--json").document
    assert (some["rows"], some["sampled"]) == (50, True)
    assert shell("rescore", "breast_cancer", 2, "--against", 2, "--json").document["rows"] == 0
    none = shell("rescore", "breast_cancer", 2, "--against", 2).out
    assert none == "No answered row lies in this window. Choose a longer one.\n"
    unknown = shell("rescore", "breast_cancer", 2, "--against", 77)
    assert (unknown.code, unknown.out) == (1, "")
    assert "77" in unknown.err
    assert (
        shell("rescore", "breast_cancer", 2, "--source", "replay", "--json").document["rows"] == 0
    )


@pytest.mark.usefixtures("logged")
def test_people_get_sentences_and_tables(shell: Shell) -> None:
    ran = shell("rescore", "breast_cancer", 2)
    assert ran.code == 0
    assert ran.out.startswith("Version 2 gives the same label to ")
    for heading in ("Changed answers\n", "Where answers change\n", "FROM LABEL", " rows in "):
        assert heading in ran.out
    assert "Not compared" not in ran.out


@pytest.mark.usefixtures("logged")
def test_shadow_answers_that_are_not_there_are_a_sentence(shell: Shell) -> None:
    ran = shell("rescore", "breast_cancer", 2, "--shadow")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "Version 2 of `breast_cancer` has no shadow answers in this window. Choose a longer one,"
        " or leave out `--shadow`.\n"
    )


@pytest.mark.usefixtures("logged")
def test_what_cannot_be_rescored_is_said(shell: Shell) -> None:
    ran = shell("rescore", "breast_cancer", 9, "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "`breast_cancer`" in ran.err
    for wrong in (("--limit", 0), ("--shadow", "--source", "live"), ("--source", "other")):
        ran = shell("rescore", "breast_cancer", 2, *wrong)
        assert (ran.code, ran.out) == (2, "")


def rows(database: Database) -> list[Any]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(predictions))]
