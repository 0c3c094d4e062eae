"""A model behind FastAPI as tutorials show it: joblib, `predict` and `predict_proba`.

`/predict` is a plain function, which FastAPI runs in a thread; `/predict/async` a coroutine.
"""

import os
from typing import Any

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["BENCH_MODEL"])


class Row(BaseModel):
    """One row in the order of training."""

    features: list[float]


class Rows(BaseModel):
    """Several rows."""

    instances: list[list[float]]


@app.post("/predict")
def predict(row: Row) -> dict[str, Any]:
    """The label and the probabilities of one row."""
    matrix = np.array([row.features])
    label = model.predict(matrix)[0]
    return {"label": str(label), "probabilities": model.predict_proba(matrix)[0].tolist()}


@app.post("/predict/async")
async def predict_on_the_loop(row: Row) -> dict[str, Any]:
    """The same as a coroutine: no thread, and nobody else is answered meanwhile."""
    return predict(row)


@app.post("/predict/batch")
def predict_batch(rows: Rows) -> dict[str, Any]:
    """The labels and probabilities of several rows."""
    return _answers(rows)


@app.post("/predict/batch/async")
async def predict_batch_on_the_loop(rows: Rows) -> dict[str, Any]:
    """The same as a coroutine."""
    return _answers(rows)


def _answers(rows: Rows) -> dict[str, Any]:
    matrix = np.array(rows.instances)
    labels = model.predict(matrix).tolist()
    return {"labels": labels, "probabilities": model.predict_proba(matrix).tolist()}
