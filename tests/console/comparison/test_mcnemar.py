"""McNemar's exact test against its closed form, and how often it calls equals unlike."""

from math import comb

import numpy as np
import pytest

from console.comparison.mcnemar import McNemar, mcnemar

NAMES = ("version 1", "version 2")


def split(only_a: int, only_b: int, both: int = 50) -> McNemar:
    """The test of a table with so many rows that one alone has right."""
    right_a = np.repeat([True, False, True], [only_a, only_b, both])
    right_b = np.repeat([False, True, True], [only_a, only_b, both])
    return mcnemar(right_a, right_b, NAMES)


@pytest.mark.parametrize(("only_a", "only_b"), [(1, 0), (5, 5), (6, 16), (16, 6), (0, 9), (59, 6)])
def test_p_is_twice_the_tail_of_a_fair_coin(only_a: int, only_b: int) -> None:
    found = split(only_a, only_b)
    n = only_a + only_b
    tail = sum(comb(n, k) for k in range(min(only_a, only_b) + 1)) / 2**n
    assert found.p_value == pytest.approx(min(1.0, 2 * tail))
    assert (found.only_a, found.only_b, found.n) == (only_a, only_b, n + 50)


def test_where_neither_alone_is_right_nothing_speaks_for_one() -> None:
    found = split(0, 0)
    assert found.p_value == 1.0
    assert found.message == "Each row that one has right, the other has right too."


def test_the_sentence_names_the_better_one_where_the_split_is_uneven() -> None:
    assert split(1, 9).message == (
        "Version 1 alone is right in 1 row, version 2 alone in 9: more uneven than chance makes"
        " them, in favour of version 2 (p = 0.021)."
    )
    assert split(30, 2).message.endswith("in favour of version 1 (p < 0.001).")


def test_the_sentence_says_where_chance_would_do() -> None:
    assert split(2, 7).message == (
        "Version 1 alone is right in 2 rows, version 2 alone in 7: no more uneven than chance makes"
        " them (p = 0.18)."
    )


def test_equals_are_seldom_called_unlike_and_the_better_one_is_found() -> None:
    draw = np.random.default_rng(8)
    found = {"equal": 0, "better": 0}
    for name, share in (("equal", 0.05), ("better", 0.02)):
        for _ in range(400):
            # Each row: a alone right, b alone right, or the same.
            drawn = draw.random(1_000)
            only_a, only_b = drawn < share, drawn > 0.95
            p_value = mcnemar(~only_b, ~only_a, NAMES).p_value
            found[name] += p_value <= 0.05
    assert found["equal"] <= 28  # 5 % of 400 and two standard deviations
    assert found["better"] >= 360


def test_the_document_has_the_fields_of_the_test() -> None:
    document = split(6, 16).to_json()
    assert {k: document[k] for k in ("only_a", "only_b", "n")} == {
        "only_a": 6,
        "only_b": 16,
        "n": 72,
    }
    assert set(document) == {"only_a", "only_b", "n", "p_value", "message"}
