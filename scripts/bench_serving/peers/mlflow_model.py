"""Saves an estimator as MLflow saves models: `mlflow_model.py JOBLIB FOLDER`.

Without a signature, so that `models serve` checks nothing; as a pickle, because its default
format refuses forests.
"""

import sys

import joblib
import mlflow.sklearn

mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format="cloudpickle")
