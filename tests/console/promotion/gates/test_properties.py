"""What holds of every gate: none passes on the wrong side, none passes by being made stricter."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.errors import Unusable
from console.promotion.gates import Gate, Status, blocked
from console.promotion.gates.found import Check, Found, NotApplicable, settle
from console.promotion.gates.rules import Tolerance
from tests.console.promotion.gates.made import World

FIGURES = st.floats(allow_nan=True, allow_infinity=True)
LIMITS = st.floats(allow_nan=True, allow_infinity=False)
STATUSES: tuple[Status, ...] = ("pass", "fail", "not_applicable")


def gate(figure: float, limit: float, at_most: bool) -> Gate:
    return settle(Check("g", "a gate", lambda: Found(figure, limit, at_most, "a sentence", 5)))


@given(FIGURES, LIMITS, st.booleans())
def test_no_gate_passes_when_its_figure_is_on_the_wrong_side(
    figure: float, limit: float, at_most: bool
) -> None:
    found = gate(figure, limit, at_most)
    if not math.isfinite(figure) or math.isnan(limit):
        assert found.status == "fail"
        return
    beyond = Fraction(figure) - Fraction(limit)
    right = beyond <= 0 if at_most else beyond >= 0
    assert found.status == ("pass" if right else "fail")


@given(FIGURES, LIMITS, LIMITS, st.booleans())
def test_a_tighter_limit_never_turns_fail_into_pass(
    figure: float, one: float, other: float, at_most: bool
) -> None:
    assume(not math.isnan(one) and not math.isnan(other))  # no limit, and not comparable
    loose, tight = (max(one, other), min(one, other)) if at_most else sorted((one, other))
    if gate(figure, loose, at_most).status == "fail":
        assert gate(figure, tight, at_most).status == "fail"


@given(
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.floats(-1e6, 1e6),
    st.booleans(),
)
def test_a_smaller_tolerance_allows_no_more(
    one: float, other: float, champions: float, relative: bool
) -> None:
    small, great = sorted((one, other))
    assert 0 <= Tolerance(small, relative).of(champions) <= Tolerance(great, relative).of(champions)


GATES = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(STATUSES)), unique_by=lambda one: one[0]
)


@given(GATES, st.sets(st.sampled_from("abcdefgh")))
def test_what_blocks_is_what_fails_and_is_not_waived(
    drawn: list[tuple[str, Status]], waived: set[str]
) -> None:
    gates = [Gate(name, name, status, None, None, "", None) for name, status in drawn]
    found = blocked(gates, waived)
    failing = {name for name, status in drawn if status == "fail"}
    assert {one.name for one in found} == failing - waived
    assert [one for one in gates if one in found] == list(found)  # in their order
    assert blocked(gates, waived | {"z"}) == found  # a waiver of another gate changes nothing
    assert set(blocked(gates)) >= set(found)  # waivers only ever let through


def test_what_cannot_be_judged_fails_and_what_does_not_apply_is_shown() -> None:
    def refuse() -> Found:
        raise Unusable("It cannot be told.")

    found = settle(Check("g", "a gate", refuse))
    assert (found.status, found.message, found.figure) == ("fail", "It cannot be told.", None)
    found = settle(Check("g", "a gate", lambda: NotApplicable("Nothing to check.", 0)))
    assert (found.status, found.message) == ("not_applicable", "Nothing to check.")
    assert blocked([found]) == ()


def test_a_fault_of_our_own_is_no_verdict() -> None:
    def stumble() -> Found:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        settle(Check("g", "a gate", stumble))


RULES: dict[str, tuple[str, list[float], bool]] = {
    "floors.roc_auc": ("[floors]\nroc_auc = {}", [0, 0.5, 0.8, 0.85, 0.9, 0.95, 1], False),
    "floors.brier": ("[floors]\nbrier = {}", [0, 0.1, 0.14, 0.15, 0.2, 1], True),
    "no_worse.accuracy": (
        *("[no_worse]\naccuracy = {}", [0, 0.001, 0.01, 0.03, 0.2]),
        True,
    ),
    "no_worse.log_loss": ('[no_worse]\nlog_loss = "{} %"', [0, 0.1, 1, 5, 50], True),
    "segments.region.floors.accuracy": (
        *("[segments.region.floors]\naccuracy = {}", [0, 0.7, 0.75, 0.8, 0.85, 1]),
        False,
    ),
    "segments.region.no_worse.accuracy": (
        *("[segments.region.no_worse]\naccuracy = {}", [0, 0.01, 0.02, 0.05, 0.5]),
        True,
    ),
    "minimum_rows": ("[minimum_rows]\nheldout = {}", [1, 639, 640, 641, 10_000], False),
    "calibration": ("[calibration]\nece = {}", [0, 0.01, 0.03, 0.05, 0.1, 1], True),
    "fairness.region.error": ("[fairness.region]\nerror = {}", [0, 0.05, 0.1, 1], True),
    "agreement": ("[agreement]\nshare = {}", [0, 0.9, 0.95, 0.98, 1], False),
    "training_drift": ("[training_drift]\ndrifted = {}", [0, 1, 3], True),
    "artefact.reproduced": ("[artefact]\nreproduced = {}", [0, 0.5, 1], False),
    "signature": ("[signature]\naccepted = {}\nrows = 50", [0, 0.5, 1], False),
}


@pytest.mark.parametrize("name", RULES)
def test_on_real_versions_each_stricter_rule_passes_no_more(world: World, name: str) -> None:
    text, limits, at_most = RULES[name]
    found = [world.judged(text.format(limit), number=2)[name] for limit in limits]
    strict_last = found[::-1] if at_most else found
    passed = [one.status == "pass" for one in strict_last]
    assert passed == sorted(passed, reverse=True)
    for one in found:
        assert one.status != "not_applicable"
        assert one.figure is not None
        assert one.limit is not None
        right = one.figure <= one.limit if at_most else one.figure >= one.limit
        assert (one.status == "pass") == right
    assert len({one.figure for one in found}) == 1  # what is measured is not what is asked
