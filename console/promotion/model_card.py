"""A model card: what a version is for, on which data, how good, and within which limits.

Generated from what is recorded and measured; no sentence of it is anybody's invention but the note
of who registered the version.

Source: Mitchell et al. (2019), "Model Cards for Model Reporting", FAT*, section 4.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.features import Feature, listed
from backend.versions.signature import Signature
from console.comparison import answers
from console.comparison.chosen import MOST_ROWS, TRUTH
from console.comparison.metrics import Floats, resamples
from console.comparison.titles import LOWER_IS_BETTER, TITLES
from console.promotion.gates import Gate

FEW_ROWS = 500
"""Below so many held-out rows the card says that intervals are wide."""
MOST_LISTED = 8


def card(
    database: Database, version: Version, store: Store, gates: Sequence[Gate] = ()
) -> dict[str, Any]:
    """The card.

    `purpose` (a sentence), `note`, `task`, `target`, `labels`, `positive`, `inputs` (each
    `name`, `title`, `kind`, `low`, `high`, `categories`, `nullable`), `training`, `evaluation`
    (sentences on the rows), `metrics` (each `metric`, `title`, `value`, `low`, `high`,
    `lower_is_better`, `n`; the 95 % interval of a bootstrap of the held-out rows; null where it
    is undefined), `cross_validation` (metric to mean and sd) and `limits` (sentences).

    Args:
        gates: as they were judged: what was not judged is a limit.

    Raises:
        ArtefactDamaged: the version's files are missing or altered.
    """
    signature = Signature.from_json(version.signature)
    heldout = artefacts.table(database, version, artefacts.HELDOUT, store)
    rows = len(heldout)
    if rows > MOST_ROWS:
        heldout = heldout.sample(MOST_ROWS, random_state=0).reset_index(drop=True)
    crossed = version.metrics.get("cv") or {}
    return {
        "purpose": purpose(version.model, signature),
        "note": version.note,
        "task": signature.task,
        "target": signature.target,
        "labels": list(signature.labels),
        "positive": signature.positive,
        "inputs": [_input(feature) for feature in signature.features],
        "training": _training(version),
        "evaluation": f"{rows:,} rows that were held out of training.",
        "metrics": _metrics(database, version, store, heldout),
        "cross_validation": dict(crossed),
        "limits": limits(version, signature, rows, gates),
    }


def purpose(model: str, signature: Signature) -> str:
    """What a version answers, as a sentence."""
    n = len(signature.features)
    given = f"Given {n} value{'' if n == 1 else 's'} of a request for `{model}`, it answers"
    if signature.task == "regression":
        return f"{given} a value for `{signature.target}`."
    labels = listed([str(label) for label in signature.labels], MOST_LISTED)
    answer = f"{given} one of {len(signature.labels)} labels for `{signature.target}`: {labels}"
    if signature.task == "binary":
        return f"{answer}; its score is the probability of `{signature.positive}`."
    return f"{answer}; its score is the probability of the label that it answers."


def limits(
    version: Version, signature: Signature, rows: int, gates: Sequence[Gate] = ()
) -> list[str]:
    """What a reader must not expect of a version, each from a recorded fact."""
    found = []
    if rows < FEW_ROWS:
        found.append(
            f"It was judged on {rows:,} held-out rows, so the intervals of its metrics are wide."
        )
    until = version.data.get("until")
    if until:
        found.append(f"It knows nothing of what came after {until}, where its data end.")
    found += _of_inputs(signature)
    found += [str(note) for note in version.evaluation.get("notes", [])]
    silent = [gate.title for gate in gates if gate.status == "not_applicable"]
    if silent:
        found.append(f"Not judged by any gate: {'; '.join(silent)}.")
    found.append(
        "Its figures say nothing of people or cases that neither its data nor its traffic hold."
    )
    return found


def _of_inputs(signature: Signature) -> list[str]:
    numeric = [feature for feature in signature.features if feature.is_numeric]
    others = [feature for feature in signature.features if not feature.is_numeric]
    required = [feature.name for feature in signature.features if not feature.nullable]
    found = []
    if numeric:
        found.append(
            f"Numbers outside of what training saw are answered like others ({len(numeric)} inputs"
            " are numbers; their ranges are listed)."
        )
    if others:
        how = "answered" if signature.serves_unseen else "refused"
        found.append(f"A category that training did not see is {how}.")
    if required:
        n, of = len(required), len(signature.features)
        found.append(f"A request that lacks one of {n} of the {of} inputs is refused.")
    return found


def _input(feature: Feature) -> dict[str, Any]:
    return {
        "name": feature.name,
        "title": feature.title,
        "kind": feature.kind,
        "low": feature.minimum,
        "high": feature.maximum,
        "categories": list(feature.categories[:MOST_LISTED]),
        "n_categories": len(feature.categories),
        "nullable": feature.nullable,
    }


def _training(version: Version) -> str:
    data = version.data
    rows = data.get("rows")
    split = data.get("split") or {}
    n = f"{rows:,} rows" if isinstance(rows, int) else "Rows"
    parts = [f"{n} of `{data.get('name', 'data of no recorded name')}`"]
    if split.get("heldout_rows"):
        how = f" (split: {split['method']})" if split.get("method") else ""
        parts.append(f"{split['heldout_rows']:,} of them held out{how}")
    return f"{', '.join(parts)}."


def _metrics(
    database: Database, version: Version, store: Store, heldout: Any
) -> list[dict[str, Any]]:
    """Each metric on the held-out rows with its percentile bootstrap interval.

    Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    if not len(heldout):
        return []
    scorer = artefacts.load(database, version, store)
    signature, truth = scorer.signature, heldout[TRUTH]
    labels = answers.all_labels([signature], truth)
    judged = answers.judges(signature, truth, answers.answer(scorer, heldout, labels))
    drawn: dict[str, list[Floats]] = {name: [] for name in judged}
    for weights in resamples(len(heldout), 0):
        for name, metric in judged.items():
            drawn[name].append(metric(weights))
    once = np.ones((1, len(heldout)))
    return [
        {
            "metric": name,
            "title": TITLES[name],
            "value": float(metric(once)[0]),
            **_interval(np.concatenate(drawn[name])),
            "lower_is_better": name in LOWER_IS_BETTER,
            "n": len(heldout),
        }
        for name, metric in judged.items()
    ]


def _interval(drawn: Floats) -> dict[str, float | None]:
    defined = drawn[np.isfinite(drawn)]
    if not len(defined):
        return {"low": None, "high": None}
    low, high = np.quantile(defined, [0.025, 0.975])
    return {"low": float(low), "high": float(high)}
