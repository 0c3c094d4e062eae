"""A version's figures beside the champion's, and when they may be set side by side."""

from dataclasses import replace

import pytest

from backend.records import aliases
from backend.records.database import Database
from backend.versions.artefacts import Store
from console import promotion
from console.training import Choices
from console.training.train import run_training


def train(database: Database, store: Store, **choices: object) -> None:
    chosen = Choices(model="m", data="builtin:diabetes", folds=2, **choices)  # type: ignore[arg-type]
    run_training(database, store, chosen, by="ada")


def test_without_a_champion_only_the_version_has_figures(database: Database, store: Store) -> None:
    train(database, store)
    standing = promotion.standing(database, "m")
    frame = promotion.figures(standing, 1)
    assert frame["chosen"].notna().all()
    assert frame["champion"].isna().all()
    assert promotion.about_rows(standing, 1) == (
        "Figures on 111 held-out rows; ± is the standard deviation over the folds of the"
        " cross-validation."
    )


def test_differences_are_the_version_less_the_champion(database: Database, store: Store) -> None:
    train(database, store)
    train(database, store, parameters={"alpha": 1_000.0})
    aliases.promote(database, "m", 1, actor="ada", reason="first")
    standing = promotion.standing(database, "m")
    frame = promotion.figures(standing, 2).set_index("metric")
    mine, theirs = standing.version(2).metrics, standing.version(1).metrics
    assert frame.loc["mae", "difference"] == pytest.approx(mine["mae"] - theirs["mae"])
    assert frame.loc["mae", "champion_spread"] == theirs["cv"]["mae"]["sd"]
    assert frame.loc["mae", "title"] == "Mean absolute error (lower is better)"
    assert "Both versions were judged on the same rows" in promotion.about_rows(standing, 2)


def test_the_engine_is_said_with_its_reason(database: Database, store: Store) -> None:
    train(database, replace(store, compiling=False))
    assert promotion.engine(promotion.standing(database, "m"), 1) == (
        "Answers with scikit-learn: it was trained with `WATCHDESK_COMPILE` set to `off`."
    )


def test_another_split_is_said_to_be_of_other_rows(database: Database, store: Store) -> None:
    train(database, store)
    train(database, store, seed=1)
    aliases.promote(database, "m", 1, actor="ada", reason="first")
    standing = promotion.standing(database, "m")
    assert "The champion was judged on other rows" in promotion.about_rows(standing, 2)
