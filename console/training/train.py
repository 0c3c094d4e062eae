"""Train one version: cross-validate, fit, judge on held-out rows, and pack.

The estimator that is kept is fitted on the training rows only, so the held-out figures are about
that very artefact, and versions trained on the same table are compared on the same rows.
"""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from backend.records import registry
from backend.records.database import Database
from backend.records.drafts import NewVersion
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.scorer import Scored, Scorer, decide
from console.training import pipeline, tables
from console.training.choices import Choices
from console.training.compilation import with_engine
from console.training.datasets import Dataset
from console.training.environment import environment
from console.training.evaluation import as_json, evaluate, importance
from console.training.metrics import metrics_of, summary
from console.training.plan import Plan, make_plan
from console.training.sources import open_data
from console.training.splits import folds
from console.training.targets import Array

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class _Crossed:
    """A cross-validation: out-of-fold answers to the training rows, and each fold's metrics."""

    scored: Scored
    metrics: list[dict[str, float]]


def silent(share: float, message: str) -> None:
    """A report to nobody."""


def train(
    dataset: Dataset,
    choices: Choices,
    *,
    by: str,
    report: Report = silent,
    compiling: bool = True,
) -> NewVersion:
    """Train what `choices` ask for on `dataset`.

    Args:
        dataset: see `datasets.load`; `choices.data` is not read here.
        choices: target, features, algorithm and the rest.
        by: who trains.
        report: told the share done, in [0, 1], and a sentence; it may raise to stop.
        compiling: whether to try; `compilation` says what answers, and why.

    Returns:
        A version to hand to `registration.add`. Its `metrics` are floats by name on the
        held-out rows, and `cv`: by name the `mean` and `sd` over the folds.

    Raises:
        Unusable: the choices do not fit the data; the sentence says what to do.
    """
    registry.check_name(choices.model)
    started = time.perf_counter()
    report(0.0, "Reading the data.")
    plan = make_plan(dataset, choices)
    notes: list[str] = []
    crossed = _cross_validate(plan, choices, report, notes)
    report(0.7, f"Fitting {len(plan.split.training):,} rows.")
    estimator = _fit(plan, plan.split.training, choices.seed, notes)
    report(0.85, f"Judging on {len(plan.split.heldout):,} held-out rows.")
    new = _packed(plan, choices, crossed, estimator, by, started, notes)
    report(0.9, "Compiling, and comparing the answers.")
    return with_engine(new, plan, estimator, choices.seed, compiling)


def run_training(
    database: Database,
    store: Store,
    choices: Choices,
    *,
    by: str,
    report: Report = silent,
    demo: bool = False,
) -> Version:
    """Open the data that `choices` name, train, and register the version.

    Raises:
        NotFound, TooLarge, Unusable: the data or the choices cannot be used.
        Refused: the model exists with another task or target.
    """
    dataset = open_data(database, choices.data)
    new = train(dataset, choices, by=by, report=report, compiling=store.compiling)
    report(0.95, "Registering.")
    draft_id = registration.add(database, new, store, demo=demo)
    version = registration.register(database, draft_id, store)
    report(1.0, f"Version {version.number} of `{version.model}` is registered.")
    return version


def _cross_validate(plan: Plan, choices: Choices, report: Report, notes: list[str]) -> _Crossed:
    """Answers to each training row from an estimator that has not seen it."""
    training = plan.split.training
    width = len(plan.target.labels)
    answers = np.empty((len(training), width) if width else len(training))
    metrics = []
    cuts = folds(plan.target, plan.split, choices.folds, choices.seed)
    for number, (fitted, tested) in enumerate(cuts):
        report(0.05 + 0.65 * number / len(cuts), f"Fold {number + 1} of {len(cuts)}.")
        estimator = _fit(plan, training[fitted], choices.seed, notes)
        scored = _answers(plan, estimator, training[tested])
        answers[tested] = scored.probabilities if width else scored.values
        metrics.append(metrics_of(plan.signature, plan.target, training[tested], scored))
    whole = decide(plan.signature, answers) if width else Scored(None, None, None, answers)
    return _Crossed(whole, metrics)


def _fit(plan: Plan, rows: Array, seed: int, notes: list[str]) -> Any:
    estimator = pipeline.build(plan.signature, plan.algorithm, plan.parameters, seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        estimator.fit(plan.matrix(rows), plan.target.values[rows])
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            sentence = "The fit stopped before it converged; its weights are approximate."
            notes += [] if sentence in notes else [sentence]
    return estimator


def _answers(plan: Plan, estimator: Any, rows: Array) -> Scored:
    return Scorer(plan.signature, estimator).score_frame(plan.frame.iloc[rows])


def _packed(
    plan: Plan,
    choices: Choices,
    crossed: _Crossed,
    estimator: Any,
    by: str,
    started: float,
    notes: list[str],
) -> NewVersion:
    heldout = plan.split.heldout
    scored = _answers(plan, estimator, heldout)
    row_ids = plan.frame.index.to_numpy()[heldout]
    evaluation = evaluate(plan.signature, plan.target, heldout, scored, row_ids)
    evaluation["importance"] = importance(
        plan.signature, estimator, plan.matrix(heldout), plan.target.values[heldout], choices.seed
    )
    evaluation["notes"] = notes
    files = {
        artefacts.ESTIMATOR: artefacts.pack(estimator),
        artefacts.REFERENCE: tables.reference(plan, crossed.scored, choices.seed),
        artefacts.HELDOUT: tables.heldout(plan, scored),
    }
    metrics: dict[str, Any] = dict(metrics_of(plan.signature, plan.target, heldout, scored))
    return NewVersion(
        model=choices.model,
        algorithm=plan.algorithm.name,
        task=plan.signature.task,
        target=plan.signature.target,
        parameters=dict(plan.parameters),
        metrics=metrics | {"cv": summary(crossed.metrics)},
        evaluation=evaluation,
        signature=as_json(plan.signature.to_json()),
        data=_data(plan, choices, len(crossed.metrics)),
        environment=environment(),
        trained_seconds=time.perf_counter() - started,
        note=choices.note,
        created_by=by,
        files=files,
    )


def _data(plan: Plan, choices: Choices, n_folds: int) -> dict[str, Any]:
    """Which rows and columns made the version, so that it can be made again."""
    dataset = plan.dataset
    return {
        "name": dataset.name,
        "spec": choices.data,
        "title": dataset.title,
        "source": dataset.source,
        "fingerprint": dataset.fingerprint,
        "rows": dataset.rows,
        "columns": len(dataset.columns),
        "rows_without_truth": int((~plan.target.known).sum()),
        "until": choices.until,
        "time": dataset.time,
        "left_out": plan.left_out,
        "split": {
            "method": plan.split.method,
            "reason": plan.split.reason,
            "test_share": choices.test_share,
            "seed": choices.seed,
            "folds": n_folds,
            "training_rows": len(plan.split.training),
            "heldout_rows": len(plan.split.heldout),
        },
    }
