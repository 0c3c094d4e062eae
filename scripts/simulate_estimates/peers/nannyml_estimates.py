"""CBPE or DLE of NannyML over the windows of a folder; runs where nannyml is installed.

Arguments: the folder, the task, the rows of a window, the features. Prints JSON.
"""

import contextlib
import io
import json
import sys
import warnings

import pandas as pd

warnings.filterwarnings("ignore")


def main() -> None:
    """Estimate, and print a list of values for each metric."""
    folder, task, size, *features = sys.argv[1:]
    reference = pd.read_parquet(f"{folder}/reference.parquet")
    windows = pd.read_parquet(f"{folder}/windows.parquet")
    with contextlib.redirect_stdout(io.StringIO()):
        import nannyml  # type: ignore[import-not-found]  # it has an environment of its own

        if task == "binary":
            for frame in (reference, windows):
                frame["truth"] = (frame["__truth__"] == "yes").astype(int)
                frame["answer"] = (frame["__label__"] == "yes").astype(int)
            estimator = nannyml.CBPE(
                y_pred_proba="__score__", y_pred="answer", y_true="truth",
                problem_type="classification_binary", metrics=["accuracy", "roc_auc"],
                chunk_size=int(size),
            )  # fmt: skip
        else:
            estimator = nannyml.DLE(
                feature_column_names=features, y_pred="__value__", y_true="__truth__",
                metrics=["mae", "rmse"], chunk_size=int(size),
            )  # fmt: skip
        estimator.fit(reference)
        table = estimator.estimate(windows).to_df()
        analysis = table[table[("chunk", "period")] == "analysis"]
        found = {
            metric: analysis[(metric, "value")].tolist()
            for metric in ("accuracy", "roc_auc", "mae", "rmse")
            if (metric, "value") in analysis
        }
    print(json.dumps(found | {"version": nannyml.__version__}))


main()
