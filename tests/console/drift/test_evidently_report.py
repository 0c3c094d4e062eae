"""Evidently itself on tables that a caller made hostile, or that it cannot take."""

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.exceptions import UndefinedMetricWarning

from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.drift.evidently import report as evidently_report
from console.drift.evidently.quality import Quality, quality
from console.drift.evidently.report import Fault, Made
from console.drift.evidently.tables import tables

# evidently's own imports warn of numpy's and litestar's deprecations
pytestmark = pytest.mark.filterwarnings("ignore")

HOSTILE = "</script><script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(2)>"
LINK = "javascript:alert(3)"
PRESETS = ["DataDriftPreset", "DataSummaryPreset"]

FEATURES = [
    Feature("size", "number"),
    Feature("shop", "category"),
    Feature(IMAGE, "number"),
    Feature(LINK, "category"),
    Feature("target", "number"),
    Feature("prediction", "category"),
    Feature("__proto__", "number"),
    Feature("flag", "boolean", categories=("True", "False")),
    Feature("empty", "number"),
    Feature("constant", "number"),
]


def hostile(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": random.normal(size=n),
            "shop": random.choice(["north", "south", HOSTILE, f"new {seed}"], n),
            IMAGE: random.normal(size=n),
            LINK: random.choice([LINK, "![x](http://evil.example/x.png)"], n),
            "target": random.normal(size=n),
            "prediction": random.choice(["a", "b"], n),
            "__proto__": random.normal(size=n),
            "flag": random.random(n) < 0.5,
            "empty": np.nan,
            "constant": 4.0,
        }
    )


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    """Both presets of columns on a hostile table; `size` has moved."""
    current = hostile(300, 1)
    current["size"] += 1
    whole = tables(hostile(500, 0), current, FEATURES)
    found = {}
    for preset in PRESETS:
        kept = set(whole.names) - (set(whole.empty) if preset == PRESETS[0] else set())
        each = evidently_report.of_columns(preset, whole.only(kept))
        assert isinstance(each, Made), each
        found[preset] = each
    return found


def judged(kind: str) -> Quality:
    """Truth and answers of 200 rows on each side; the answers are right three times in four."""
    random = np.random.default_rng(5)
    if kind == "regression":
        signature = Signature((), IMAGE, "regression")
        truth = random.normal(100, 20, 400)
        rows = pd.DataFrame({"__truth__": truth, "__value__": truth + random.normal(0, 5, 400)})
        return quality(signature, rows.head(200), rows.tail(200))
    labels = (HOSTILE, "good") if kind == "binary" else (HOSTILE, LINK, IMAGE)
    signature = Signature((), IMAGE, kind, labels=labels, positive=HOSTILE)  # type: ignore[arg-type]  # one of the tasks
    codes = random.integers(len(labels), size=400)
    right = random.random(400) < 0.75
    answers = np.where(right, codes, (codes + 1) % len(labels))
    rows = pd.DataFrame(
        {
            "__truth__": [labels[i] for i in codes],
            "__label__": [labels[i] for i in answers],
            "__score__": np.where(answers == 0, 0.5, 0.0) + random.random(400) * 0.49,
        }
    )
    return quality(signature, rows.head(200), rows.tail(200))


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression"])
def answers(request: pytest.FixtureRequest) -> tuple[Quality, Made]:
    """The preset of quality for a task whose target and labels are hostile."""
    rows = judged(request.param)
    found = evidently_report.of_quality(rows)
    assert isinstance(found, Made), found
    return rows, found


def asks_nobody(page: str) -> None:
    elements = (
        r"""<(?:script|link|img|iframe|source|video|audio)[^>]*(?:src|href)\s*=\s*["']?https?:"""
    )
    assert not re.search(elements, page)
    assert not re.search(r"""url\(\s*["']?https?:""", page)
    assert not re.search(r"""@import\s+(?:url|["'])""", page)


def is_harmless(page: str) -> None:
    """The script that holds the data ends where the page ends it, and begins no element."""
    head = page.partition("</head>")[0]
    assert head.count("<script") == head.count("</script") == 1
    assert head.index("additional_graphs_") < head.index("</script")
    assert HOSTILE not in page
    assert "<script>alert" not in page
    assert IMAGE not in page
    assert not re.search(r"""(?:href|src)\s*=\s*\\?["']javascript:alert""", page)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_callers_value_cannot_end_a_script(made: dict[str, Made], preset: str) -> None:
    is_harmless(made[preset].html)
    asks_nobody(made[preset].html)
    assert "alert(2)" in made[preset].html


def test_a_label_cannot_end_a_script(answers: tuple[Quality, Made]) -> None:
    is_harmless(answers[1].html)
    asks_nobody(answers[1].html)
    assert "alert(" in answers[1].html


def test_the_columns_that_evidently_calls_drifted_are_told(made: dict[str, Made]) -> None:
    drifted = evidently_report.drifted(made["DataDriftPreset"])
    assert "size" in drifted
    assert not {"flag", "constant", "target", "__proto__"} & set(drifted)


def test_an_empty_and_a_constant_column_are_summarised(made: dict[str, Made]) -> None:
    assert made["DataSummaryPreset"].dropped == {}
    assert "empty" in made["DataSummaryPreset"].sides.reference
    assert "constant" in made["DataDriftPreset"].sides.reference


def value(made: Made, kind: str) -> float:
    """A figure of Evidently's for the window."""
    [found] = [
        metric["value"] for metric in made.metrics if metric["config"]["type"].endswith(f":{kind}")
    ]
    return float(found["mean"] if isinstance(found, dict) else found)


def test_evidently_judges_the_very_rows_that_it_was_given(answers: tuple[Quality, Made]) -> None:
    """Truth and answer are not swapped, the positive label is ours, no row is lost."""
    rows, found = answers
    truth, answer = rows.current[rows.truth], rows.current[rows.answer]
    if rows.task == "regression":
        assert value(found, "RMSE") == pytest.approx(
            metrics.root_mean_squared_error(truth, answer), rel=1e-9
        )
        assert value(found, "R2Score") == pytest.approx(metrics.r2_score(truth, answer), rel=1e-9)
        return
    assert value(found, "Accuracy") == pytest.approx(metrics.accuracy_score(truth, answer))
    if rows.task == "multiclass":
        expected = metrics.precision_score(truth, answer, average="macro")
    else:
        expected = metrics.precision_score(truth, answer, pos_label=rows.positive)
        scores = rows.current[rows.score]
        area = metrics.roc_auc_score(truth == rows.positive, scores)
        assert value(found, "RocAuc") == pytest.approx(area)
    assert value(found, "Precision") == pytest.approx(expected)


def test_a_column_that_evidently_fails_at_does_not_cost_the_others() -> None:
    """Values some steps of a float apart: numpy finds no room between them for ten bins."""
    random = np.random.default_rng(0)
    close = 1e15 + random.random(200)
    frame = pd.DataFrame({"close": close, "size": random.normal(size=200)})
    whole = tables(frame, frame, [Feature("close", "number"), Feature("size", "number")])
    found = evidently_report.of_columns("DataDriftPreset", whole)
    assert isinstance(found, Made)
    assert found.sides.reference.columns.tolist() == ["size"]
    assert list(found.dropped) == ["close"]
    assert found.dropped["close"].startswith("Evidently failed at it (`ValueError: Too many bins")


def test_what_evidently_fails_at_alone_is_a_sentence_and_a_trace() -> None:
    zeros = pd.DataFrame({"__truth__": np.zeros(40), "__value__": np.arange(40.0)})
    found = evidently_report.of_quality(quality(Signature((), "n", "regression"), zeros, zeros))
    assert isinstance(found, Fault)
    assert found.sentence.startswith("Evidently failed at it (`IndexError: ")
    assert "Traceback" in found.trace


def test_a_label_that_nobody_was_given_is_no_warning_on_stderr() -> None:
    truth = ["a", "b", "c"] * 20
    rows = pd.DataFrame({"__truth__": truth, "__label__": ["a", "b", "b"] * 20})
    signature = Signature((), "n", "multiclass", labels=("a", "b", "c"))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = evidently_report.of_quality(quality(signature, rows, rows))
    assert isinstance(found, Made), found
    assert [one for one in said if one.category is UndefinedMetricWarning] == []


def test_one_column_that_fails_leaves_nothing() -> None:
    close = pd.DataFrame({"close": 1e15 + np.random.default_rng(0).random(200)})
    whole = tables(close, close, [Feature("close", "number")])
    found: Any = evidently_report.of_columns("DataDriftPreset", whole)
    assert isinstance(found, Fault)
