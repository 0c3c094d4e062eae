"""What an artefact may name: an exact list, each entry looked at by a person.

Three kinds, because what is harmless to hold may be harmful to call:

- `INSTANCES`: classes that may be made empty and then given their attributes;
- `VALUES`: what may be named and held, and is neither made nor called;
- `CALLS`: what is called, each by a function here that looks at the arguments first.

Left out on purpose, though scikit-learn has them: the text vectorizers, which may read files, and
searches, which once fitted are their `best_estimator_`.
"""

import pickle
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Name = tuple[str, str]
Arguments = tuple[Any, ...]
Table = Mapping[str, tuple[str, ...]]


class OtherRelease(pickle.UnpicklingError):
    """Another release of scikit-learn wrote it; its text is that release."""


class Forbidden(pickle.UnpicklingError):
    """The bytes want what no artefact needs. Its text is the end of a sentence."""


_INSTANCES: Table = {
    "joblib.numpy_pickle": ("NumpyArrayWrapper",),
    "sklearn._loss.link": ("IdentityLink", "Interval", "LogLink", "LogitLink", "MultinomialLogit"),
    "sklearn._loss.loss": (
        *("AbsoluteError", "HalfBinomialLoss", "HalfGammaLoss", "HalfMultinomialLoss"),
        *("HalfPoissonLoss", "HalfSquaredError", "HalfTweedieLoss", "HuberLoss", "PinballLoss"),
    ),
    "sklearn.calibration": (
        *("CalibratedClassifierCV", "_CalibratedClassifier", "_SigmoidCalibration"),
        "_TemperatureScaling",
    ),
    "sklearn.compose._column_transformer": ("ColumnTransformer",),
    "sklearn.compose._target": ("TransformedTargetRegressor",),
    "sklearn.decomposition._pca": ("PCA",),
    "sklearn.decomposition._truncated_svd": ("TruncatedSVD",),
    "sklearn.discriminant_analysis": ("LinearDiscriminantAnalysis",),
    "sklearn.dummy": ("DummyClassifier", "DummyRegressor"),
    "sklearn.ensemble._bagging": ("BaggingClassifier", "BaggingRegressor"),
    "sklearn.ensemble._forest": (
        *("ExtraTreesClassifier", "ExtraTreesRegressor"),
        *("RandomForestClassifier", "RandomForestRegressor"),
    ),
    "sklearn.ensemble._gb": ("GradientBoostingClassifier", "GradientBoostingRegressor"),
    "sklearn.ensemble._hist_gradient_boosting.binning": ("_BinMapper",),
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting": (
        "HistGradientBoostingClassifier",
        "HistGradientBoostingRegressor",
    ),
    "sklearn.ensemble._hist_gradient_boosting.predictor": ("TreePredictor",),
    "sklearn.ensemble._stacking": ("StackingClassifier", "StackingRegressor"),
    "sklearn.ensemble._voting": ("VotingClassifier", "VotingRegressor"),
    "sklearn.ensemble._weight_boosting": ("AdaBoostClassifier", "AdaBoostRegressor"),
    "sklearn.feature_selection._from_model": ("SelectFromModel",),
    "sklearn.feature_selection._univariate_selection": ("SelectKBest", "SelectPercentile"),
    "sklearn.feature_selection._variance_threshold": ("VarianceThreshold",),
    "sklearn.impute._base": ("MissingIndicator", "SimpleImputer"),
    "sklearn.impute._knn": ("KNNImputer",),
    "sklearn.isotonic": ("IsotonicRegression",),
    "sklearn.linear_model._base": ("LinearRegression",),
    "sklearn.linear_model._bayes": ("ARDRegression", "BayesianRidge"),
    "sklearn.linear_model._coordinate_descent": (
        *("ElasticNet", "ElasticNetCV", "Lasso", "LassoCV"),
    ),
    "sklearn.linear_model._glm.glm": ("GammaRegressor", "PoissonRegressor", "TweedieRegressor"),
    "sklearn.linear_model._huber": ("HuberRegressor",),
    "sklearn.linear_model._least_angle": ("Lars", "LassoLars"),
    "sklearn.linear_model._logistic": ("LogisticRegression", "LogisticRegressionCV"),
    "sklearn.linear_model._quantile": ("QuantileRegressor",),
    "sklearn.linear_model._ridge": ("Ridge", "RidgeCV", "RidgeClassifier", "RidgeClassifierCV"),
    "sklearn.linear_model._stochastic_gradient": ("SGDClassifier", "SGDRegressor"),
    "sklearn.naive_bayes": (
        *("BernoulliNB", "CategoricalNB", "ComplementNB", "GaussianNB", "MultinomialNB"),
    ),
    "sklearn.neighbors._classification": ("KNeighborsClassifier", "RadiusNeighborsClassifier"),
    "sklearn.neighbors._nearest_centroid": ("NearestCentroid",),
    "sklearn.neighbors._regression": ("KNeighborsRegressor", "RadiusNeighborsRegressor"),
    "sklearn.neural_network._multilayer_perceptron": ("MLPClassifier", "MLPRegressor"),
    "sklearn.neural_network._stochastic_optimizers": ("AdamOptimizer", "SGDOptimizer"),
    "sklearn.pipeline": ("FeatureUnion", "Pipeline"),
    "sklearn.preprocessing._data": (
        *("Binarizer", "MaxAbsScaler", "MinMaxScaler", "Normalizer", "PowerTransformer"),
        *("QuantileTransformer", "RobustScaler", "StandardScaler"),
    ),
    "sklearn.preprocessing._discretization": ("KBinsDiscretizer",),
    "sklearn.preprocessing._encoders": ("OneHotEncoder", "OrdinalEncoder"),
    "sklearn.preprocessing._function_transformer": ("FunctionTransformer",),
    "sklearn.preprocessing._label": ("LabelBinarizer", "LabelEncoder"),
    "sklearn.preprocessing._polynomial": ("PolynomialFeatures",),
    "sklearn.preprocessing._target_encoder": ("TargetEncoder",),
    "sklearn.svm._classes": ("LinearSVC", "LinearSVR", "NuSVC", "NuSVR", "SVC", "SVR"),
    "sklearn.tree._classes": (
        *("DecisionTreeClassifier", "DecisionTreeRegressor"),
        *("ExtraTreeClassifier", "ExtraTreeRegressor"),
    ),
    "sklearn.utils._bunch": ("Bunch",),
}

_RANDOM: Table = {
    "numpy.random._mt19937": ("MT19937",),
    "numpy.random._pcg64": ("PCG64",),
    "numpy.random.bit_generator": ("SeedSequence",),
}
_METRICS = ("ChebyshevDistance64", "EuclideanDistance64", "ManhattanDistance64")
_DISTANCES: Table = {"sklearn.metrics._dist_metrics": (*_METRICS, "MinkowskiDistance64")}
_VALUES: Table = {
    "numpy": ("float32", "float64", "ndarray"),
    "sklearn._loss._loss": ("CyHalfMultinomialLoss",),
    "sklearn.feature_selection._univariate_selection": ("f_classif", "f_regression"),
    "sklearn.neighbors._ball_tree": ("BallTree",),
    "sklearn.neighbors._kd_tree": ("KDTree",),
    **_RANDOM,
    **_DISTANCES,
}


def _pairs(table: Table) -> frozenset[Name]:
    return frozenset((module, name) for module, names in table.items() for name in names)


INSTANCES = _pairs(_INSTANCES)
VALUES = _pairs(_VALUES)


def is_plain(dtype: object) -> bool:
    """Whether it is a type of numbers or text: no Python object hides in its arrays."""
    return isinstance(dtype, np.dtype) and not dtype.hasobject


def _bounds(args: Arguments) -> bool:
    return len(args) == 3 and all(arg is None or type(arg) is int for arg in args)


def _dtype(args: Arguments) -> bool:
    """As every dtype pickles itself: a code, and then always `False, True` (a copy)."""
    spec = re.compile(r"b1|[iu][1248]|f[248]|O8|[SUV]\d{1,9}")
    return args[1:] == (False, True) and type(args[0]) is str and bool(spec.fullmatch(args[0]))


def _empty(args: Arguments) -> bool:
    return len(args) == 3 and args[0] is np.ndarray and args[1:] == ((0,), b"b")


def _scalar(args: Arguments) -> bool:
    return len(args) == 2 and is_plain(args[0]) and type(args[1]) is bytes


def _buffer(args: Arguments) -> bool:
    return len(args) == 4 and type(args[0]) in (bytes, bytearray) and is_plain(args[1])


def _numbers(args: Arguments) -> bool:
    return all(type(arg) in (int, float) for arg in args)


def _tree(args: Arguments) -> bool:
    if len(args) != 3 or type(args[0]) is not int or type(args[2]) is not int:
        return False
    return isinstance(args[1], np.ndarray) and args[1].shape == (args[2],) != (0,)


def _class_of(table: Table) -> Callable[[Arguments], bool]:
    names = _pairs(table)

    def check(args: Arguments) -> bool:
        return len(args) == 1 and _name(args[0]) in names

    return check


def _instance_of(table: Table) -> Callable[[Arguments], bool]:
    names = _pairs(table)

    def check(args: Arguments) -> bool:
        return len(args) == 1 and _name(type(args[0])) in names

    return check


def _cython(module: str, name: str) -> Callable[[Arguments], bool]:
    """Of `__pyx_unpickle_X`: the class X, a checksum, and no state yet."""

    def check(args: Arguments) -> bool:
        return len(args) == 3 and _name(args[0]) == (module, name) and args[2] in (None, ())

    return check


def _name(kind: object) -> Name:
    """A class by its name. A file makes no classes, so a listed name is the listed class."""
    return (kind.__module__, kind.__name__) if isinstance(kind, type) else ("", "")


_LOSSES = (
    *("CyAbsoluteError", "CyHalfBinomialLoss", "CyHalfGammaLoss", "CyHalfPoissonLoss"),
    *("CyHalfSquaredError", "CyHalfTweedieLoss", "CyHuberLoss", "CyPinballLoss"),
)
_SGD = (
    *("EpsilonInsensitive", "Hinge", "ModifiedHuber", "SquaredEpsilonInsensitive"),
    "SquaredHinge",
)
CALLS: dict[Name, Callable[[Arguments], bool]] = {
    ("builtins", "slice"): _bounds,
    ("numpy", "dtype"): _dtype,
    ("numpy._core.multiarray", "_reconstruct"): _empty,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("numpy._core.numeric", "_frombuffer"): _buffer,
    ("numpy.random._pickle", "__bit_generator_ctor"): _class_of(_RANDOM),
    ("numpy.random._pickle", "__generator_ctor"): _instance_of(_RANDOM),
    ("numpy.random._pickle", "__randomstate_ctor"): _instance_of(_RANDOM),
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"): _cython(
        "numpy.random.bit_generator", "SeedSequence"
    ),
    ("sklearn._loss._loss", "__pyx_unpickle_CyHalfMultinomialLoss"): _cython(
        "sklearn._loss._loss", "CyHalfMultinomialLoss"
    ),
    **{("sklearn._loss._loss", name): _numbers for name in _LOSSES},
    **{("sklearn.linear_model._sgd_fast", name): _numbers for name in _SGD},
    ("sklearn.metrics._dist_metrics", "newObj"): _class_of(_DISTANCES),
    ("sklearn.neighbors._ball_tree", "newObj"): _class_of(
        {"sklearn.neighbors._ball_tree": ("BallTree",)}
    ),
    ("sklearn.neighbors._kd_tree", "newObj"): _class_of(
        {"sklearn.neighbors._kd_tree": ("KDTree",)}
    ),
    ("sklearn.tree._tree", "Tree"): _tree,
}
"""By name, whether these arguments are such as the honest writer of an artefact gives."""


def _passes_through(state: Any) -> bool:
    return state["func"] is None and state["inverse_func"] is None


STATES: dict[Name, Callable[[Any], bool]] = {
    # What a ColumnTransformer makes of "passthrough"; with a function it would call that.
    ("sklearn.preprocessing._function_transformer", "FunctionTransformer"): _passes_through,
}
"""By name of a class, whether its instances may have these attributes."""
