"""A model behind BentoML, plain and with its adaptive batching; one worker, no access log."""

import os
from typing import Any

import bentoml
import joblib
import numpy as np

LOGGING = {"access": {"enabled": False}}


@bentoml.service(workers=1, logging=LOGGING)
class Plain:
    """Each request by itself."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["BENCH_MODEL"])

    @bentoml.api
    def predict(self, features: list[float]) -> dict[str, Any]:
        """The label and the probabilities of one row."""
        matrix = np.array([features])
        label = self.model.predict(matrix)[0]
        return {"label": str(label), "probabilities": self.model.predict_proba(matrix)[0].tolist()}

    @bentoml.api
    def predict_batch(self, instances: np.ndarray) -> dict[str, Any]:
        """The labels and probabilities of several rows."""
        labels = self.model.predict(instances).tolist()
        return {"labels": labels, "probabilities": self.model.predict_proba(instances).tolist()}


@bentoml.service(workers=1, logging=LOGGING)
class Batching:
    """Requests that BentoML puts together, by its own defaults (at most 100)."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["BENCH_MODEL"])

    @bentoml.api(batchable=True)
    def predict(self, inputs: np.ndarray) -> list[dict[str, Any]]:
        """The label and the probabilities of each row."""
        answers = zip(self.model.predict(inputs), self.model.predict_proba(inputs), strict=True)
        return [
            {"label": str(label), "probabilities": shares.tolist()} for label, shares in answers
        ]
