"""A log of millions of predictions of one model, made as the service writes it, only quicker.

Thirty features (normal, skewed and whole numbers, one in three related to the others), a logistic
regression trained as the Train page trains it, and thirty days of its answers. In the last two
days three features have moved, so that there is something to find.
"""

import time
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.records import aliases
from backend.records.database import Database, connect, migrate, now
from backend.records.predictions import INSERT, Row
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console.training import Choices
from console.training.train import run_training
from console.windows import DAY, HOUR

FEATURES = 30
MODEL = "turbine"
TRAINING_ROWS = 20_000
DAYS = 30
MOVED_DAYS = 2
CHUNK = 50_000

Matrix = NDArray[np.float64]


def build(folder: Path, rows: int) -> Settings:
    """The settings of a database with `rows` answered rows; one that is there is used again."""
    settings = Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})
    done = folder / "rows"
    if done.exists() and done.read_text() == str(rows):
        return settings
    if folder.exists():
        raise SystemExit(f"{folder} holds a log that was not finished; remove it and start again.")
    migrate(settings.database_url)
    database = connect(settings.database_url)
    store = Store.of(settings)
    version = _trained(database, store, folder)
    _log(database, version, store, rows)
    database.dispose()
    done.write_text(str(rows))
    return settings


def table(rng: np.random.Generator, rows: int, moved: "NDArray[np.bool_] | None" = None) -> Matrix:
    """Features of shape (rows, 30); those of `moved` rows lie elsewhere in columns 0, 12, 25."""
    common = rng.normal(size=(rows, 1))
    found: Matrix = rng.normal(size=(rows, FEATURES))
    found[:, ::3] = 0.6 * common + 0.8 * found[:, ::3]
    found[:, 10:20] = np.exp(0.5 * found[:, 10:20])
    found[:, 20:25] = np.floor(np.abs(found[:, 20:25]) * 4)
    found[:, 25:] = 1_000 + 50 * found[:, 25:]
    if moved is not None:
        found[moved, 0] += 0.3
        found[moved, 12] *= 1.15
        found[moved, 25] += 25
    return found.round(4)


def names() -> list[str]:
    """The features' names in order."""
    return [f"sensor_{place:02}" for place in range(FEATURES)]


def _trained(database: Database, store: Store, folder: Path) -> Version:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(table(rng, TRAINING_ROWS), columns=names())
    odds = frame["sensor_00"] + 0.5 * frame["sensor_12"] - 0.02 * (frame["sensor_25"] - 1_000)
    chance = 1 / (1 + np.exp(-odds))
    frame["fault"] = np.where(rng.random(TRAINING_ROWS) < chance, "yes", "no")
    whole = dict.fromkeys(names()[20:25], int)
    path = folder / "turbine.csv"
    frame.astype(whole).to_csv(path, index=False)
    choices = Choices(model=MODEL, data=str(path), target="fault", positive="yes", folds=2)
    version = run_training(database, store, choices, by="bench")
    aliases.promote(database, MODEL, version.number or 1, actor="bench", reason="The only one.")
    return version


def _log(database: Database, version: Version, store: Store, rows: int) -> None:
    scorer = artefacts.load(database, version, store)
    rng = np.random.default_rng(2)
    end = now() // HOUR * HOUR
    start = end - DAYS * DAY
    raw = database.engine.raw_connection()
    driver = raw.driver_connection
    driver.execute("PRAGMA synchronous=OFF")  # type: ignore[union-attr]
    began = time.perf_counter()
    for first in range(0, rows, CHUNK):
        count = min(CHUNK, rows - first)
        share = np.arange(first, first + count) / rows  # the product would not fit 64 bits
        at = start + (share * DAYS * DAY).astype(np.int64)
        features = table(rng, count, at >= end - MOVED_DAYS * DAY)
        scored = scorer.score_frame(pd.DataFrame(features, columns=names()))
        texts = [text.decode() for text in map(msgspec.json.encode, features.tolist())]
        latency = np.exp(rng.normal(0.3, 0.5, count)).round(3).tolist()
        made = [
            Row(key, key, when, MODEL, 1, "live", "answered", text, label, None, score, ms, None)
            for key, when, text, label, score, ms in zip(
                _keys(at, rng),
                at.tolist(),
                texts,
                map(str, np.asarray(scored.labels)),
                np.asarray(scored.scores).tolist(),
                latency,
                strict=True,
            )
        ]
        for statement, values in INSERT.statements(made, is_sqlite=True):
            driver.execute(statement, values)  # type: ignore[union-attr]
        driver.commit()  # type: ignore[union-attr]
        if (first // CHUNK) % 20 == 19:
            print(f"{first + count:,} rows, {time.perf_counter() - began:.0f} s", flush=True)
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    raw.close()


def _keys(at: "NDArray[np.int64]", rng: np.random.Generator) -> list[bytes]:
    """Identities ordered by time, as UUIDv7 are."""
    octets = rng.integers(0, 256, (len(at), 16), dtype=np.uint8)
    octets[:, :8] = at.astype(">u8").view(np.uint8).reshape(-1, 8)
    return [row.tobytes() for row in octets]
