"""A model keeps its rules; a text that does not fit it is not kept; changes are recorded."""

import hashlib
import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from backend.errors import NotFound, Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import audit
from console.promotion import gates

Register = Callable[..., Version]
TEXT = "# ours\n[floors]\naccuracy = 0.9\n"


def recorded(database: Database) -> list[tuple[str, str, dict[str, str | None]]]:
    query = sa.select(audit).where(audit.c.action == "gates").order_by(audit.c.id)
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [(row.actor, row.subject, json.loads(row.detail)) for row in rows]


def test_a_new_model_has_the_default_of_its_task(database: Database, registered: Register) -> None:
    registered("diabetes")
    assert gates.text_of(database, "diabetes") == gates.default_of("regression")
    assert "mae" in gates.rules_of(database, "diabetes").no_worse


def test_what_is_saved_holds_and_the_audit_log_has_both_texts(
    database: Database, registered: Register
) -> None:
    registered()
    kept = gates.save_rules(database, "breast_cancer", TEXT, actor="ada")
    assert kept.floors == {"accuracy": 0.9}
    assert gates.text_of(database, "breast_cancer") == TEXT
    assert gates.rules_of(database, "breast_cancer") == kept
    gates.save_rules(database, "breast_cancer", TEXT, actor="ada")  # nothing new: no row
    gates.save_rules(database, "breast_cancer", " \n", actor="bob")  # the default again
    assert gates.text_of(database, "breast_cancer") == gates.DEFAULT
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    assert gates.hash_of(TEXT) == sha256
    assert recorded(database) == [
        ("ada", "breast_cancer", {"before": None, "after": TEXT, "sha256": sha256}),
        ("bob", "breast_cancer", {"before": TEXT, "after": None, "sha256": None}),
    ]


@pytest.mark.parametrize(
    ("model", "text", "sentence"),
    [
        (
            "iris",
            "[floors]\nroc_auc = 0.8",
            (
                "`roc_auc` is no metric of `iris`, whose task is multiclass; expected one of"
                " `accuracy`, `balanced_accuracy`, `macro_f1`, `log_loss`, `roc_auc_ovr`,"
                " `calibration_error`."
            ),
        ),
        (
            "iris",
            '[fairness."petal width (cm)"]\nselection_rate = 0.1',
            (
                "`fairness.petal width (cm).selection_rate` needs a positive label, and the task of"
                " `iris` is multiclass; expected `error`."
            ),
        ),
        (
            "iris",
            "[segments.species.floors]\naccuracy = 0.1",
            (
                "`species` is no feature of any version of `iris`; expected one of `sepal length"
                " (cm)`, `sepal width (cm)`, `petal length (cm)`, `petal width (cm)`."
            ),
        ),
        (
            "iris",
            "[floors]\naccuracy = 7",
            "`floors.accuracy` is `7`; expected a number from 0 to 1.",
        ),
    ],
)
def test_a_text_that_does_not_fit_the_model_is_not_kept(
    database: Database, registered: Register, model: str, text: str, sentence: str
) -> None:
    registered("iris")
    with pytest.raises(Unusable) as refused:
        gates.save_rules(database, model, text, actor="ada")
    assert refused.value.detail == sentence
    assert gates.text_of(database, "iris") == gates.default_of("multiclass")
    assert recorded(database) == []


def test_an_unknown_model_keeps_nothing(database: Database) -> None:
    with pytest.raises(NotFound):
        gates.save_rules(database, "nothing", TEXT, actor="ada")
