"""Evidently itself: its presets on two tables, whatever becomes of them.

The only module that imports evidently, and only inside functions: the import takes 2 to 4 seconds
and 180 MB.
"""

import os
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from console.drift.evidently.quality import Quality
from console.drift.evidently.tables import Tables


@dataclass(frozen=True)
class Sides:
    """Two tables, and what the columns are to Evidently: keywords of its `DataDefinition`."""

    reference: Any
    current: Any
    definition: dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What came of a preset.

    Attributes:
        html: Evidently's page.
        metrics: its figures, as its `Snapshot.dict` has them.
        sides: the rows that went in.
        dropped: the columns that Evidently could not take, each with a sentence.
    """

    html: str
    metrics: list[dict[str, Any]]
    sides: Sides
    dropped: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """An exception inside Evidently: as a sentence, and with where it came from."""

    sentence: str
    trace: str


def of_columns(preset: str, whole: Tables) -> Made | Fault:
    """A preset of many columns, without those that it fails at: one such must not cost the rest."""
    made = evaluate(preset, _sides(whole))
    if isinstance(made, Made):
        return made
    alone = {name: evaluate(preset, _sides(whole.only([name]))) for name in whole.names}
    faults = {name: each.sentence for name, each in alone.items() if isinstance(each, Fault)}
    rest = [name for name in whole.names if name not in faults]
    again = evaluate(preset, _sides(whole.only(rest))) if faults and rest else made
    if isinstance(again, Fault):
        return again
    return Made(again.html, again.metrics, again.sides, faults)


def evaluate(preset: str, sides: Sides) -> Made | Fault:
    """Run a preset of Evidently's on two tables, whatever becomes of it.

    Args:
        preset: its name in `evidently.presets`.
        sides: the tables; the texts in them must be harmless (see `evidently_tables`).
    """
    _untracked()
    from evidently import DataDefinition, Dataset, Report, presets

    try:
        definition = DataDefinition(**sides.definition)
        reference, current = (
            Dataset.from_pandas(side, data_definition=definition)
            for side in (sides.reference, sides.current)
        )
        with _undefined_metrics_unsaid():
            snapshot = Report([getattr(presets, preset)()]).run(current, reference)
            page = snapshot.get_html_str(as_iframe=False)
        return Made(page, snapshot.dict()["metrics"], sides)
    except MemoryError:
        raise  # not this table's fault; the job's boundary says what to do
    # Evidently documents no exceptions: tables that it cannot take end in a KeyError, an IndexError
    # or a ValueError of numpy's. The other reports do not depend on this one.
    except Exception as error:  # noqa: BLE001
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200].replace("`", "´")
        return Fault(f"Evidently failed at it (`{what}`).", traceback.format_exc())


def of_quality(judged: Quality) -> Made | Fault:
    """The preset of a task, on truth and answers."""
    _untracked()
    from evidently import BinaryClassification, MulticlassClassification, Regression

    both = {"target": judged.truth, "prediction_labels": judged.answer}
    names = [judged.truth, judged.answer]
    definition: dict[str, Any] = {"categorical_columns": names}
    if judged.task == "regression":
        task = Regression(target=judged.truth, prediction=judged.answer)
        definition = {"numerical_columns": names, "regression": [task]}
    elif judged.task == "binary":
        task = BinaryClassification(
            prediction_probas=judged.score, pos_label=judged.positive, **both
        )
        definition |= {"numerical_columns": [judged.score], "classification": [task]}
    else:
        definition |= {"classification": [MulticlassClassification(**both)]}
    preset = "RegressionPreset" if judged.task == "regression" else "ClassificationPreset"
    return evaluate(preset, Sides(judged.reference, judged.current, definition))


def drifted(made: Made) -> list[str]:
    """The columns that Evidently calls drifted by its default tests."""
    return [
        metric["config"]["column"]
        for metric in made.metrics
        if metric["config"]["type"].endswith(":ValueDrift") and _is_drifted(metric)
    ]


@contextmanager
def _undefined_metrics_unsaid() -> Iterator[None]:
    """Precision of a label that nobody was given is none: its page says 0, and stderr nothing."""
    from sklearn.exceptions import UndefinedMetricWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        yield


def _untracked() -> None:
    """No usage statistics leave this machine; Evidently reads this as it is imported."""
    os.environ["DO_NOT_TRACK"] = os.environ["ITERATIVE_DO_NOT_TRACK"] = "1"


def _is_drifted(metric: dict[str, Any]) -> bool:
    """Evidently's default tests give p-values up to 1,000 reference rows, distances above."""
    value, threshold = float(metric["value"]), float(metric["config"]["threshold"])
    by_p_value = "p_value" in metric["config"]["method"]
    return value < threshold if by_p_value else value >= threshold


def _sides(whole: Tables) -> Sides:
    columns = {"numerical_columns": whole.numeric, "categorical_columns": whole.categorical}
    return Sides(whole.reference, whole.current, columns)
