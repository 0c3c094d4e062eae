"""What holds for a model for which nothing was written, as the text that one begins to edit."""

from typing import Final

_TOP: Final = """\
# What a version must show before it may answer; docs/gates.md explains every section.
# A section that is left out, or that begins with `#`, is not checked. Metrics are measured on
# rows that were held out of training.

[minimum_rows]
heldout = 100            # held-out rows that the figures rest on, at least
segment = 50             # groups of fewer rows are not judged

"""
_TASKS: Final = {
    "binary": """\
# [floors]               # the worst value allowed
# roc_auc = 0.7
# log_loss = 0.6

[no_worse]               # than the champion on the same rows, at the bad end of the 95 % interval
roc_auc = 0.02           # in the metric's unit, or "5 %" of the champion's figure

# [segments.COLUMN.no_worse]      # the same in each group of a feature; floors too
# accuracy = 0.05

[calibration]
ece = 0.1                # expected calibration error, at most

# [fairness.COLUMN]      # the greatest difference between two groups
# selection_rate = 0.1
# true_positive_rate = 0.1
# error = 0.05

""",
    "multiclass": """\
# [floors]               # the worst value allowed
# accuracy = 0.8
# log_loss = 0.6

[no_worse]               # than the champion on the same rows, at the bad end of the 95 % interval
accuracy = 0.03          # in the metric's unit, or "5 %" of the champion's figure

# [segments.COLUMN.no_worse]      # the same in each group of a feature; floors too
# accuracy = 0.05

[calibration]
ece = 0.1                # expected calibration error, at most

# [fairness.COLUMN]      # the greatest difference between two groups
# error = 0.05

""",
    "regression": """\
# [floors]               # the worst value allowed: of an error the greatest
# rmse = 100
# r2 = 0.5

[no_worse]               # than the champion on the same rows, at the bad end of the 95 % interval
mae = "5 %"              # of the champion's figure, or a number in the target's unit

# [segments.COLUMN.no_worse]      # the same in each group of a feature; floors too
# mae = "20 %"

# [fairness.COLUMN]      # the greatest difference between two groups, in the target's unit
# error = 50

""",
}
_REST: Final = """\
# [agreement]            # with the champion, when logged requests are rescored
# share = 0.9
# rows = 10000

# [training_drift]       # of the log from the rows that the version was trained on
# drifted = 2            # features, at most

[latency]
times_champion = 10      # median of one row at a time, at most; also us_per_row, in microseconds

[artefact]
reproduced = 1.0         # share of the answers stored at training that it gives again, at least

[signature]
accepted = 1.0           # share of the champion's logged requests that it accepts, at least
rows = 1000

[scenarios]
failing = 0              # saved what-if scenarios that may fail
"""


def default_of(task: str) -> str:
    """The text for a model of this task: binary, multiclass or regression."""
    return _TOP + _TASKS[task] + _REST


DEFAULT: Final = default_of("binary")
"""The text of a binary model; `default_of` gives that of each task."""
