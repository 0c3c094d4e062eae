"""The metrics that versions are compared by: their titles, and which way is better."""

from console.training import metrics as training

TITLES = training.TITLES | {
    "balanced_accuracy": "Balanced accuracy",
    "precision": "Precision of the positive label",
    "recall": "Recall of the positive label",
    "average_precision": "PR AUC (average precision)",
    "calibration_error": "Expected calibration error",
    "median_ae": "Median absolute error",
    "bias": "Mean error (answer less truth)",
}
LOWER_IS_BETTER = training.LOWER_IS_BETTER | {"calibration_error", "median_ae", "bias"}
BEST_AT_ZERO = frozenset({"bias"})
"""Of these the size is compared, whatever the sign."""
FIRST = {"binary": "accuracy", "multiclass": "accuracy", "regression": "mae"}
"""By task, the metric that is named first."""
