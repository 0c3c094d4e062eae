"""Estimates of versions that were really fitted, against the truth that they did not see."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from console.performance.estimated import Estimator
from console.performance.results import METRICS, Estimated
from tests.console.performance.fitted import draw, estimator, made, named, realized


def inside(world: str, n: int, case: str, windows: int = 20) -> dict[str, float]:
    """The shares of windows, of two versions, whose realized metrics lie in their bands."""
    hits: dict[str, list[bool]] = {}
    for seed in range(windows):
        rows = draw(world, n, case, seed, of=seed % 2)
        actual = realized(world, rows)
        for name, figure in named(estimator(world, seed % 2).figures(rows)).items():
            if figure.status == "ok" and name in actual:
                assert figure.low is not None
                assert figure.high is not None
                hits.setdefault(name, []).append(figure.low <= actual[name] <= figure.high)
    assert {len(found) for found in hits.values()} == {windows}
    return {name: float(np.mean(found)) for name, found in hits.items()}


@pytest.mark.parametrize("n", [100, 800])
@pytest.mark.parametrize("world", ["logistic", "linear"])
def test_bands_hold_what_is_realized_under_covariate_shift(world: str, n: int) -> None:
    found = inside(world, n, "other inputs")

    estimated = {"logistic": set(METRICS["binary"]), "linear": set(METRICS["regression"][:2])}
    assert set(found) == {metric.name for metric in estimated[world]}
    assert min(found.values()) >= 0.9


def test_bands_do_not_hold_under_a_changed_relation() -> None:
    """Else those above would be wide enough for anything."""
    assert inside("logistic", 800, "changed relation", windows=10)["accuracy"] < 0.5
    assert inside("linear", 800, "changed relation", windows=10)["mae"] < 0.1


def test_the_shift_moves_the_metric_and_the_estimate_follows() -> None:
    """What the version promised on its own rows is not what it does on other inputs."""
    at_home, away = (draw("linear", 4_000, case) for case in ("as learned", "other inputs"))
    was, now = (realized("linear", rows)["mae"] for rows in (at_home, away))
    found = named(estimator("linear").figures(away))["mae"]

    assert found.value is not None
    assert now > 1.15 * was
    assert found.value == pytest.approx(now, rel=0.06)
    assert found.n == 4_000


@pytest.mark.parametrize("world", ["logistic", "linear"])
def test_the_truth_of_the_rows_plays_no_part(world: str) -> None:
    rows = draw(world, 300)
    turned = rows.assign(__truth__=rows["__truth__"].to_numpy()[::-1])
    whole, without, false = (
        estimator(world).estimate(table) for table in (rows, rows.drop(columns="__truth__"), turned)
    )

    assert whole.figures == without.figures == false.figures
    assert whole.figures == estimator(world).figures(rows)
    assert (whole.assumption.status, without.assumption.status) == ("holds", "untested")
    assert false.assumption.status == "broken"


@pytest.mark.parametrize("world", ["logistic", "linear"])
def test_the_assumption_is_lit_where_the_relation_changed_and_only_there(world: str) -> None:
    def assumptions(case: str) -> list[Any]:
        windows = (draw(world, 1_000, case, seed, of=seed % 2) for seed in range(6))
        return [
            estimator(world, seed % 2).estimate(rows).assumption
            for seed, rows in enumerate(windows)
        ]

    as_learned, moved = assumptions("as learned"), assumptions("other inputs")
    changed = assumptions("changed relation")
    assert [one.status for one in as_learned] == ["holds"] * 6
    assert sum(one.status == "broken" for one in moved) <= 1
    assert [one.status for one in changed] == ["broken"] * 6
    for one in changed:
        assert one.p_value < 0.01
        assert one.n == 1_000
        assert "cannot be believed here: on 1,000 rows with truth" in one.message
        assert "Furthest off are " in one.message


def test_shares_are_said_as_elsewhere() -> None:
    message = estimator("logistic").estimate(draw("logistic", 500)).assumption.message

    assert message.startswith("The estimate agrees with the 500 truths that are known: an accuracy")
    assert " % came where " in message
    assert "%" not in message.replace(" %", "")


@pytest.mark.parametrize(("known", "said"), [(0, "none has"), (1, "1 has"), (49, "49 have")])
def test_few_truths_leave_the_assumption_untested_and_say_how_many(known: int, said: str) -> None:
    rows = draw("logistic", 200)
    rows.loc[rows.index[known:], "__truth__"] = None
    found = estimator("logistic").estimate(rows)

    assert found.n == 200
    assert (found.assumption.status, found.assumption.n) == ("untested", known)
    assert found.assumption.p_value is None
    assert f"needs 50 rows with truth, and {said}." in found.assumption.message


def test_few_rows_give_no_figure_and_say_how_many() -> None:
    found = estimator("logistic").estimate(draw("logistic", 29))

    assert {figure.status for figure in found.figures} == {"not_enough_rows"}
    assert {figure.message for figure in found.figures} == {
        "An estimate needs at least 30 answered rows; there are 29."
    }
    assert estimator("logistic").figures(draw("logistic", 30))[0].status == "ok"


def test_a_version_with_few_rows_of_its_own_cannot_tell() -> None:
    one = made("logistic")
    lean = Estimator.of(one.version, one.reference.iloc[:20], one.heldout.iloc[:9])
    found = lean.estimate(draw("logistic", 100))

    assert {figure.status for figure in found.figures} == {"not_enough_rows"}
    assert "there are 29" in found.figures[0].message
    assert found.assumption.status == "untested"
    nothing = Estimator.of(one.version, one.reference.iloc[:0], one.heldout.iloc[:0])
    assert "there are 0" in nothing.figures(draw("logistic", 100))[0].message


def test_scores_that_were_not_calibrated_are_named() -> None:
    one = made("logistic")
    lean = Estimator.of(one.version, one.reference.iloc[:80], one.heldout.iloc[:0])
    message = lean.estimate(draw("logistic", 100)).assumption.message

    assert "80 rows are too few to calibrate them" in message
    whole = estimator("logistic").estimate(draw("logistic", 100)).assumption.message
    assert "calibrate" not in whole


def test_rows_without_an_answer_are_left_out() -> None:
    rows = draw("logistic", 100)
    spoilt = rows.copy()
    spoilt.loc[spoilt.index[:40], "__score__"] = np.nan

    found = estimator("logistic").estimate(spoilt)
    assert found.n == 60
    assert found.figures == estimator("logistic").figures(rows.iloc[40:])


def test_of_several_labels_accuracy_is_estimated_and_macro_f1_is_not() -> None:
    found: list[tuple[Estimated, float]] = []
    for seed in range(4):
        rows = draw("digits", 300, "other inputs", seed)
        found.append((estimator("digits").estimate(rows), realized("digits", rows)["accuracy"]))

    for estimated, actual in found:
        figures = named(estimated.figures)
        accuracy, macro_f1 = figures["accuracy"], figures["macro_f1"]
        assert accuracy.value == pytest.approx(actual, abs=0.06)
        assert accuracy.low is not None
        assert accuracy.high is not None
        assert accuracy.high - accuracy.low < 0.2
        assert macro_f1.status == "not_applicable"
        assert macro_f1.value is None
        assert "score of the answered label only" in macro_f1.message
        assert estimated.method == "CBPE"
    assert all(0.3 < actual < 0.97 for _, actual in found)


def test_of_a_regression_the_sizes_of_errors_are_estimated_and_their_sign_is_not() -> None:
    estimated = estimator("linear").estimate(draw("linear", 300))
    figures = named(estimated.figures)

    assert estimated.method == "DLE"
    assert [figure.metric for figure in estimated.figures] == list(METRICS["regression"])
    assert figures["bias"].status == "not_applicable"
    assert "without truth" in figures["bias"].message
    for name in ("mae", "rmse"):
        low, value, high = figures[name].low, figures[name].value, figures[name].high
        assert low is not None
        assert value is not None
        assert high is not None
        assert 0 < low < value < high


def test_inputs_outside_the_known_range_are_named() -> None:
    rows = draw("linear", 200)
    far = rows.assign(b=np.where(np.arange(200) < 50, 99.0, rows["b"]))

    message = estimator("linear").estimate(far).assumption.message
    assert "`b` is outside the values that were learned from in 25 % of the rows" in message
    assert "outside" not in estimator("linear").estimate(rows).assumption.message


def test_gaps_and_words_among_the_inputs_are_no_reason_to_fail() -> None:
    rows = draw("logistic", 100)
    odd: pd.DataFrame = rows.astype({"a": object})
    odd.loc[odd.index[:10], "a"] = None
    odd.loc[odd.index[10:20], "a"] = "unreadable"

    figure = estimator("logistic").figures(odd)[0]
    assert figure.status == "ok"
    assert figure.n == 100


def test_a_version_that_is_never_wrong_on_its_own_rows_is_estimated() -> None:
    one = made("logistic")
    always = one.reference.assign(__truth__="no", __label__="no", __score__=0.01)
    sure = Estimator.of(one.version, always, one.heldout.iloc[:0])
    rows = draw("logistic", 100).assign(__label__="no", __score__=0.01)

    figures = named(sure.figures(rows))
    assert figures["accuracy"].value == pytest.approx(0.99)
    assert figures["precision"].status == "not_enough_rows"
    assert "`yes`" in figures["precision"].message


def test_no_figure_leaves_what_a_share_can_be() -> None:
    """Corrections of single rows may add up to more than one where all are surely right."""
    one = estimator("logistic")
    answers = one._read(draw("logistic", 50)).answers
    figure = one._figure(METRICS["binary"][0], 1.001, (0.99, 1.004), answers)
    assert (figure.value, figure.low, figure.high) == (1.0, 0.99, 1.0)
