"""Is one version better than another on the same rows, and what differs between them?

What others build on:

- `rows(database, versions, chosen, store) -> Rows`: the rows that all of the versions can answer.
  `chosen` is `HeldOut()` (those that the last version held out), `Logged(window)` (logged rows
  whose truth is known, whoever answered them) or `Table(name, frame, fingerprint, time)`,
  which `open_table(spec)` and `uploaded(content, name)` read. `Rows` has kind, title, frame
  (features, `__truth__`; of the log `__prediction_id__` and `__at__`), n, n_found, warning,
  notes, window.
- `compare(database, a, b, store, seed=0, *, chosen=HeldOut(), timing=True) -> Comparison`: two
  versions on them. `Comparison` has a, b, frame (a row a metric), flips, differences, agreement,
  n, warning, rows, mcnemar, calibration, thresholds, speed, undefined, verdict, enough and
  `to_json()`; `report.Comparison` lists the columns of each frame.
- `table(database, versions, rows, store, *, timing=True, seed=0) -> DataFrame`: any number of
  versions, a row each, the best by the first metric first.
- `curves.calibration`, `curves.thresholds(side, scores, events) -> DataFrame`, and
  `curves.costs(thresholds, false_alarm, miss) -> Costs` (frame, best, advised).
- `answers.answer(scorer, frame, labels) -> Answers`, `answers.all_labels(signatures, truth)`,
  `answers.judges(signature, truth, answers) -> dict[str, Metric]`: each metric waits for weights
  of shape (resamples, n); `metrics.resamples(n, seed)` draws them.
- `mcnemar.mcnemar(right_a, right_b, names) -> McNemar`, `speed.measure(version, scorer, frame,
  store) -> Speed`, `differences.differences(a, b) -> DataFrame`.
- `cautious.cautious(frame, test, unlike) -> DataFrame`: what the exact test does not bear out is
  not clear; `compare` has done so already.
- `titles.TITLES`, `titles.LOWER_IS_BETTER`, `titles.FIRST`; `held_out.named(version)`;
  `chosen.TRUTH`, `chosen.ROW`, `chosen.FEWEST_ROWS`, `chosen.MOST_ROWS`.
"""

from console.comparison.compare import compare
from console.comparison.mcnemar import McNemar
from console.comparison.report import Comparison
from console.comparison.sets import (
    Chosen,
    HeldOut,
    Logged,
    Rows,
    Table,
    open_table,
    rows,
    uploaded,
)
from console.comparison.several import table

__all__ = [
    "Chosen",
    "Comparison",
    "HeldOut",
    "Logged",
    "McNemar",
    "Rows",
    "Table",
    "compare",
    "open_table",
    "rows",
    "table",
    "uploaded",
]
