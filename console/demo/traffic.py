"""The demo's live traffic: held-out rows through the service, and then the truth about them."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.errors import Unavailable
from backend.records import log
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.signature import Signature
from console.client import Client

Report = Callable[[float, str], None]
Values = tuple[Any, ...]

EFFECT_SECONDS = 30.0


@dataclass(frozen=True)
class Told:
    """A truth to report."""

    prediction_id: str
    ground_truth: Any


def unsent(database: Database, settings: Settings, version: Version) -> list[dict[str, Any]]:
    """The held-out rows of a version that its model was not asked yet."""
    names = Signature.from_json(version.signature).names
    asked = Counter(_values(_logged(database, version, names), names))
    rows = []
    for values, _ in _heldout(database, settings, version, names):
        if asked[values] > 0:
            asked[values] -= 1
        else:
            rows.append(dict(zip(names, values, strict=True)))
    return rows


def untold(database: Database, settings: Settings, version: Version) -> list[Told]:
    """The truths of logged held-out rows that are not recorded yet."""
    names = Signature.from_json(version.signature).names
    truths = dict(_heldout(database, settings, version, names))
    logged = _logged(database, version, names)
    waiting = logged[logged["__truth__"].isna()]
    return [
        Told(key, truths[values])
        for key, values in zip(waiting["__prediction_id__"], _values(waiting, names), strict=True)
        if values in truths
    ]


def wait_for_champion(client: Client, model: str, number: int | None) -> None:
    """Wait until the service answers with this version.

    Raises:
        Unavailable: it does not within 30 seconds.
    """
    deadline = time.monotonic() + EFFECT_SECONDS
    while _serving(client, model) != number:
        if time.monotonic() > deadline:
            raise Unavailable(
                f"The prediction service at {client.url} does not answer with version {number} of"
                f" `{model}`. Its log says why; then load the demo again."
            )
        time.sleep(0.1)


def send(client: Client, model: str, rows: list[dict[str, Any]], report: Report) -> None:
    """Ask the service about each row, one request each, as live traffic comes."""
    for place, row in enumerate(rows):
        report(place / len(rows), f"Asking the service about {len(rows)} unseen rows")
        client.predict(model, row)


def tell(client: Client, truths: list[Told], report: Report) -> None:
    """Report the truths to the service."""
    for place, told in enumerate(truths):
        report(place / len(truths), f"Reporting the truth about {len(truths)} answers")
        client.feedback(told.prediction_id, told.ground_truth)


def _serving(client: Client, model: str) -> int | None:
    try:
        champions: dict[str, int] = client.ready()["champions"]
    except Unavailable:
        return None
    return champions.get(model)


def _logged(database: Database, version: Version, names: list[str]) -> pd.DataFrame:
    which = log.Filter(version.model, Window(-(2**62), 2**62), source="live")
    return log.features(database, which, names)


def _heldout(
    database: Database, settings: Settings, version: Version, names: list[str]
) -> list[tuple[Values, Any]]:
    table = artefacts.table(database, version, artefacts.HELDOUT, artefacts.Store.of(settings))
    return list(zip(_values(table, names), table["__truth__"].tolist(), strict=True))


def _values(table: pd.DataFrame, names: list[str]) -> list[Values]:
    """The features of each row; JSON carries floats exactly, so equal rows compare equal."""
    return list(table[names].astype(float).itertuples(index=False, name=None))
