"""Each gate on real versions: its figure by another way to the same number, and both verdicts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import metrics as sk

from backend.errors import NotFound
from backend.records.database import Database
from backend.records.predictions import Window
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console.promotion import gates
from tests.console.promotion.gates import made
from tests.console.promotion.gates.made import World

NORTH_SOUTH_WEST = ("north", "south", "west")  # `far` has too few rows


def by_region(world: World, number: int) -> dict[str, pd.DataFrame]:
    rows = world.heldout(number)
    return {name: rows[rows["region"] == name] for name in NORTH_SOUTH_WEST}


def test_a_version_that_is_as_good_passes_the_rules_of_a_new_model(world: World) -> None:
    found = world.judged(gates.DEFAULT)
    assert {name: gate.status for name, gate in found.items()} == {
        "artefact": "pass",
        "artefact.reproduced": "pass",
        "latency.times_champion": "pass",
        "minimum_rows": "pass",
        "floors": "not_applicable",
        "calibration": "pass",
        "no_worse.roc_auc": "pass",
        "segments": "not_applicable",
        "fairness": "not_applicable",
        "agreement": "not_applicable",
        "training_drift": "not_applicable",
        "signature": "pass",
        "scenarios": "not_applicable",
    }
    assert gates.blocked(found.values()) == ()
    assert found["floors"].message == "The rules ask for no floor of a metric."


def test_without_a_champion_what_is_held_against_it_does_not_apply(world: World) -> None:
    found = world.judged(f"{gates.DEFAULT}\n[agreement]\nshare = 1.0", champion=None)
    for name in ("no_worse.roc_auc", "latency.times_champion", "agreement", "signature"):
        assert found[name].status == "not_applicable"
        assert found[name].message == "Nothing answers for `loans` yet."


def test_the_champion_is_not_held_against_itself(world: World) -> None:
    found = world.judged(gates.DEFAULT, number=1)
    assert found["no_worse.roc_auc"].message == "Version 1 is the champion itself."
    assert gates.blocked(found.values()) == ()


def test_a_floor_is_held_against_the_metric_of_the_held_out_rows(world: World) -> None:
    rows = world.heldout(3)
    truth = rows["__truth__"] == "yes"
    for metric, expected in (
        ("accuracy", sk.accuracy_score(rows["__truth__"], rows["__label__"])),
        ("roc_auc", sk.roc_auc_score(truth, rows["__score__"])),
        ("log_loss", sk.log_loss(truth, rows["__score__"])),
    ):
        better = -1 if metric == "log_loss" else 1
        for limit, status in (
            (expected - better * 0.01, "pass"),
            (expected + better * 0.01, "fail"),
        ):
            gate = world.judged(f"[floors]\n{metric} = {limit}")[f"floors.{metric}"]
            assert gate.figure == pytest.approx(expected)
            assert (gate.status, gate.limit, gate.n) == (status, limit, 640)


def test_fewer_held_out_rows_than_the_minimum_fail(world: World) -> None:
    assert world.judged("[minimum_rows]\nheldout = 640")["minimum_rows"].status == "pass"
    gate = world.judged("[minimum_rows]\nheldout = 641")["minimum_rows"]
    assert (gate.status, gate.figure, gate.limit) == ("fail", 640, 641)
    assert gate.message == "Version 3 has 640 held-out rows; at least 641 are asked for."


def test_calibration_is_the_mean_gap_between_scores_and_shares_in_ten_bins(world: World) -> None:
    rows = world.heldout(3)
    bins = (10 * rows["__score__"]).astype(int)  # no score is exactly 1
    seen = rows.assign(yes=rows["__truth__"] == "yes").groupby(bins)
    gaps = (seen["yes"].mean() - seen["__score__"].mean()).abs() * seen.size() / len(rows)
    for limit, status in ((gaps.sum() + 1e-6, "pass"), (gaps.sum() - 1e-6, "fail")):
        gate = world.judged(f"[calibration]\nece = {limit}")["calibration"]
        assert gate.figure == pytest.approx(gaps.sum())
        assert gate.status == status


def test_a_worse_version_is_refused_and_the_sentence_has_both_figures(world: World) -> None:
    gate = world.judged("[no_worse]\naccuracy = 0.02", number=2)["no_worse.accuracy"]
    ours, theirs = (
        (world.heldout(number)["__truth__"] == world.heldout(number)["__label__"]).to_numpy()
        for number in (2, 1)
    )
    assert gate.status == "fail"
    assert (
        f"is {ours.mean():.4g} and the champion's {theirs.mean():.4g} on 640 rows" in gate.message
    )
    assert gate.message.endswith("The figure itself is beyond that.")
    # The bad end by the normal approximation of the paired difference.
    worse = theirs.astype(float) - ours
    end = worse.mean() + 1.96 * worse.std() / np.sqrt(640)
    assert gate.figure == pytest.approx(end, abs=0.005)


def test_too_few_rows_to_tell_fail_with_how_many_would_be_enough(world: World) -> None:
    gate = world.judged("[no_worse]\naccuracy = 0.001")["no_worse.accuracy"]
    assert gate.status == "fail"
    assert gate.figure is not None
    assert gate.figure > 0.001
    assert "There are not enough rows to tell: about " in gate.message
    needed = int(gate.message.split("about ")[1].split(" ")[0].replace(",", ""))
    assert needed > 640


def test_a_tolerance_may_be_a_share_of_the_champions_figure(world: World) -> None:
    theirs = world.heldout(1)
    loss = sk.log_loss(theirs["__truth__"] == "yes", theirs["__score__"])
    gate = world.judged('[no_worse]\nlog_loss = "20 %"')["no_worse.log_loss"]
    assert gate.status == "pass"
    assert gate.limit == pytest.approx(0.2 * loss)


def test_a_floor_by_segment_is_decided_by_the_worst_group(world: World) -> None:
    right = {
        name: (rows["__truth__"] == rows["__label__"]).mean()
        for name, rows in by_region(world, 3).items()
    }
    worst = min(right, key=lambda name: right[name])
    rules = "[segments.region.floors]\naccuracy = {}\n"
    name = "segments.region.floors.accuracy"
    assert world.judged(rules.format(right[worst] - 0.001))[name].status == "pass"
    gate = world.judged(rules.format(right[worst] + 0.001))[name]
    assert gate.status == "fail"
    assert gate.figure == pytest.approx(right[worst])
    assert gate.n == len(by_region(world, 3)[worst])
    assert f"The worst of 3 groups is `region = {worst}`" in gate.message


def test_of_a_loss_the_worst_group_is_that_of_the_greatest(world: World) -> None:
    losses = [
        ((rows["__score__"] - (rows["__truth__"] == "yes")) ** 2).mean()
        for rows in by_region(world, 3).values()
    ]
    rules, name = "[segments.region.floors]\nbrier = {}", "segments.region.floors.brier"
    gate = world.judged(rules.format(sum(losses) / 3))[name]
    assert gate.status == "fail"
    assert gate.figure == pytest.approx(max(losses))
    assert world.judged(rules.format(max(losses) + 0.001))[name].status == "pass"


def test_groups_that_are_too_small_to_judge_are_named_as_such(world: World) -> None:
    rows = (world.heldout(3)["region"] == "far").sum()
    text = "[segments.region.floors]\naccuracy = 0.1\n"
    gate = world.judged(text)["segments.region.floors.accuracy"]
    assert gate.message.endswith(f"Not judged: 1 group of fewer than 50 rows ({rows} rows in all).")
    gate = world.judged(f"[minimum_rows]\nsegment = 600\n{text}")["segments.region.floors.accuracy"]
    assert (gate.status, gate.figure) == ("fail", None)
    assert gate.message.startswith("No group by `region` has 600 held-out rows; the greatest of 4")


def test_no_worse_by_segment_is_decided_by_the_group_furthest_beyond(world: World) -> None:
    ends = {}
    for name, ours in by_region(world, 2).items():
        theirs = by_region(world, 1)[name]
        right, was = (
            (rows["__label__"] == rows["__truth__"]).to_numpy() for rows in (ours, theirs)
        )
        worse = was.astype(float) - right
        ends[name] = worse.mean() + 1.96 * worse.std() / np.sqrt(len(worse))
    best, *_, worst = sorted(ends, key=lambda name: ends[name])
    assert ends[worst] > ends[best] + 0.02  # so that it matters which one decides
    rules, name = "[segments.region.no_worse]\naccuracy = {}", "segments.region.no_worse.accuracy"
    gate = world.judged(rules.format((ends[worst] + ends[best]) / 2), number=2)[name]
    assert gate.status == "fail"
    assert gate.figure == pytest.approx(ends[worst], abs=0.01)
    assert gate.message.startswith(f"The worst of 3 groups is `region = {worst}`.")
    assert world.judged(rules.format(ends[worst] + 0.02), number=2)[name].status == "pass"


def test_a_number_is_grouped_by_the_quarters_of_training(world: World) -> None:
    gate = world.judged("[segments.x.floors]\naccuracy = 0.99")["segments.x.floors.accuracy"]
    rows = world.heldout(3)
    quarters = next(
        feature["quantiles"]
        for feature in world.version(3).signature["features"]
        if feature["name"] == "x"
    )[5:16:5]
    right = rows["__truth__"] == rows["__label__"]
    by_quarter = right.groupby(np.searchsorted(quarters, rows["x"])).mean()
    assert gate.figure == pytest.approx(by_quarter.min())
    assert "The worst of 4 groups is `x " in gate.message


def measured(rows: pd.DataFrame, measure: str) -> float:
    chosen, true = rows["__label__"] == "yes", rows["__truth__"] == "yes"
    if measure == "selection_rate":
        return float(chosen.mean())
    return float(
        chosen[true].mean() if measure == "true_positive_rate" else (chosen != true).mean()
    )


@pytest.mark.parametrize("measure", ["selection_rate", "true_positive_rate", "error"])
def test_fairness_is_the_greatest_difference_between_two_groups(world: World, measure: str) -> None:
    each = [measured(rows, measure) for rows in by_region(world, 3).values()]
    gap = max(each) - min(each)
    for limit, status in ((gap + 0.001, "pass"), (gap - 0.001, "fail")):
        gate = world.judged(f"[fairness.region]\n{measure} = {limit}")[f"fairness.region.{measure}"]
        assert gate.status == status
        assert gate.figure == pytest.approx(gap)
        assert "over 3 groups" in gate.message
        assert "Not judged: 1 group" in gate.message


def test_one_group_alone_cannot_be_fair(world: World) -> None:
    rules = "[minimum_rows]\nsegment = 250\n[fairness.region]\nerror = 1.0"
    gate = world.judged(rules)["fairness.region.error"]
    assert (gate.status, gate.figure) == ("fail", None)
    assert gate.message.startswith("Only `region = north` has 250 held-out rows")


def test_agreement_is_the_low_end_of_the_share_of_the_same_answers(world: World) -> None:
    rows = made.drawn(900, seed=1)
    was, now = (
        artefacts.load(world.database, world.version(number), world.store).score_frame(rows).labels
        for number in (1, 3)
    )
    same = int(sum(a == b for a, b in zip(was or (), now or (), strict=True)))
    low = stats.binomtest(same, 900).proportion_ci(0.95, method="wilson").low
    for limit, status in ((low - 0.001, "pass"), (low + 0.001, "fail")):
        gate = world.judged(f"[agreement]\nshare = {limit}")["agreement"]
        assert (gate.status, gate.n) == (status, 900)
        assert gate.figure == pytest.approx(low)
    assert gate.message.endswith("There are not enough rows to tell.")


def test_live_data_as_in_training_does_not_count_as_drifted(world: World) -> None:
    gate = world.judged("[training_drift]\ndrifted = 0")["training_drift"]
    assert (gate.status, gate.figure, gate.n) == ("pass", 0, 900)


def test_accepted_are_the_requests_that_the_signature_reads(world: World) -> None:
    rules = "[signature]\naccepted = 1.0\nrows = 500"
    gate = world.judged(rules)["signature"]
    assert (gate.status, gate.figure, gate.n) == ("pass", 1, 500)
    gate = world.judged(rules, number=2)["signature"]
    assert (gate.status, gate.figure) == ("fail", 0)
    assert gate.message == (
        "0 of 500 requests that the champion answered are accepted; at least 100 % is asked for."
        " Most often refused: Feature `z` is unknown. Send only `region`, `x`."
    )


def test_latency_is_held_against_a_limit_in_microseconds(world: World) -> None:
    gate = world.judged("[latency]\nus_per_row = 1e9")["latency.us_per_row"]
    assert (gate.status, gate.n) == ("pass", 100)
    gate = world.judged("[latency]\nus_per_row = 0")["latency.us_per_row"]
    assert gate.status == "fail"
    assert gate.figure is not None
    assert gate.figure > 0


def test_a_column_that_a_version_lacks_fails_that_gate_alone(world: World) -> None:
    found = world.judged("[segments.z.floors]\naccuracy = 0.1\n[calibration]\nece = 1", number=2)
    gate = found["segments.z.floors.accuracy"]
    assert (gate.status, gate.figure, gate.limit) == ("fail", None, None)
    assert gate.message.startswith("`z` is no feature of this version")
    assert found["calibration"].status == "pass"


def test_a_metric_of_another_task_fails_that_gate_alone(world: World) -> None:
    found = world.judged("[floors]\nmae = 1\naccuracy = 0.1")
    assert found["floors.mae"].status == "fail"
    assert found["floors.mae"].message == (
        "`mae` is no metric of a binary task. Take it out of the rules."
    )
    assert found["floors.accuracy"].status == "pass"


def test_a_window_without_requests_leaves_nothing_to_agree_with(world: World) -> None:
    found = gates.evaluate(
        world.database,
        world.version(3),
        world.store,
        champion=world.version(1),
        window=Window(0, 1),
        rules=gates.parse("[agreement]\nshare = 1\n[training_drift]\ndrifted = 0"),
    )
    by_name = {gate.name: gate for gate in found}
    for name in ("agreement", "training_drift"):
        assert by_name[name].status == "not_applicable"
        assert by_name[name].message == "The log of `loans` has no such requests to check."


def test_an_unknown_model_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        gates.rules_of(world.database, "nothing")


def test_the_rules_of_the_model_are_those_that_are_used(database: Database, store: Store) -> None:
    version = made.version(database, store)
    gates.save_rules(database, made.MODEL, "[floors]\naccuracy = 1.0", actor="ada")
    found = gates.evaluate(database, version, store, champion=None)
    assert [gate.name for gate in gates.blocked(found)] == ["floors.accuracy"]


def test_progress_names_what_comes_next_and_a_reader_may_stop_it(world: World) -> None:
    told: list[tuple[float, str]] = []

    def report(share: float, message: str) -> None:
        told.append((share, message))
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gates.evaluate(world.database, world.version(3), world.store, champion=None, report=report)
    assert told[0] == (0.0, "Files verified and loaded")
    assert [share for share, _ in told] == sorted(share for share, _ in told)
