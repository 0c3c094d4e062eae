"""Making and removing the demo's models.

Every step first looks whether it was done, so loading twice does nothing more, and a demo that
was stopped half-way is completed when it is loaded again.

`breast_cancer` has two versions, one of them promoted, and answered its held-out rows through the
running service. `bikeshare` was trained on January to March; April to September are replayed as
its hourly traffic, with the truth of each hour three days later: drift and decay that are real.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd

from backend.errors import Refused
from backend.records import aliases, drafts, predictions, registry
from backend.records.database import Database
from backend.records.log import Filter, count
from backend.records.predictions import Window
from backend.records.registry import CHALLENGER, CHAMPION, Version
from backend.settings import Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from console import replay
from console.demo import traffic
from console.demo.service import running
from console.training.choices import Choices
from console.training.sources import open_data
from console.training.train import run_training

Report = Callable[[float, str], None]

CANCER = "breast_cancer"
BIKES = "bikeshare"
MODELS = (CANCER, BIKES)
EVER = Window(-(2**62), 2**62)

LOGISTIC = Choices(
    CANCER,
    f"builtin:{CANCER}",
    algorithm="logistic_regression",
    note="Demo: the plain baseline.",
)
FOREST = Choices(
    CANCER,
    f"builtin:{CANCER}",
    algorithm="random_forest",
    note="Demo: does a forest beat the baseline?",
)
SPRING, AUTUMN = "2011-04-01", "2011-10-01"
WINTER = Choices(
    BIKES,
    f"builtin:{BIKES}",
    algorithm="gradient_boosting",
    until=SPRING,
    note="Demo: trained on January to March 2011 only.",
)
TRUTH_DELAY_DAYS = 3.0


def load(
    database: Database, settings: Settings, *, by: str, report: Report, patience_seconds: float
) -> dict[str, Any]:
    """Make whatever of the demo is not there yet.

    Args:
        database, settings: where.
        by: who; recorded with versions and promotions.
        report: told the share done, in [0, 1], and a sentence; it may raise to stop.
        patience_seconds: how long to wait for the running service before one of our own serves.

    Returns:
        `{"models": [{"model", "champion", "versions", "predictions"}]}`.

    Raises:
        Refused: a model of the demo's name exists that is not the demo's.
        Unavailable: no service can be reached or started.
    """
    _check_names(database)
    _load_cancer(database, settings, by, _part(report, 0.0, 0.5), patience_seconds)
    _load_bikes(database, settings, by, _part(report, 0.5, 1.0))
    report(1.0, "The demo is loaded.")
    return {"models": [_described(database, name) for name in MODELS]}


def remove(database: Database, by: str, report: Report) -> dict[str, Any]:
    """Remove the demo's models with their versions, promotions, log and feedback; no others.

    Returns:
        `{"removed": [model, …], "predictions": rows removed}`.
    """
    names = [model.name for model in registry.all_models(database) if model.demo]
    rows = 0
    for place, name in enumerate(names):
        report(place / len(names), f"Removing `{name}`")
        # The log first: stopped in between, the model is still known as the demo's.
        rows += predictions.remove(database, name, actor=by)
        registry.remove_model(database, name, actor=by, with_protected=True)
    report(1.0, f"Removed {len(names)} demo models." if names else "There was no demo to remove.")
    return {"removed": names, "predictions": rows}


def _load_cancer(
    database: Database, settings: Settings, by: str, report: Report, patience_seconds: float
) -> None:
    first = _version(database, settings, LOGISTIC, by, _part(report, 0.0, 0.15))
    _promote(database, first, by, "The first version: 98 % of the held-out rows right.")
    second = _version(database, settings, FOREST, by, _part(report, 0.15, 0.5))
    _challenge(database, second, by, "A forest, to be compared on the same held-out rows.")
    rows = traffic.unsent(database, settings, first)
    if rows or traffic.untold(database, settings, first):
        report(0.5, "Waiting for the prediction service")
        with running(database, settings, patience_seconds) as client:
            traffic.wait_for_champion(client, CANCER, registry.model(database, CANCER).champion)
            traffic.send(client, CANCER, rows, _part(report, 0.5, 0.8))
            told = traffic.untold(database, settings, first)
            traffic.tell(client, told, _part(report, 0.8, 1.0))


def _load_bikes(database: Database, settings: Settings, by: str, report: Report) -> None:
    version = _version(database, settings, WINTER, by, _part(report, 0.0, 0.4))
    _promote(database, version, by, "The first version: trained on the winter, for the spring.")
    frame = open_data(database, WINTER.data).frame
    start, end = (pd.Timestamp(day, tz="UTC") for day in (SPRING, AUTUMN))
    season = frame[(frame["time"] >= start) & (frame["time"] < end)]
    choices = replay.Choices(
        BIKES, "time", truth="bikers", truth_delay=TRUTH_DELAY_DAYS, version=version.number
    )
    replay.replay(database, settings, season, choices, report=_part(report, 0.4, 1.0))


def _version(
    database: Database, settings: Settings, choices: Choices, by: str, report: Report
) -> Version:
    """The version that these choices made before, or make now."""
    store = Store.of(settings)
    if any(model.name == choices.model for model in registry.all_models(database)):
        for found in registry.versions_of(database, choices.model):
            if _is_of(found, choices):
                return found
    for draft in drafts.waiting(database, choices.model):
        if _is_of(draft, choices):
            return registration.register(database, draft.id, store, actor=by)
    title = choices.algorithm.replace("_", " ") if choices.algorithm else "model"
    report(0.0, f"Training `{choices.model}`: {title}")

    def said(share: float, _message: str) -> None:
        report(share, f"Training `{choices.model}`: {title}")

    return run_training(database, store, choices, by=by, report=said, demo=True)


def _is_of(version: Version, choices: Choices) -> bool:
    return (version.algorithm, version.note) == (choices.algorithm, choices.note)


def _promote(database: Database, version: Version, by: str, reason: str) -> None:
    if _moved(database, version.model, CHAMPION) or version.number is None:
        return
    aliases.promote(
        database, version.model, version.number, actor=by, reason=reason, expected_champion=None
    )


def _challenge(database: Database, version: Version, by: str, reason: str) -> None:
    if not _moved(database, version.model, CHALLENGER):
        aliases.set_challenger(database, version.model, version.number, actor=by, reason=reason)


def _moved(database: Database, model: str, alias: str) -> bool:
    """Whether the alias was ever moved: what people did with it since is theirs."""
    return any(move.alias == alias for move in aliases.history(database, model, limit=None))


def _check_names(database: Database) -> None:
    for model in registry.all_models(database):
        if model.name in MODELS and not model.demo:
            raise Refused(
                f"There is a model `{model.name}` that is not the demo's, and the demo makes one of"
                " that name. Load the demo into another database: set `WATCHDESK_DATA_DIR`."
            )


def _described(database: Database, name: str) -> dict[str, Any]:
    return {
        "model": name,
        "champion": registry.model(database, name).champion,
        "versions": [version.number for version in registry.versions_of(database, name)],
        "predictions": count(database, Filter(name, EVER)),
    }


def _part(report: Report, start: float, end: float) -> Report:
    """A report of a part of the work, as shares of the whole."""
    return lambda share, message: report(start + share * (end - start), message)
