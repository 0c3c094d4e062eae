"""Stored rows as another version's: column by column, as `Signature.read` has it row by row."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.records.columns import Layout
from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.rescoring.reading import SPOILT, Reading

KINDS = ("number", "integer", "boolean", "category")
VALUES: dict[str, list[Any]] = {
    "number": [0.5, -1.25, 3.0, 7.5, 1e17, None],
    "integer": [0, 4, -12, 9_007_199_254_740_992, None],
    "boolean": [True, False, None],
    "category": ["red", "green", 'with "quotes", and commas', "null", "é\n", "", None],
}


def signature(kinds: dict[str, str], *, serves_unseen: bool, nullable: bool) -> Signature:
    features = tuple(
        Feature(name, kind, nullable, ("red", "green") if kind == "category" else ())  # type: ignore[arg-type]  # one of four
        for name, kind in kinds.items()
    )
    return Signature(features, "target", "regression", serves_unseen=serves_unseen)


def drawn(stored: dict[str, str], rows: int = 400) -> list[dict[str, Any]]:
    random = np.random.default_rng(3)
    return [
        {name: VALUES[kind][random.integers(len(VALUES[kind]))] for name, kind in stored.items()}
        for _ in range(rows)
    ]


def read_one_by_one(own: Signature, rows: list[dict[str, Any]]) -> dict[int, list[Any]]:
    """What a request by name with these values would be read as; refused ones are not in it."""
    found = {}
    for place, row in enumerate(rows):
        taken = {f.name: row.get(f.name) for f in own.features}
        try:
            found[place] = own.read(taken)
        except Unusable:
            continue
    return found


@pytest.mark.parametrize("serves_unseen", [True, False])
@pytest.mark.parametrize("nullable", [True, False])
@pytest.mark.parametrize(
    "kinds",
    [
        {"d": "category", "b": "integer", "c": "boolean", "a": "number"},
        {"a": "integer", "b": "number"},
        {"c": "category", "d": "boolean", "a": "number"},
    ],
)
def test_reads_and_refuses_what_a_request_by_name_would(
    kinds: dict[str, str], nullable: bool, serves_unseen: bool
) -> None:
    stored = dict(zip("abcd", KINDS, strict=True))
    added = {"new": "number"} if nullable else {}
    own = signature(kinds | added, serves_unseen=serves_unseen, nullable=nullable)
    rows = drawn(stored)
    texts = [msgspec.json.encode(list(row.values())).decode() for row in rows]
    found = Reading(own, Layout(tuple(stored), KINDS)).rows(texts)
    expected = read_one_by_one(own, rows)
    assert expected or not nullable  # so that something is read in half of the cases
    assert found.places.tolist() == list(expected)
    assert sum(found.skipped.values()) == len(rows) - len(expected)
    for place, feature in enumerate(own.features):
        was = [row[place] for row in expected.values()]
        read = found.frame[feature.name].tolist()
        pd.testing.assert_series_equal(pd.Series(read, dtype=object), pd.Series(was, dtype=object))


def test_a_kind_that_has_become_another_is_a_reason() -> None:
    layout = Layout(("a", "b"), ("category", "number"))
    own = signature({"a": "number", "b": "integer"}, serves_unseen=True, nullable=False)
    found = Reading(own, layout).rows(['["red",1.0]', '["red",1.5]', "[null,2.0]"])
    assert (found.places.tolist(), len(found.frame)) == ([], 0)
    assert found.skipped == {
        "`a` is missing; expected a finite number.": 1,
        "`a` was logged as a category; expected a finite number.": 2,
    }
    whole = Reading(replace(own, features=own.features[1:]), layout)
    found = whole.rows(['["red",1.0]', '["red",1.5]', "[null,2.0]"])
    assert found.skipped == {"`b` is not whole; expected a whole number.": 1}
    assert found.frame["b"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("kinds", [("number", "number"), ("category", "number")])
@pytest.mark.parametrize("spoilt", ["[]", "", "[1.0]", "[1,2,3]", '[[1],"a"]', "{", '["a","b"]'])
def test_a_row_that_is_not_of_its_version_is_skipped_alone(
    spoilt: str, kinds: tuple[str, str]
) -> None:
    own = signature({"b": "number"}, serves_unseen=True, nullable=False)
    fine = ['["red",1.5]', '["red",2.5]'] if kinds[0] == "category" else ["[1,1.5]", "[1,2.5]"]
    reading = Reading(own, Layout(("a", "b"), kinds))
    found = reading.rows([fine[0], spoilt, fine[1]])
    assert found.skipped == {SPOILT: 1}
    assert found.places.tolist() == [0, 2]
    assert found.frame["b"].tolist() == [1.5, 2.5]
    assert reading.rows([spoilt]).skipped == {SPOILT: 1}
