"""A fitted pipeline as an ONNX graph in double precision, by skl2onnx.

Only what training needs imports this module: skl2onnx and onnx take half a second.

The graph takes one matrix of shape (rows, features). A category is its code there (see
`compiled.Codes`), and what the pipeline makes of a category is looked up in a table of what
scikit-learn answered for each of them: strings with missing values fail in onnxruntime.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from skl2onnx.proto import TensorProto
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from backend.versions.compiled import INPUT, codes_of
from backend.versions.onnx_trees import (
    DOMAIN,
    boosted_trees,
    forest_trees,
    shared_leaves,
    single_leaves,
)
from backend.versions.signature import Signature

OPSET = 18
LATEST_KNOWN = 3  # to skl2onnx, of the operators of `ai.onnx.ml`
HAS_TREE_ENSEMBLE = 5


class Lookup:
    """In place of an encoder: row `code` of `table` is what it made of the category."""

    def __init__(self, table: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        self.table = table


def whole(signature: Signature, estimator: Any) -> bytes:
    """The estimator with its preprocessing, taking `Compiled.read`'s matrix.

    Raises:
        Exception: skl2onnx cannot convert it; its exceptions are of any kind.
    """
    if isinstance(estimator, Pipeline):
        steps = [(name, _without_names(signature, step)) for name, step in estimator.steps]
        estimator = Pipeline(steps)
    return _convert(estimator, len(signature.features))


def last_step(estimator: Any) -> bytes:
    """The pipeline's last step alone, taking the matrix that the others make.

    Raises:
        Exception: skl2onnx cannot convert it; its exceptions are of any kind.
    """
    final = estimator.steps[-1][1]
    return _convert(final, final.n_features_in_)


def _convert(estimator: Any, width: int) -> bytes:
    final = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    model = convert_sklearn(
        estimator,
        name="version",  # or each would have another
        initial_types=[(INPUT, DoubleTensorType([None, width]))],
        target_opset={"": OPSET, DOMAIN: LATEST_KNOWN},
        options={id(final): {"zipmap": False}} if hasattr(final, "classes_") else None,
        custom_parsers=dict.fromkeys(_TREES, _one_output),
        custom_shape_calculators=dict.fromkeys((*_TREES, Lookup), _shape),
        custom_conversion_functions=_CONVERTERS,
    )
    # Labels are chosen from the probabilities by the signature.
    model = select_model_inputs_outputs(model, [model.graph.output[-1].name])
    _declare_operators(model)
    return bytes(model.SerializeToString(deterministic=True))


def _declare_operators(model: Any) -> None:
    """Say which versions of the operators are used, always in the same order.

    skl2onnx stops before the version that brought `TreeEnsemble`.
    """
    versions = {opset.domain: opset.version for opset in model.opset_import}
    if any(node.op_type == "TreeEnsemble" for node in model.graph.node):
        versions[DOMAIN] = HAS_TREE_ENSEMBLE
    del model.opset_import[:]
    for domain, version in sorted(versions.items()):
        model.opset_import.add(domain=domain, version=version)


def _without_names(signature: Signature, step: Any) -> Any:
    """A column transformer that takes columns by place, and categories by code."""
    if not isinstance(step, ColumnTransformer):
        return step
    found = copy.copy(step)
    found.transformers_ = [
        (
            name,
            _by_code(signature, transformer, columns),
            [signature.names.index(c) for c in columns],
        )
        for name, transformer, columns in step.transformers_
    ]
    return found


def _by_code(signature: Signature, transformer: Any, columns: list[str]) -> Any:
    features = [signature.feature(name) for name in columns]
    if all(feature.is_numeric for feature in features) or isinstance(transformer, str):
        return transformer
    if len(features) > 1:
        raise ValueError("an encoder takes several columns at once")
    values = list(codes_of(features[0]))
    if features[0].kind == "category" and signature.serves_unseen:
        values.append("?" * (1 + max(map(len, features[0].categories))))  # none of them
    column = np.empty(len(values), dtype=object)
    column[:] = values
    made = transformer.transform(pd.DataFrame({columns[0]: column}))
    return Lookup(np.asarray(made, dtype=np.float64))


def _one_output(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> Any:  # noqa: ARG001  # skl2onnx calls it by these names
    operator = scope.declare_local_operator(type(model).__name__, model)
    operator.inputs = inputs
    operator.outputs.append(scope.declare_local_variable("answers", DoubleTensorType()))
    return operator.outputs


def _shape(operator: Any) -> None:
    operator.outputs[0].type = DoubleTensorType([operator.inputs[0].get_first_dimension(), None])


class _Graph:
    """Adds nodes and constants to what skl2onnx is making."""

    def __init__(self, scope: Any, container: Any, operator: Any) -> None:
        self._scope, self._container = scope, container
        self.model = operator.raw_operator
        self.given: str = operator.inputs[0].full_name
        self._made: str = operator.outputs[0].full_name

    def add(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node and return the name of what it makes."""
        made = str(self._scope.get_unique_variable_name(kind))
        self._container.add_node(kind, list(inputs), made, op_domain=domain, **attributes)
        return made

    def trees(self, kind: str, rows: str, attributes: dict[str, Any]) -> str:
        """Add trees; how their sums are called."""
        return self.add(kind, rows, domain=DOMAIN, op_version=LATEST_KNOWN, **attributes)

    def constant(self, values: Any, kind: int = TensorProto.DOUBLE) -> str:
        """Add a constant and return its name."""
        array = np.asarray(values)
        name = str(self._scope.get_unique_variable_name("constant"))
        self._container.add_initializer(name, kind, array.shape, array.ravel())
        return name

    def answer(self, name: str) -> None:
        """Make `name` the operator's output."""
        self._container.add_node("Identity", [name], self._made)


def _forest(scope: Any, operator: Any, container: Any) -> None:
    graph = _Graph(scope, container, operator)
    single = graph.add("Cast", graph.given, to=TensorProto.FLOAT)
    rows = graph.add("Cast", single, to=TensorProto.DOUBLE)
    trees, n = forest_trees(graph.model), len(graph.model.estimators_)
    if trees.weights.shape[1] > 2:
        sums = graph.trees("TreeEnsembleRegressor", rows, shared_leaves(trees))
        sums = graph.add("Cast", sums, to=TensorProto.DOUBLE)
    else:
        # Of two labels the second's sum says the first's.
        sums = graph.trees("TreeEnsemble", rows, single_leaves(trees, np.zeros(n, dtype=int)))
        if trees.weights.shape[1] == 2:
            first = graph.add("Sub", graph.constant([float(n)]), sums)
            sums = graph.add("Concat", first, sums, axis=1)
    graph.answer(graph.add("Div", sums, graph.constant([float(n)])))


def _boosting(scope: Any, operator: Any, container: Any) -> None:
    graph = _Graph(scope, container, operator)
    model = graph.model
    sums = graph.trees("TreeEnsemble", graph.given, single_leaves(*boosted_trees(model)))
    baseline = model._baseline_prediction  # noqa: SLF001  # the sums' start has no public name
    raw = graph.add("Add", sums, graph.constant(baseline))
    graph.answer(_LINKS[type(model._loss).__name__](graph, raw))  # noqa: SLF001  # nor has its loss


def _of_two(graph: _Graph, raw: str) -> str:
    positive = graph.add("Sigmoid", raw)
    negative = graph.add("Sub", graph.constant([1.0]), positive)
    return graph.add("Concat", negative, positive, axis=1)


def _lookup(scope: Any, operator: Any, container: Any) -> None:
    graph = _Graph(scope, container, operator)
    codes = graph.add("Cast", graph.given, to=TensorProto.INT64)
    flat = graph.add("Reshape", codes, graph.constant([-1], TensorProto.INT64))
    graph.answer(graph.add("Gather", graph.constant(graph.model.table), flat, axis=0))


def _imputer(scope: Any, operator: Any, container: Any) -> None:
    graph = _Graph(scope, container, operator)
    model = graph.model
    fill = np.asarray(model.statistics_, dtype=np.float64)
    if model.add_indicator or not np.isnan(model.missing_values) or np.isnan(fill).any():
        raise ValueError("it imputes in a way that is not compiled")
    missing = graph.add("IsNaN", graph.given)
    graph.answer(graph.add("Where", missing, graph.constant(fill[None, :]), graph.given))


_TREES: tuple[type, ...] = (
    RandomForestClassifier,
    RandomForestRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
_CONVERTERS: dict[type, Callable[[Any, Any, Any], None]] = {
    RandomForestClassifier: _forest,
    RandomForestRegressor: _forest,
    HistGradientBoostingClassifier: _boosting,
    HistGradientBoostingRegressor: _boosting,
    SimpleImputer: _imputer,
    Lookup: _lookup,
}
_LINKS: dict[str, Callable[[_Graph, str], str]] = {
    "HalfBinomialLoss": _of_two,
    "HalfMultinomialLoss": lambda graph, raw: graph.add("Softmax", raw, axis=1),
    "HalfSquaredError": lambda _graph, raw: raw,
}
