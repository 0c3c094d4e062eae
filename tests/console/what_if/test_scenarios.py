"""A row is kept with the answer that it must get, and a version gives it or does not."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.scenarios import Scenario
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.what_if.scenarios import judge, keep, said
from tests.conftest import Problem

Register = Callable[..., Version]


def row_of(problem: Problem, place: int) -> dict[str, Any]:
    return {str(name): value for name, value in problem.frame.iloc[place].items()}


def kept(
    database: Database, problem: Problem, expected: Mapping[str, Any], **more: Any
) -> Scenario:
    given = {"name": "a flower", "features": row_of(problem, 0)} | more
    return keep(
        database,
        problem.signature,
        problem.name,
        given["name"],
        given["features"],
        expected,
        actor="ada",
    )


def test_a_version_that_gives_the_label_passes_and_one_that_does_not_fails(
    database: Database, store: Store, registered: Register, problems: dict[str, Problem]
) -> None:
    version, problem = registered("iris"), problems["iris"]
    both = [
        kept(database, problem, {"label": "setosa"}, name="right"),
        kept(database, problem, {"label": "virginica"}, name="wrong"),
    ]
    first, second = judge(artefacts.load(database, version, store), both)
    assert (first.passed, first.answer) == (True, "`setosa`")
    assert first.message == "`right` is answered `setosa`, which is `setosa`."
    assert not second.passed
    assert second.message == "`wrong` is answered `setosa`, which is not `virginica`."


def test_a_regression_answers_within_a_range_that_may_be_open(
    database: Database, store: Store, registered: Register, problems: dict[str, Problem]
) -> None:
    version, problem = registered("diabetes"), problems["diabetes"]
    scorer = artefacts.load(database, version, store)
    values = scorer.score_frame(problem.frame.iloc[:1]).values
    assert values is not None
    value = float(values[0])
    ranges: list[tuple[dict[str, float | None], bool, str]] = [
        ({"low": value - 1, "high": value + 1}, True, f"from {value - 1:g} to {value + 1:g}"),
        ({"low": value + 1, "high": None}, False, f"at least {value + 1:g}"),
        ({"high": value + 1}, True, f"at most {value + 1:g}"),
        ({"high": value - 1}, False, f"at most {value - 1:g}"),
    ]
    for place, (expected, passed, words) in enumerate(ranges):
        one = kept(database, problem, expected, name=f"{place}")
        (found,) = judge(scorer, [one])
        assert found.passed is passed
        assert said(one.expected) == words


def test_a_row_that_a_version_refuses_does_not_pass(
    database: Database, store: Store, registered: Register, problems: dict[str, Problem]
) -> None:
    version, problem = registered("iris"), problems["iris"]
    narrow = Signature.from_json(
        problem.signature.to_json() | {"features": problem.signature.to_json()["features"][:2]}
    )
    features = dict(list(row_of(problem, 0).items())[:2])
    one = keep(database, narrow, "iris", "short", features, {"label": "setosa"}, actor="ada")
    (found,) = judge(artefacts.load(database, version, store), [one])
    assert (found.passed, found.answer) == (False, "")
    assert found.message.startswith("`short` is refused: Feature `petal length (cm)` is missing")


@pytest.mark.parametrize(
    ("name", "expected", "more", "sentence"),
    [
        ("iris", {"label": "rose"}, {}, "The expected label is `'rose'`; expected one of `setosa`"),
        ("iris", {"low": 1.0}, {}, "A scenario of this model expects a label: one of `setosa`"),
        ("diabetes", {"label": "x"}, {}, "A scenario of a regression expects a range: give `low`"),
        ("diabetes", {}, {}, "A scenario of a regression expects a range: give `low`"),
        ("diabetes", {"low": 2.0, "high": 1.0}, {}, "The range from 2 to 1 ends before it begins."),
        ("diabetes", {"low": float("nan")}, {}, "`low` is `nan`; expected a finite number"),
        ("diabetes", {"low": True}, {}, "`low` is `true`; expected a finite number"),
        ("iris", {"label": "setosa"}, {"name": " "}, "` ` cannot be a scenario's name;"),
        ("iris", {"label": "setosa"}, {"name": "a\nb"}, "`a\nb` cannot be a scenario's name;"),
        ("iris", {"label": "setosa"}, {"name": "x" * 101}, f"`{'x' * 101}` cannot be a scenario's"),
        ("iris", {"label": "setosa"}, {"features": {}}, "Feature `sepal length (cm)` is missing"),
    ],
)
def test_what_cannot_be_kept_is_said(
    database: Database,
    registered: Register,
    problems: dict[str, Problem],
    name: str,
    expected: dict[str, Any],
    more: dict[str, Any],
    sentence: str,
) -> None:
    registered(name)
    with pytest.raises(Unusable) as refused:
        kept(database, problems[name], expected, **more)
    assert refused.value.detail.startswith(sentence)


def test_a_label_is_kept_as_the_targets_own_value(
    database: Database, registered: Register, problems: dict[str, Problem]
) -> None:
    registered("iris")
    made = problems["iris"].signature.to_json()
    numbers = Signature.from_json(made | {"labels": [0, 1, 2], "positive": None})
    features = row_of(problems["iris"], 0)
    one = keep(database, numbers, "iris", "one", features, {"label": "1"}, actor="ada")
    assert one.expected == {"label": 1}
