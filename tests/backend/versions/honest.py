"""Fitted estimators of every kind that an artefact may hold, small and quick."""

import functools
import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    compose,
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    impute,
    isotonic,
    naive_bayes,
    neighbors,
    neural_network,
    svm,
    tree,
)
from sklearn import feature_selection as selection
from sklearn import linear_model as linear
from sklearn import preprocessing as prepare
from sklearn.base import BaseEstimator
from sklearn.datasets import load_diabetes, load_iris
from sklearn.pipeline import FeatureUnion, make_pipeline

FEW: dict[str, Any] = {"n_estimators": 3, "random_state": 0}
BOOSTED: dict[str, Any] = {"max_iter": 3, "random_state": 0}
NET: dict[str, Any] = {"hidden_layer_sizes": (3,), "max_iter": 5, "random_state": 0}
LOSSES = (
    *("epsilon_insensitive", "hinge", "huber", "log_loss", "modified_huber"),
    *("squared_epsilon_insensitive", "squared_hinge"),
)
TWO: list[tuple[str, Any]] = [
    ("linear", linear.LogisticRegression()),
    ("bayes", naive_bayes.GaussianNB()),
]
LINES: list[tuple[str, Any]] = [("ridge", linear.Ridge()), ("lasso", linear.Lasso())]


def _columns(encoder: Any) -> compose.ColumnTransformer:
    """As training builds them, with a part that is passed through and one that is left over."""
    numbers = make_pipeline(
        impute.SimpleImputer(strategy="median", add_indicator=True), prepare.StandardScaler()
    )
    parts = [("numbers", numbers, ["size"]), ("categories", encoder, ["colour"])]
    return compose.ColumnTransformer(
        [*parts, ("as it is", "passthrough", ["count"])], remainder=prepare.OneHotEncoder()
    )


CLASSIFIERS: tuple[Any, ...] = (
    linear.LogisticRegression(),
    linear.LogisticRegressionCV(Cs=2, cv=2, use_legacy_attributes=False, scoring="neg_log_loss"),
    linear.RidgeClassifier(),
    linear.RidgeClassifierCV(),
    *(linear.SGDClassifier(loss=loss, random_state=0) for loss in LOSSES),
    svm.SVC(),
    svm.NuSVC(),
    svm.LinearSVC(),
    *(neighbors.KNeighborsClassifier(metric=m) for m in ("euclidean", "manhattan", "chebyshev")),
    neighbors.KNeighborsClassifier(p=3, algorithm="ball_tree"),
    neighbors.RadiusNeighborsClassifier(9.0),
    neighbors.NearestCentroid(),
    naive_bayes.GaussianNB(),
    naive_bayes.BernoulliNB(),
    naive_bayes.MultinomialNB(),
    naive_bayes.ComplementNB(),
    naive_bayes.CategoricalNB(min_categories=9),
    tree.DecisionTreeClassifier(),
    tree.ExtraTreeClassifier(),
    ensemble.RandomForestClassifier(**FEW),
    ensemble.ExtraTreesClassifier(**FEW),
    ensemble.GradientBoostingClassifier(**FEW),
    ensemble.HistGradientBoostingClassifier(**BOOSTED),
    ensemble.AdaBoostClassifier(**FEW),
    ensemble.BaggingClassifier(**FEW),
    ensemble.VotingClassifier(TWO, voting="soft"),
    ensemble.StackingClassifier(TWO, cv=2),
    neural_network.MLPClassifier(**NET),
    neural_network.MLPClassifier(**NET, solver="sgd"),
    *(
        calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=2, method=method)
        for method in ("sigmoid", "isotonic", "temperature")
    ),
    discriminant_analysis.LinearDiscriminantAnalysis(),
    dummy.DummyClassifier(),
    make_pipeline(prepare.StandardScaler(), linear.LogisticRegression()),
    make_pipeline(decomposition.PCA(2), svm.SVC()),
    make_pipeline(decomposition.TruncatedSVD(2), svm.SVC()),
    make_pipeline(selection.SelectKBest(k=2), svm.SVC()),
    make_pipeline(selection.SelectPercentile(), svm.SVC()),
    make_pipeline(selection.VarianceThreshold(), svm.SVC()),
    make_pipeline(selection.SelectFromModel(linear.LogisticRegression()), svm.SVC()),
    make_pipeline(FeatureUnion([("pca", decomposition.PCA(2))]), svm.SVC()),
)
REGRESSORS: tuple[Any, ...] = (
    linear.LinearRegression(),
    linear.Ridge(),
    linear.RidgeCV(),
    linear.Lasso(),
    linear.LassoCV(cv=2),
    linear.ElasticNet(),
    linear.ElasticNetCV(cv=2),
    linear.BayesianRidge(),
    linear.ARDRegression(),
    linear.HuberRegressor(max_iter=500),
    linear.Lars(),
    linear.LassoLars(),
    linear.QuantileRegressor(),
    linear.PoissonRegressor(),
    linear.GammaRegressor(),
    linear.TweedieRegressor(power=1.5),
    linear.SGDRegressor(random_state=0),
    svm.SVR(),
    svm.NuSVR(),
    svm.LinearSVR(),
    neighbors.KNeighborsRegressor(),
    neighbors.RadiusNeighborsRegressor(9.0),
    tree.DecisionTreeRegressor(),
    tree.ExtraTreeRegressor(),
    ensemble.RandomForestRegressor(**FEW),
    ensemble.ExtraTreesRegressor(**FEW),
    *(
        ensemble.GradientBoostingRegressor(**FEW, loss=loss)
        for loss in ("squared_error", "absolute_error", "huber", "quantile")
    ),
    *(
        ensemble.HistGradientBoostingRegressor(**BOOSTED, loss=loss, quantile=0.5)
        for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile")
    ),
    ensemble.AdaBoostRegressor(**FEW),
    ensemble.BaggingRegressor(**FEW),
    ensemble.VotingRegressor(LINES),
    ensemble.StackingRegressor(LINES, cv=2),
    neural_network.MLPRegressor(**NET),
    dummy.DummyRegressor(),
    compose.TransformedTargetRegressor(linear.Ridge(), transformer=prepare.StandardScaler()),
    make_pipeline(selection.SelectKBest(selection.f_regression, k=2), linear.Ridge()),
    *(
        make_pipeline(step, linear.Ridge())
        for step in (
            prepare.Binarizer(),
            prepare.KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"),
            prepare.MaxAbsScaler(),
            prepare.MinMaxScaler(),
            prepare.Normalizer(),
            prepare.PolynomialFeatures(2),
            prepare.PowerTransformer(),
            prepare.QuantileTransformer(n_quantiles=9),
            prepare.RobustScaler(),
            impute.KNNImputer(),
        )
    ),
)
ON_COLUMNS: tuple[Any, ...] = tuple(
    make_pipeline(_columns(encoder), linear.LogisticRegression())
    for encoder in (
        prepare.OneHotEncoder(handle_unknown="ignore", sparse_output=False),
        prepare.OneHotEncoder(max_categories=2, dtype=np.float32),
        prepare.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        prepare.TargetEncoder(cv=2),
    )
)


class Case(NamedTuple):
    """A fitted estimator and rows to ask it about."""

    estimator: BaseEstimator
    rows: Any


def _mixed() -> tuple[pd.DataFrame, Any]:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": random.normal(size=60),
            "count": random.integers(0, 9, 60),
            "colour": random.choice(np.array(["red", "green", None], dtype=object), 60),
            "member": random.choice([True, False], 60),
        }
    )
    frame.loc[::7, "size"] = np.nan
    return frame, random.choice(["no", "yes"], 60)


def _fit(estimator: Any, rows: Any, truth: Any) -> Case:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how well they fit is no matter here
        return Case(estimator.fit(rows, truth), rows)


@functools.cache
def cases() -> tuple[Case, ...]:
    """All of them."""
    flowers, species = load_iris(return_X_y=True)
    patients, progress = load_diabetes(return_X_y=True)
    named = np.array(["a", "b", "c"])[species]
    lot = [_fit(model, flowers.round(), named) for model in CLASSIFIERS]
    lot += [_fit(model, np.abs(patients[:90]), progress[:90]) for model in REGRESSORS]
    lot += [_fit(model, *_mixed()) for model in ON_COLUMNS]
    # A binary problem has losses of its own.
    two = species < 2
    for model in (ensemble.HistGradientBoostingClassifier(**BOOSTED), svm.SVC()):
        lot.append(_fit(model, flowers[two], named[two]))
    lot.append(_fit(isotonic.IsotonicRegression(), patients[:, 2], progress))
    return tuple(lot)
