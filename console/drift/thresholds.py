"""The lines that a verdict is drawn by, and the change that a stable window must have shown.

`docs/drift.md` says what each means to a reader.
"""

PROMISED = 0.05
"""At most this share of windows shows any flag at all where nothing has moved."""

SIGNIFICANT = 0.04
"""The level of the tests: a little under what is promised, for what a finite reference, rounded
values and pooled categories add to it (`docs/benchmarks/calibration.md`)."""

NUMBER_FLOOR = 0.1
"""Reference standard deviations; of a constant reference, the share of differing values."""

CATEGORY_FLOOR = 0.1
"""Jensen-Shannon distance, in natural logarithms."""

MISSING_FLOOR = 0.05
"""Difference of two shares of missing values."""

SHIFT = 0.3
"""Reference standard deviations: the shift of a number that a stable window would have shown."""

POWER = 0.8
"""The probability with which it would have."""
