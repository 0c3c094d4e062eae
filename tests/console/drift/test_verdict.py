"""Verdicts, in pairs: what must be found, and what must not be."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.versions.features import Feature, feature_of
from console.drift import DriftReport, FeatureResult, Reference, compare, judge, power

STATUSES = {"stable", "moderate", "drifted", "not_enough_rows"}
SHARES = [0.4, 0.3, 0.15, 0.1, 0.03, 0.02]


def table(n: int, seed: int, numeric: int = 6, categorical: int = 2) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {f"n{i}": random.normal(size=n) for i in range(numeric)}
    for i in range(categorical):
        columns[f"c{i}"] = random.choice(list("abcdef"), n, p=SHARES)
    return pd.DataFrame(columns)


REFERENCE = table(4_000, 0)
FEATURES = [feature_of(REFERENCE[name]) for name in REFERENCE]
READY = Reference.of(REFERENCE, FEATURES)


def result(report: DriftReport, name: str) -> FeatureResult:
    return next(found for found in report.results if found.feature == name)


def test_finds_a_shift_of_three_tenths_of_a_deviation_in_a_thousand_rows() -> None:
    report = READY.compare(table(1_000, 1).assign(n3=lambda f: f["n3"] + 0.3))
    found = result(report, "n3")
    assert found.status == "drifted"
    assert 0.2 < found.effect < 0.4
    assert report.n_drifted == 1
    assert report.message == "1 of 8 features has drifted: `n3`."
    assert report.frame["feature"].iloc[0] == "n3"


def test_finds_no_drift_where_there_is_none() -> None:
    report = READY.compare(table(1_000, 2))
    assert report.status == "stable"
    assert report.message == "None of 8 features has drifted."


def test_a_change_under_the_floor_is_no_drift_however_certain() -> None:
    reference, current = table(200_000, 3, 1, 0), table(200_000, 4, 1, 0)
    features = [feature_of(reference["n0"])]
    small = compare(reference, current + 0.03, features).results[0]
    half = compare(reference, current + 0.07, features).results[0]
    over = compare(reference, current + 0.12, features).results[0]
    assert [small.status, half.status, over.status] == ["stable", "moderate", "drifted"]
    assert max(small.q_value, half.q_value, over.q_value) < 1e-6


def test_a_large_effect_of_few_rows_is_no_drift_while_it_may_be_chance() -> None:
    found = result(READY.compare(table(40, 11)), "n4")
    assert found.effect > found.effect_floor
    assert found.status == "not_enough_rows"
    assert found.enough == 212
    assert found.message == (
        "No drift of `n4` was seen, but its 40 values are too few to rule it out: about 212 rows"
        " would show a shift of 0.3 standard deviations with 80 % probability."
    )


def test_a_window_is_stable_from_the_length_on_that_is_called_enough() -> None:
    short, long = (READY.compare(table(n, 40)) for n in (202, 212))
    assert result(short, "n0").enough == result(long, "n0").enough == 212
    assert result(short, "n0").status == "not_enough_rows"
    assert result(long, "n0").status == "stable"
    assert short.status == "not_enough_rows"
    assert short.enough == 276
    assert short.message == (
        "No drift was seen, but it cannot be ruled out: there are 202 rows, about 276 would be"
        " enough."
    )


def test_a_report_is_stable_only_when_each_of_its_features_is() -> None:
    report = READY.compare(table(230, 41))
    assert {found.status for found in report.results} == {"stable", "not_enough_rows"}
    assert report.status == "not_enough_rows"
    assert report.message == (
        "None of 6 judged features has drifted. 2 of 8 cannot be judged yet: there are 230 rows,"
        " about 276 would be enough."
    )
    assert READY.compare(table(276, 41)).status == "stable"


def test_a_drift_found_in_a_short_window_stands_beside_what_cannot_be_judged() -> None:
    report = READY.compare(table(60, 42).assign(n3=lambda f: f["n3"] + 3))
    assert report.status == "drifted"
    assert report.message == (
        "1 of 8 features has drifted: `n3`. 7 of 8 cannot be judged yet: there are 60 rows, about"
        " 276 would be enough."
    )


def test_a_reference_too_small_for_any_window_says_how_many_rows_it_would_need() -> None:
    report = compare(table(120, 43), table(20_000, 44), FEATURES)
    found = result(report, "n0")
    assert (found.status, found.enough, found.enough_reference) == ("not_enough_rows", None, 404)
    assert found.message == (
        "No drift of `n0` was seen, but its 120 values in the reference are too few to rule it"
        " out: about 404, and as many in the window, would show a shift of 0.3 standard deviations"
        " with 80 % probability."
    )
    assert report.message.endswith("the reference has 120 rows, about 540 would be enough.")


def test_values_that_are_missing_take_more_rows_and_a_test_of_their_own() -> None:
    reference, current = table(4_000, 45), table(300, 46)
    reference.loc[::2, "n1"] = np.nan
    current.loc[::2, "n1"] = np.nan
    found = result(compare(reference, current, FEATURES), "n1")
    assert found.n_current == 150
    assert found.status == "not_enough_rows"
    enough = power.enough_for_number(2_000, 16)
    assert enough is not None
    assert found.enough == 2 * enough


def test_a_feature_that_the_reference_never_held_keeps_no_report_from_being_stable() -> None:
    reference, current = table(4_000, 47).assign(n9=np.nan), table(500, 48).assign(n9=np.nan)
    features = [*FEATURES, Feature("n9", "number", nullable=True)]
    report = compare(reference, current, features)
    assert result(report, "n9").status == "not_enough_rows"
    assert report.status == "stable"


def test_what_is_measured_apart_is_judged_as_the_rows_are() -> None:
    current = table(500, 49)
    found = [
        (column.feature, column.measure(current[column.feature.name])) for column in READY.features
    ]
    assert judge(found, [], READY.rows, len(current)) == READY.compare(current)


def test_a_category_that_changes_its_share_drifts_and_its_sentence_names_it() -> None:
    current = table(600, 5)
    current.loc[current["c0"] == "a", "c0"] = "b"
    found = result(READY.compare(current), "c0")
    assert found.status == "drifted"
    assert "`b` makes up" in found.message or "`a` makes up 0 %" in found.message


def test_half_the_values_missing_is_drift_though_the_rest_is_unmoved() -> None:
    current = table(600, 70)
    current.loc[::2, ["n1", "c1"]] = np.nan
    report = READY.compare(current)
    for name in ("n1", "c1"):
        found = result(report, name)
        assert found.status == "drifted"
        assert found.missing_current == pytest.approx(0.5)
        assert found.n_current == 300
        assert found.message == (
            f"`{name}` has drifted: 50 % of its values are missing, against 0 % in the reference."
        )
    assert report.n_drifted == 2


def test_the_same_share_missing_on_both_sides_is_no_drift() -> None:
    reference, current = table(4_000, 8), table(600, 9)
    reference.loc[::2, "n1"] = np.nan
    current.loc[::2, "n1"] = np.nan
    features = [feature_of(reference[name]) for name in reference]
    assert compare(reference, current, features).status == "stable"


def test_an_unseen_category_is_named_and_drifts_only_when_frequent() -> None:
    few, many = table(600, 12), table(600, 12)
    few.loc[:1, "c0"] = "new"
    many.loc[:90, "c0"] = "new"
    rare, often = result(READY.compare(few), "c0"), result(READY.compare(many), "c0")
    assert [rare.status, often.status] == ["stable", "drifted"]
    assert rare.new_categories == often.new_categories == "new"
    assert rare.message.endswith(" 1 category is new: `new`.")


@pytest.mark.parametrize(
    "broken",
    [
        {"n0": np.nan},
        {"n0": 3.0},
        {"n0": np.inf},
        {"n0": "text"},
        {"n0": None},
        {"c0": None},
        {"c0": np.nan},
        {"c0": "a"},
        {"c0": 7},
        {"c0": "never seen"},
        {"c0": True},
    ],
)
@pytest.mark.parametrize("side", ["reference", "current", "both"])
def test_no_column_is_too_broken_for_a_verdict(broken: dict[str, Any], side: str) -> None:
    reference, current = table(200, 13), table(100, 14)
    if side != "current":
        reference = reference.assign(**broken)
    if side != "reference":
        current = current.assign(**broken)
    report = compare(reference, current, FEATURES)
    assert len(report.frame) == len(FEATURES)
    assert set(report.frame["status"]) <= STATUSES
    assert report.frame["message"].str.endswith(".").all()
    if side == "both":
        assert report.n_drifted == 0
    else:
        assert result(report, next(iter(broken))).status == "drifted"


def test_an_absent_column_counts_as_all_missing() -> None:
    found = result(READY.compare(table(300, 15).drop(columns="n2")), "n2")
    assert found.status == "drifted"
    assert found.missing_current == 1.0


def test_values_that_leave_a_constant_reference_are_drift() -> None:
    reference = pd.DataFrame({"k": np.full(500, 5.0)})
    feature = [feature_of(reference["k"])]
    moved = compare(reference, pd.DataFrame({"k": [5.0] * 80 + [6.0] * 20}), feature).results[0]
    still = compare(reference, pd.DataFrame({"k": [5.0] * 100}), feature).results[0]
    exact = stats.fisher_exact([[500, 0], [80, 20]]).pvalue
    assert [moved.status, still.status] == ["drifted", "stable"]
    assert moved.p_value == pytest.approx(exact)
    assert moved.effect == pytest.approx(0.2)
    assert moved.message == (
        "`k` has drifted: 20 % of its values differ from 5, the only value in the reference"
        " (q < .001)."
    )


def test_explains_that_a_short_window_is_not_enough() -> None:
    report = READY.compare(table(3, 16))
    assert report.status == "not_enough_rows"
    assert set(report.frame["status"]) == {"not_enough_rows"}
    assert report.message == (
        "Drift needs at least 30 rows; there are 3. About 276 would show whether anything moved."
    )
    assert report.frame["message"].iloc[0] == (
        "`n0` has 3 values in the window; drift needs at least 30. About 212 rows would show a"
        " shift of 0.3 standard deviations with 80 % probability."
    )
    assert READY.compare(table(0, 16)).message.startswith(
        "Drift needs at least 30 rows; there are 0."
    )


def test_thirty_rows_are_compared_and_twenty_nine_are_not() -> None:
    far = {"n0": 5.0}
    fewer, more = (READY.compare(table(n, 17).assign(**far)) for n in (29, 30))
    assert not fewer.is_measured
    assert fewer.frame["effect"].isna().all()
    assert more.is_measured
    assert result(more, "n0").status == "drifted"


def test_the_q_values_are_corrected_over_the_features_and_not_over_the_answers() -> None:
    random = np.random.default_rng(18)
    reference = table(2_000, 19).assign(__score__=random.random(2_000))
    current = table(500, 20).assign(__score__=random.random(500) ** 2)
    output = Feature("__score__", "number", display_name="Score of yes")
    report = compare(reference, current, FEATURES, [output])
    assert report.n_features == len(FEATURES)
    row = report.prediction.iloc[0]
    assert row["q_value"] == row["p_value"]
    assert row["message"].startswith("`Score of yes` has drifted")
    assert not report.frame["feature"].eq("__score__").any()


def test_whole_numbers_that_became_fractions_in_a_file_stay_the_same_category() -> None:
    reference = pd.DataFrame({"code": [str(i % 3) for i in range(300)]})
    current = pd.DataFrame({"code": [float(i % 3) for i in range(300)]})
    found = compare(reference, current, [feature_of(reference["code"])]).results[0]
    assert found.status == "stable"
    assert found.new_categories == ""


def test_out_of_range_is_told_against_the_range_of_all_training_rows() -> None:
    feature = Feature("n0", "number", quantiles=(-10.0, 10.0))
    current = table(400, 21).assign(n0=lambda f: np.where(f.index < 40, 11.0, 9.0))
    found = compare(REFERENCE, current, [feature]).results[0]
    assert found.out_of_range == pytest.approx(0.1)
