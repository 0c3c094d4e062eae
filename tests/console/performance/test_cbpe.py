"""CBPE: the arithmetic of expected confusion by hand, and probabilities that are what they say."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn import metrics as sk

from backend.versions.signature import Signature
from console.drift.statistics import Floats
from console.performance import cbpe
from console.performance.answers import Answers
from console.performance.calibrating import best_method, calibrate
from console.performance.cbpe import Confidence

NAMES = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss")
BINARY = Signature((), "target", "binary", ("no", "yes"), "yes")


def answers(scores: Floats, events: Floats) -> Answers:
    """Rows answered at a threshold of one half."""
    words = np.array(["no", "yes"])
    return Answers.of(
        BINARY,
        pd.DataFrame(
            {
                "__label__": words[(scores > 0.5).astype(int)],
                "__score__": scores,
                "__truth__": words[events.astype(int)],
            }
        ),
    )


def test_the_expected_confusion_is_the_one_computed_by_hand() -> None:
    truth = np.array([[0.9, 0.6, 0.2, 0.1, 0.4]])
    scores = np.array([0.8, 0.7, 0.3, 0.3, 0.1])
    chosen = np.array([True, True, False, False, False])
    found = dict(zip(NAMES, cbpe.metrics(NAMES, truth, chosen, scores), strict=True))

    # Of the two answered "yes" 0.9 + 0.6 are expected to be; of the others 0.2 + 0.1 + 0.4.
    hits, false, missed, rest = 1.5, 0.5, 0.7, 2.3
    assert found["accuracy"][0] == pytest.approx((hits + rest) / 5)
    assert found["precision"][0] == pytest.approx(hits / (hits + false))
    assert found["recall"][0] == pytest.approx(hits / (hits + missed))
    assert found["f1"][0] == pytest.approx(2 * hits / (2 * hits + false + missed))
    p = truth[0]
    loss = -(p * np.log(scores) + (1 - p) * np.log(1 - scores)).mean()
    assert found["log_loss"][0] == pytest.approx(loss)
    # Expected pairs of a positive row and another negative one, and those in the right order.
    pairs = [(i, j) for i in range(5) for j in range(5) if i != j]
    weights = np.array([p[i] * (1 - p[j]) for i, j in pairs])
    right = np.array([float(np.sign(scores[i] - scores[j]) + 1) / 2 for i, j in pairs])
    assert found["roc_auc"][0] == pytest.approx((weights * right).sum() / weights.sum())


def test_of_certain_truths_the_metrics_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    scores = random.uniform(0.01, 0.99, 200).round(2)
    truth = (random.random((3, 200)) < scores).astype(float)
    chosen = scores > 0.6
    found = dict(zip(NAMES, cbpe.metrics(NAMES, truth, chosen, scores), strict=True))

    for place, drawn in enumerate(truth):
        expected = (
            sk.accuracy_score(drawn, chosen),
            sk.precision_score(drawn, chosen),
            sk.recall_score(drawn, chosen),
            sk.f1_score(drawn, chosen),
            sk.roc_auc_score(drawn, scores),
            sk.log_loss(drawn, scores),
        )
        assert [found[name][place] for name in NAMES] == pytest.approx(expected)


def test_a_metric_without_its_rows_is_undefined() -> None:
    none, scores = np.zeros((1, 4)), np.full(4, 0.2)
    found = dict(zip(NAMES, cbpe.metrics(NAMES, none, scores > 0.5, scores), strict=True))

    undefined = {name for name in NAMES if np.isnan(found[name][0])}
    assert undefined == {"precision", "recall", "roc_auc"}


def test_scores_that_are_too_sure_are_brought_back() -> None:
    random = np.random.default_rng(1)
    odds = random.normal(0, 1.2, 3_000)
    events = (random.random(3_000) < expit(odds)).astype(float)
    scores = expit(3 * odds)
    learned = Confidence.of(answers(scores, events), random.normal(size=(3_000, 2)))

    fresh = np.linspace(-2, 2, 200)
    inputs = random.normal(size=(200, 2))
    found, again = learned.probabilities(expit(3 * fresh), inputs)
    assert learned.is_calibrated
    assert np.abs(expit(3 * fresh) - expit(fresh)).mean() > 0.15
    assert np.abs(learned.curve.probabilities(expit(3 * fresh)) - expit(fresh)).mean() < 0.03
    assert found.mean() == pytest.approx(0.5, abs=0.05)
    assert again.shape == (cbpe.REPLICATES, 200)
    # The replicates spread about what was learned, not about something else.
    assert np.abs(again.mean(axis=0) - found).mean() < 3 * again.std(axis=0).mean()
    assert again.mean(axis=1).std() > 0.002


def test_the_curve_that_fits_is_chosen() -> None:
    random = np.random.default_rng(2)
    scores = random.uniform(size=2_000)
    steps = np.where(scores < 0.3, 0.5, np.where(scores < 0.9, 0.55, 0.98))
    by_steps = (random.random(2_000) < steps).astype(float)
    by_logit = (random.random(2_000) < expit(0.4 * logit(scores) - 1)).astype(float)

    assert best_method(scores, by_steps) == "isotonic"
    assert best_method(scores, by_logit) == "platt"
    curve = calibrate(scores, by_steps, "isotonic")
    assert curve.probabilities(np.array([0.15, 0.6, 0.95])) == pytest.approx(
        [0.5, 0.55, 0.98], abs=0.06
    )


@pytest.mark.parametrize(("n", "n_events"), [(99, 40), (400, 9)])
def test_scores_of_too_few_rows_are_taken_as_they_are(n: int, n_events: int) -> None:
    scores = np.linspace(0.01, 0.99, n)
    events = (np.arange(n) < n_events).astype(float)
    learned = Confidence.of(answers(scores, events), np.zeros((n, 1)))

    assert not learned.is_calibrated
    assert learned.probabilities(scores, np.zeros((n, 1)))[0] == pytest.approx(scores)


def test_the_inputs_correct_what_one_curve_cannot_know() -> None:
    """The score ignores the input, on which the truth hangs: alike scores, other probabilities."""
    random = np.random.default_rng(3)
    inputs = random.choice([0.0, 1.0], (3_000, 1), p=[0.8, 0.2])
    scores = random.uniform(0.2, 0.8, 3_000)
    chances = np.clip(scores + np.where(inputs[:, 0] == 1, -0.3, 0.075), 0.01, 0.99)
    events = (random.random(3_000) < chances).astype(float)
    learned = Confidence.of(answers(scores, events), inputs)

    scores = np.linspace(0.35, 0.75, 500)
    found = [learned.probabilities(scores, np.full((500, 1), at))[0].mean() for at in (0.0, 1.0)]
    assert found == pytest.approx([0.625, 0.25], abs=0.05)
    assert learned.curve.probabilities(scores).mean() == pytest.approx(0.55, abs=0.05)


@pytest.mark.parametrize("n", [100, 4_000])
def test_a_band_of_known_probabilities_is_that_of_the_rows_chance(n: int) -> None:
    """Accuracy of rows right with 0.8 each is binomial; both ways to take ends must say so."""
    p, chosen = np.full(n, 0.8), np.ones(n, dtype=bool)
    learned = p, np.tile(p, (cbpe.REPLICATES, 1))
    [band] = cbpe.bands(["accuracy"], learned, chosen, p, np.random.default_rng(0))

    reach = 1.96 * np.sqrt(0.8 * 0.2 / n)
    assert band == pytest.approx((0.8 - reach, 0.8 + reach), abs=0.25 * reach)
    # What was learned may be off by 0.05 as a whole: the band takes it in.
    doubt = np.random.default_rng(1).normal(0, 0.05, (cbpe.REPLICATES, 1))
    [wider] = cbpe.bands(["accuracy"], (p, p + doubt), chosen, p, np.random.default_rng(0))
    spread = np.hypot(reach, 1.96 * 0.05)
    assert wider == pytest.approx((0.8 - spread, 0.8 + spread), abs=0.35 * spread)
