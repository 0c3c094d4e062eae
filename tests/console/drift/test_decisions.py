"""From drift to decisions, against shifts and models whose effect is known."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from backend.errors import Unusable
from backend.records import log
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature, feature_of
from console.drift import compare
from console.drift.decisions import Decisions, decisions
from console.drift.decisions.put_back import put_back
from console.training import datasets
from console.training.choices import Choices
from console.training.train import train
from console.windows import HOUR
from tests.console.drift.logs import START, log_rows

THRESHOLD = 0.5


def normal(n: int, seed: int, **shifts: float) -> pd.DataFrame:
    """Independent standard normal columns, each shifted."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame({name: draw.normal(shift, 1, n) for name, shift in shifts.items()})


def fitted(estimator: Any, table: pd.DataFrame, target: Any, task: Any = "binary") -> Scorer:
    """A version trained on a table to predict `target`."""
    features = tuple(feature_of(table[name]) for name in table.columns)
    labels = () if task == "regression" else tuple(sorted(set(target)))
    positive = "yes" if task == "binary" else None
    signature = Signature(features, "y", task, labels, positive)
    return Scorer(signature, estimator.fit(signature.matrix_of(table), target))


def above(values: Any, threshold: float = THRESHOLD) -> Any:
    return np.where(values > threshold, "yes", "no")


def step(reference: pd.DataFrame) -> Scorer:
    """`yes` where x is over the threshold, learned by a tree; it needs no other column."""
    return fitted(DecisionTreeClassifier(max_depth=1), reference, above(reference["x"]))


def run(
    scorer: Scorer,
    reference: pd.DataFrame,
    current: pd.DataFrame,
    features: Sequence[str],
    n_window: int | None = None,
    **more: Any,
) -> Decisions:
    rows = len(current) if n_window is None else n_window
    return decisions(scorer, scorer.signature, reference, current, features, rows, **more)


@pytest.mark.parametrize("shift", [0.2, 0.5, -1.0])
def test_the_changed_answers_are_the_mass_between_the_thresholds(shift: float) -> None:
    reference, current = normal(10_000, 1, x=0), normal(4_000, 2, x=shift)
    found = run(step(reference), reference, current, ["x"], n_window=100_000)
    truth = abs(stats.norm.cdf(THRESHOLD) - stats.norm.cdf(THRESHOLD - shift))
    change = found.changes[0]
    assert change.low < truth < change.high < change.low + 0.09
    assert change.rows == round(change.changed * 100_000)
    # What the shift brought goes: more of `yes` when the values rose.
    came, went = ("yes", "no") if shift > 0 else ("no", "yes")
    assert found.moves[["from", "to"]].drop_duplicates().values.tolist() == [[came, went]]
    assert found.frame.loc[0, "direction"] == f"100 % {came} → {went}"
    assert found.frame.loc[0, "score_change"] == pytest.approx(-np.sign(shift) * change.changed)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    reference = normal(20_000, 0, x=0)
    scorer = step(reference)
    truth = stats.norm.cdf(THRESHOLD) - stats.norm.cdf(THRESHOLD - 0.3)
    windows, held, alone = 150, 0, 0
    for seed in range(windows):
        kept, rows = normal(2_000, 10_000 + seed, x=0), normal(600, 20_000 + seed, x=0.3)
        change = run(scorer, kept, rows, ["x"], seed=seed).changes[0]
        held += change.low <= truth <= change.high
        plain = stats.binomtest(round(change.changed * 600), 600).proportion_ci(method="wilson")
        alone += plain.low <= truth <= plain.high
    assert stats.binom.cdf(held, windows, 0.95) > 0.01
    # Wilson's interval alone forgets that the two distributions are themselves samples.
    assert stats.binom.cdf(alone, windows, 0.9) < 0.01


def test_a_feature_that_the_version_ignores_ranks_last_whatever_its_p_value() -> None:
    reference, current = normal(5_000, 3, x=0, z=0), normal(2_000, 4, x=0.15, z=3)
    scorer = step(reference)
    drift = compare(reference, current, scorer.signature.features).results
    p_values = {result.feature: result.p_value for result in drift}
    assert p_values["z"] < p_values["x"]
    found = run(scorer, reference, current, ["z", "x"], n_window=10_000)
    assert found.frame["feature"].tolist() == ["x", "z"]
    z = found.changes[1]
    assert (z.changed, z.low, z.rows, z.score_change) == (0, 0, 0, 0)
    row = found.frame.astype(str).to_dict("records")[1]
    assert row["direction"] == row["segments"] == ""
    assert row["message"] == (
        "No answer depends on how `z` moved: putting it back changes none of 2,000 answers (at"
        " most 0.19 % of the window's, with 95 % confidence)."
    )
    assert found.message.endswith("; no answer depends on how `z` moved.")


def test_changes_that_cancel_are_seen_when_all_is_put_back_at_once() -> None:
    reference, current = normal(5_000, 5, a=0, b=0), normal(3_000, 6, a=1, b=-1)
    scorer = fitted(LogisticRegression(), reference, above(reference["a"] + reference["b"], 0.0))
    found = run(scorer, reference, current, ["a", "b"])
    assert found.together is not None
    assert found.together.changed < 0.1 < min(change.changed for change in found.changes)
    assert set(found.moves["feature"]) == {"a", "b", "__together__"}


def test_putting_back_undoes_a_shift_of_a_regression() -> None:
    reference, current = normal(5_000, 7, x=0, z=0), normal(2_000, 8, x=0.5, z=0)
    target = 3 * reference["x"] + 10
    scorer = fitted(LinearRegression(), reference, target, "regression")
    found = run(scorer, reference.assign(__value__=target), current, ["x", "z"])
    assert found.scope.least == pytest.approx(0.1 * target.std(ddof=0))
    x, z = found.changes
    assert (x.feature, z.feature) == ("x", "z")
    assert x.score_change == pytest.approx(-1.5, abs=0.15)
    assert (x.up, x.changed) == (0, x.down)
    assert x.changed > 0.9
    assert z.changed == 0
    assert z.score_change == pytest.approx(0, abs=1e-9)
    words = found.frame["direction"].tolist()
    assert words[0].startswith("0.0 % rise, ")
    assert words[1] == ""
    assert found.moves.empty
    # Without the answers that were kept, the reference is answered now.
    assert run(scorer, reference, current, ["x"]).scope.least == pytest.approx(found.scope.least)


def test_the_sentence_of_the_meeting_says_how_many_which_way_and_what_does_not_matter() -> None:
    column = np.arange(1_000) / 1_000
    reference = pd.DataFrame({"x": column, "z": np.random.default_rng(0).permutation(column)})
    scorer = fitted(DecisionTreeClassifier(max_depth=1), reference, above(column, 0.4995))
    moved = reference.assign(x=column + 0.124, z=reference["z"] + 5)
    found = run(scorer, reference, moved, ["z", "x"], n_window=10_000)
    change = found.changes[0]
    low, high = (f"{100 * end:.1f} %" for end in (change.low, change.high))
    assert found.frame.loc[0, "message"] == (
        f"Putting `x` back changes 12.4 % of the answers (about 1,240 of 10,000; 95 % interval"
        f" {low} to {high}), all from `yes` to `no`."
    )
    assert found.message == (
        f"Putting `x` back changes 12.4 % of the answers (about 1,240 of 10,000; 95 % interval"
        f" {low} to {high}), all from `yes` to `no`; putting all 2 features back at once changes"
        " 12.4 %; no answer depends on how `z` moved."
    )
    idle = run(scorer, reference, moved, ["z"])
    assert idle.message == (
        "Moved, but no answer depends on it: putting `z` back changes none of 1,000 answers."
    )
    assert run(scorer, reference, moved, []).message == (
        "No feature has moved, so there is nothing to put back."
    )


def test_the_sentence_of_a_regression_says_by_how_much() -> None:
    column = np.arange(1_000) / 1_000
    reference = pd.DataFrame({"x": column})
    scorer = fitted(LinearRegression(), reference, 100 * column, "regression")
    found = run(scorer, reference, reference + 0.5, ["x"])
    assert found.message == (
        "Putting `x` back moves 100 % of the answers by more than 2.887 (1,000 of 1,000; 95 %"
        " interval 99.6 % to 100 %), all down, the mean of all by −50."
    )


def test_segments_name_where_the_answers_change() -> None:
    reference, current = normal(6_000, 9, x=0), normal(3_000, 10, x=1)
    for frame, seed in ((reference, 1), (current, 2)):
        draw = np.random.default_rng(seed)
        frame["kind"] = draw.choice(["a", "b", "c"], len(frame)).astype(object)
        frame["noise"] = draw.normal(size=len(frame))
    target = np.where(reference["kind"] == "b", above(reference["x"]), "no")
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    features = tuple(feature_of(reference[name]) for name in ("x", "kind", "noise"))
    signature = Signature(features, "y", "binary", ("no", "yes"), "yes")
    columns = ColumnTransformer([("c", encoder, ["kind"])], remainder="passthrough")
    tree = make_pipeline(columns, DecisionTreeClassifier(max_depth=2))
    scorer = Scorer(signature, tree.fit(signature.matrix_of(reference), target))
    found = run(scorer, reference, current, ["x"])
    assert found.segments["segment"].iloc[0] == "kind = b"
    assert not any("noise" in name for name in found.segments["segment"])
    share = found.changes[0].segments["changed"].tolist()[0]
    truth = stats.norm.cdf(THRESHOLD) - stats.norm.cdf(THRESHOLD - 1)
    assert share == pytest.approx(truth, abs=0.05)
    rows = (current["kind"] == "b").sum()
    assert (
        found.frame["segments"].tolist()[0].startswith(f"kind = b: {100 * share:.1f} % of {rows:,}")
    )


def test_a_new_category_and_missing_values_are_put_back_before_they_are_answered() -> None:
    draw = np.random.default_rng(11)
    reference = pd.DataFrame({"c": draw.choice(["a", "b"], 1_000).astype(object)})
    reference.loc[:49, "c"] = None
    target = np.where(reference["c"] == "a", "yes", "no")
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    scorer = fitted(make_pipeline(encoder, DecisionTreeClassifier()), reference, target)
    current = pd.DataFrame({"c": ["new"] * 300 + [None] * 100 + ["a"] * 100 + ["b"] * 100})
    found = run(scorer, reference, current, ["c"])
    # Half of the rows are `a` again, a sixth is.
    truth = (reference["c"] == "a").mean() - 1 / 6
    assert found.changes[0].changed == pytest.approx(truth, abs=0.002)
    assert found.frame.loc[0, "direction"] == "100 % no → yes"


def test_one_answer_only_and_constant_columns_change_nothing() -> None:
    reference = normal(200, 12, x=0).assign(k=1.0)
    scorer = fitted(LogisticRegression(C=1e-9), reference, above(reference["x"], -1.0))
    current = normal(100, 13, x=0.5).assign(k=4.0)
    found = run(scorer, reference, current, ["x", "k"])
    assert found.frame["changed"].tolist() == [0, 0]
    constant = fitted(LinearRegression(), reference, np.full(200, 3.0), "regression")
    still = run(constant, reference.assign(__value__=3.0), current, ["x", "k"])
    assert still.frame["changed"].tolist() == [0, 0]
    assert still.message.startswith("Moved, but no answer depends on them: putting `x` and `k`")


def test_too_few_rows_are_a_sentence() -> None:
    reference, current = normal(100, 14, x=0), normal(29, 15, x=1)
    scorer = step(reference)
    for rows in (current, current.head(0)):
        found = run(scorer, reference, rows, ["x"])
        assert found.frame.empty
        assert found.moves.empty
        assert found.segments.empty
        assert found.message == (
            f"Changed decisions need at least 30 logged predictions; there are {len(rows)}."
        )
    few = run(scorer, reference.head(7), normal(40, 15, x=1), ["x"])
    assert few.message == "Changed decisions need at least 30 reference rows; there are 7."


def test_says_what_cannot_be_used() -> None:
    reference, current = normal(100, 16, x=0, z=0), normal(50, 17, x=1, z=0)
    scorer = fitted(LogisticRegression(), reference, above(reference["x"]))
    calls: dict[str, Callable[[], Decisions]] = {
        "`y` is not a feature. The features are `x`, `z`.": lambda: run(
            scorer, reference, current, ["y"]
        ),
        "The window lacks the columns `z`. Add them.": lambda: run(
            scorer, reference, current[["x"]], ["x"]
        ),
        "The reference lacks the columns `x`. Add them.": lambda: run(
            scorer, reference[["z"]], current, ["x"]
        ),
        "The window has 49 rows and its sample 50; expected no more in the sample than in the"
        " window. Give the number of rows of the whole window.": lambda: run(
            scorer, reference, current, ["x"], n_window=49
        ),
    }
    for sentence, call in calls.items():
        with pytest.raises(Unusable) as refusal:
            call()
        assert refusal.value.detail == sentence


def test_a_version_that_cannot_answer_is_a_sentence() -> None:
    reference, current = normal(100, 18, x=0, z=0), normal(50, 19, x=1, z=0)
    scorer = fitted(LogisticRegression(), reference, above(reference["x"]))
    current.loc[3, "z"] = np.nan
    with pytest.raises(Unusable) as refusal:
        run(scorer, reference, current, ["x"])
    assert refusal.value.detail.startswith("The version cannot answer ")
    assert "(ValueError: Input X contains NaN" in refusal.value.detail


@pytest.mark.parametrize(
    ("name", "first"),
    [("breast_cancer", "worst texture"), ("iris", "petal width (cm)"), ("diabetes", "sex")],
)
def test_a_registered_version_is_asked_again_about_its_own_log(
    database: Database, registered: Callable[..., Version], store: Store, name: str, first: str
) -> None:
    version = registered(name)
    signature = Signature.from_json(version.signature)
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    table = reference.nlargest(100, first)
    log_rows(database, version, table, START + np.arange(100), store)
    which = log.Filter(version.model, Window(START, START + HOUR), version=version.number)
    current = log.features(database, which, signature.names)
    scorer = artefacts.load(database, version, store)
    found = run(scorer, reference, current, [first], n_window=500)
    # The same by hand, one call a table.
    by_hand = current.assign(
        **{first: put_back(current[first], reference[first], signature.feature(first))}
    )
    before, after = scorer.score_frame(current), scorer.score_frame(by_hand)
    if version.task == "regression":
        assert before.values is not None
        assert after.values is not None
        differs = np.abs(after.values - before.values) > 0.1 * reference["__value__"].std(ddof=0)
        mean = (after.values - before.values).mean()
        assert found.changes[0].score_change == pytest.approx(mean)
    else:
        assert before.labels is not None
        assert after.labels is not None
        pairs = zip(before.labels, after.labels, strict=True)
        differs = np.array([was != became for was, became in pairs])
    assert 0 < found.changes[0].changed < 1
    assert found.changes[0].changed == differs.mean()
    assert (found.unlike, found.warning) == (0, "")
    wrong = current.assign(__label__="another", __value__=-1.0)
    assert run(scorer, reference, wrong, [first]).warning == (
        "100 of 100 rows are answered otherwise now than when they were logged: compare with the"
        " version that answered them."
    )


@pytest.mark.parametrize("compiling", [True, False])
def test_rides_of_the_summer_put_back_to_the_whole_year_get_fewer(
    database: Database, store: Store, compiling: bool
) -> None:
    data = datasets.load("builtin:bikeshare")
    choices = Choices(
        model="rides", data="builtin:bikeshare", algorithm="random_forest", folds=2,
        parameters={"n_estimators": 10},
    )  # fmt: skip
    new = train(data, choices, by="tester", compiling=compiling)
    version = registration.register(database, registration.add(database, new, store), store)
    scorer = artefacts.load(database, version, store)
    assert (scorer.compiled is not None) == compiling
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    summer = reference[reference["temp"] > reference["temp"].quantile(0.7)]
    current = summer.sample(500, random_state=1).reset_index(drop=True)
    found = run(scorer, reference, current, ["temp", "windspeed"], n_window=5_000)
    assert found.frame["feature"].iloc[0] == "temp"
    assert found.frame["score_change"].iloc[0] < 0
    assert "fall" in found.frame["direction"].iloc[0]
