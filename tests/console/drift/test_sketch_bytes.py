"""Cells and vectors come back from bytes as they were, or a sentence says why not."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from backend.errors import ArtefactDamaged
from backend.versions.features import Feature, feature_of
from console.drift.sketches import decode, encode, freeze, from_bytes, to_bytes

RANDOM = np.random.default_rng(2)
REFERENCE = pd.DataFrame(
    {
        "normal": RANDOM.normal(size=3_000),
        "text": RANDOM.choice(["a", "é", 'quo"te\n'], 3_000),
        "constant": np.full(3_000, 0.1),
    }
)
FEATURES = [feature_of(REFERENCE[name]) for name in REFERENCE] + [Feature("empty", "number")]
CELLS = freeze(FEATURES, REFERENCE)


def test_cells_come_back_as_they_were() -> None:
    again = from_bytes(to_bytes(CELLS), FEATURES)
    for found, cells in zip(again, CELLS, strict=True):
        assert found.feature == cells.feature
        assert found.categories == cells.categories
        assert_array_equal(found.edges, cells.edges)
        assert_array_equal(found.deciles, cells.deciles)
        assert_array_equal(
            [found.deviation, found.median, found.size], [cells.deviation, cells.median, cells.size]
        )


def test_cells_are_given_in_the_order_of_the_features_asked_for() -> None:
    asked = [FEATURES[2], FEATURES[0]]
    assert [cells.feature for cells in from_bytes(to_bytes(CELLS), asked)] == asked


@pytest.mark.parametrize("feature", [Feature("other", "number"), Feature("normal", "category")])
def test_says_which_column_the_cells_lack(feature: Feature) -> None:
    with pytest.raises(ArtefactDamaged) as caught:
        from_bytes(to_bytes(CELLS), [feature])
    assert caught.value.detail == (
        f"The cells of the summaries lack the column `{feature.name}`, or have it as another"
        " kind. Rebuild the summaries of this version."
    )


def test_refuses_cells_of_another_format() -> None:
    head, _, body = to_bytes(CELLS).partition(b"\n")
    data = json.dumps(json.loads(head) | {"format": 2}).encode() + b"\n" + body
    with pytest.raises(ArtefactDamaged) as caught:
        from_bytes(data, FEATURES)
    assert caught.value.detail == (
        "The cells of the summaries are of format 2; this release reads format 1."
        " Rebuild the summaries of this version."
    )


def test_refuses_cells_that_were_cut_off() -> None:
    with pytest.raises(ArtefactDamaged, match="numbers where"):
        from_bytes(to_bytes(CELLS)[:-80], FEATURES)
    with pytest.raises(ArtefactDamaged, match="do not begin with their description"):
        from_bytes(b"", FEATURES)


numbers = st.one_of(
    st.just(0.0),
    st.integers(0, 2**40).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(numbers, max_size=60))
def test_vectors_come_back_to_the_digit(values: list[float]) -> None:
    vector = np.array(values, dtype=np.float64)
    again = decode(encode(vector), len(vector))
    assert_array_equal(again, vector)
    again += 1.0  # it may be added to


@pytest.mark.parametrize("greatest", [0, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32])
@pytest.mark.parametrize("held", [1, 400])
def test_vectors_of_any_greatest_count_come_back(greatest: int, held: int) -> None:
    vector = np.zeros(800)
    vector[:held] = greatest
    vector[-held:] += 0.25
    assert_array_equal(decode(encode(vector), 800), vector)


def test_an_hour_of_few_rows_takes_few_bytes() -> None:
    cells = CELLS[0]
    assert cells.size > 1_200
    assert len(encode(cells.vector(REFERENCE["normal"][:10]))) < 250
    assert len(encode(cells.vector(REFERENCE["normal"][:0]))) < 20
    assert len(encode(cells.vector(REFERENCE["normal"]))) < 0.63 * 8 * cells.size


@pytest.mark.parametrize("cut", [0, 5, 30, -1])
def test_refuses_a_vector_that_was_cut_off(cut: int) -> None:
    cells = CELLS[0]
    data = encode(cells.vector(REFERENCE["normal"]))[:cut]
    with pytest.raises(ArtefactDamaged) as caught:
        decode(data, cells.size)
    assert caught.value.detail == (
        f"A summary of {len(data):,} bytes cannot be read as a vector of {cells.size:,} figures."
        " Rebuild the summaries of this version."
    )


@pytest.mark.parametrize("rows", [10, 3_000])
def test_refuses_a_vector_of_other_cells(rows: int) -> None:
    data = encode(CELLS[0].vector(REFERENCE["normal"][:rows]))
    with pytest.raises(ArtefactDamaged, match="cannot be read as a vector of 6 figures"):
        decode(data, 6)
