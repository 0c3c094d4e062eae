"""Real small trained versions and real logged rows for the tests of pages."""

import json
import uuid
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from backend.records import predictions
from backend.records.database import Database, now
from backend.records.predictions import Row
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from console.training import Choices, datasets
from console.training.train import run_training, train

HOUR = 3_600 * 1_000_000


def trained(database: Database, data: str = "breast_cancer", **choices: Any) -> Version:
    """Train on a built-in data set as people do, and register the version."""
    model = choices.pop("model", data)
    chosen = Choices(model=model, data=f"builtin:{data}", folds=2, **choices)
    return run_training(database, _store(), chosen, by="ada")


def drafted(database: Database, data: str = "breast_cancer", **choices: Any) -> int:
    """Train on a built-in data set and leave the draft; returns its id."""
    spec = f"builtin:{data}"
    chosen = Choices(model=data, data=spec, folds=2, **choices)
    new = train(datasets.load(spec), chosen, by="ada")
    return registration.add(database, new, _store())


def logged(database: Database, settings: Settings, version: Version, frame: pd.DataFrame) -> None:
    """Answer the rows of a table with a version, and log them over the last two days."""
    scorer = artefacts.load(database, version, Store.of(settings))
    scored = scorer.score_frame(frame)
    names = scorer.signature.names
    at = now() - np.linspace(47 * HOUR, HOUR, len(frame)).astype(np.int64)
    objects = frame[names].to_dict("records")
    predictions.append(
        database,
        [
            Row(
                prediction_id=uuid.uuid4().bytes,
                request_id=uuid.uuid4().bytes,
                at=int(at[i]),
                model=version.model,
                version=version.number,
                source="live",
                outcome="answered",
                features=json.dumps(list(objects[i].values())),
                label=None if scored.labels is None else str(scored.labels[i]),
                value=None if scored.values is None else float(scored.values[i]),
                score=None if scored.scores is None else float(scored.scores[i]),
                latency_ms=1.0,
                error=None,
            )
            for i in range(len(frame))
        ],
    )


def _store() -> Store:
    """The one of the test's settings, which the pages read from the environment too."""
    return Store.of(Settings.from_environment())


def rows_of(data: str, n: int) -> pd.DataFrame:
    """Rows of a built-in data set, drawn at random with a fixed seed."""
    return datasets.load(f"builtin:{data}").frame.sample(n, replace=True, random_state=0)


def table(page: AppTest, column: str) -> pd.DataFrame:
    """The first table of a page that has a column of that name."""
    return next(found.value for found in page.dataframe if column in found.value.columns)
