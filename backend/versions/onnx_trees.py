"""Forests and boosted trees as ONNX nodes that decide and add as scikit-learn does.

Thresholds stay in double precision. A forest's rows are rounded to single precision first, because
scikit-learn rounds them; boosting's are not, because it does not. `TreeEnsemble` (ai.onnx.ml 5)
adds up in double precision but takes one weight a leaf. The leaves of a forest for more than two
labels hold several, for which `TreeEnsembleRegressor` (ai.onnx.ml 3) is there: it adds up in double
precision and rounds the sums to single precision.

skl2onnx's own converters cannot be used: that for histogram gradient boosting hands onnx a boolean
where it takes whole numbers only, that for a regressing forest writes a type in double precision
that onnxruntime refuses, and that for a classifying forest takes 25 ms a tree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from skl2onnx.proto import TensorProto

DOMAIN = "ai.onnx.ml"
MOST_NODES = 1_000_000  # of all trees: converting so many takes a gigabyte for a moment

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Trees:
    """The nodes of all trees, one after the other.

    Attributes:
        tree: of each node the number of its tree.
        node: its place in the tree; a tree's root is at 0.
        leaf: whether it is one.
        feature, threshold: a row goes to `left` where its value is at most the threshold.
        missing_left: whether a missing value goes to `left`.
        left, right: places in the tree.
        weights: shape (nodes, width): what a leaf adds to each label's sum, or to the one sum.
    """

    tree: Array
    node: Array
    leaf: Array
    feature: Array
    threshold: Array
    missing_left: Array
    left: Array
    right: Array
    weights: Array

    @classmethod
    def join(cls, parts: Sequence[dict[str, Array]]) -> "Trees":
        """One tree after the other; `parts` have every field but `tree` and `node`.

        Raises:
            ValueError: they have more nodes than are compiled.
        """
        sizes = [len(part["leaf"]) for part in parts]
        if sum(sizes) > MOST_NODES:
            raise ValueError(f"its trees have {sum(sizes):,} nodes; the limit is {MOST_NODES:,}")
        joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        tree = np.repeat(np.arange(len(parts)), sizes)
        return cls(tree=tree, node=np.concatenate([np.arange(n) for n in sizes]), **joined)


def forest_trees(model: Any) -> Trees:
    """The trees of a fitted random forest; the weights of a classifier are shares of its labels."""
    return Trees.join([_forest_tree(found.tree_) for found in model.estimators_])


def boosted_trees(model: Any) -> tuple[Trees, Array]:
    """The trees of fitted histogram gradient boosting, and the sum that each of them adds to.

    Raises:
        ValueError: a split is by category.
    """
    rounds = model._predictors  # noqa: SLF001  # scikit-learn has no public name for them
    trees = [_boosted_tree(found.nodes) for each in rounds for found in each]
    return Trees.join(trees), np.tile(np.arange(len(rounds[0])), len(rounds))


def shared_leaves(trees: Trees) -> dict[str, Any]:
    """The attributes of a `TreeEnsembleRegressor` in double precision."""
    places, targets = np.nonzero(np.where(trees.leaf[:, None], trees.weights, 0.0))
    return {
        "n_targets": trees.weights.shape[1],
        "nodes_treeids": trees.tree.tolist(),
        "nodes_nodeids": trees.node.tolist(),
        "nodes_featureids": trees.feature.tolist(),
        "nodes_modes": np.where(trees.leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_values_as_tensor": _tensor(trees.threshold, TensorProto.DOUBLE),
        "nodes_truenodeids": trees.left.tolist(),
        "nodes_falsenodeids": trees.right.tolist(),
        "nodes_missing_value_tracks_true": trees.missing_left.tolist(),
        "target_treeids": trees.tree[places].tolist(),
        "target_nodeids": trees.node[places].tolist(),
        "target_ids": targets.tolist(),
        "target_weights_as_tensor": _tensor(trees.weights[places, targets], TensorProto.DOUBLE),
    }


def single_leaves(trees: Trees, sums: Array) -> dict[str, Any]:
    """The attributes of a `TreeEnsemble` in double precision.

    Args:
        trees: the last of a leaf's weights is added.
        sums: of each tree the number of the sum that its leaves add to.
    """
    trees = _without_lone_leaves(trees)
    inner = ~trees.leaf
    starts = np.searchsorted(trees.tree, np.arange(len(sums)))
    # Leaves and inner nodes are counted apart, each through all trees.
    place = np.where(inner, np.cumsum(inner), np.cumsum(trees.leaf)) - 1
    left, right = (starts[trees.tree[inner]] + way[inner] for way in (trees.left, trees.right))
    return {
        "n_targets": int(sums.max()) + 1,
        "tree_roots": place[starts].tolist(),
        "nodes_featureids": trees.feature[inner].tolist(),
        "nodes_modes": _tensor(np.zeros(inner.sum()), TensorProto.UINT8),  # at most
        "nodes_splits": _tensor(trees.threshold[inner], TensorProto.DOUBLE),
        "nodes_truenodeids": place[left].tolist(),
        "nodes_falsenodeids": place[right].tolist(),
        "nodes_trueleafs": trees.leaf[left].astype(int).tolist(),
        "nodes_falseleafs": trees.leaf[right].astype(int).tolist(),
        "nodes_missing_value_tracks_true": trees.missing_left[inner].tolist(),
        "leaf_targetids": sums[trees.tree[trees.leaf]].tolist(),
        "leaf_weights": _tensor(trees.weights[trees.leaf, -1], TensorProto.DOUBLE),
    }


def _forest_tree(tree: Any) -> dict[str, Array]:
    leaf = tree.children_left == -1
    return {
        "leaf": leaf,
        "feature": np.where(leaf, 0, tree.feature),
        "threshold": np.where(leaf, 0.0, tree.threshold),
        "missing_left": np.where(leaf, 0, tree.missing_go_to_left).astype(int),
        "left": np.where(leaf, 0, tree.children_left),
        "right": np.where(leaf, 0, tree.children_right),
        "weights": tree.value[:, 0, :],
    }


def _boosted_tree(nodes: Array) -> dict[str, Array]:
    if nodes["is_categorical"].any():
        raise ValueError("it splits by category itself")
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "leaf": leaf,
        "feature": np.where(leaf, 0, nodes["feature_idx"]),
        "threshold": np.where(leaf, 0.0, nodes["num_threshold"]),
        "missing_left": np.where(leaf, 0, nodes["missing_go_to_left"]).astype(int),
        "left": np.where(leaf, 0, nodes["left"]).astype(int),
        "right": np.where(leaf, 0, nodes["right"]).astype(int),
        "weights": nodes["value"][:, None],
    }


def _without_lone_leaves(trees: Trees) -> Trees:
    """A tree that is one leaf becomes a question with that leaf on either side."""
    sizes = np.bincount(trees.tree)
    if sizes.min() > 1:
        return trees
    parts = []
    for number in range(len(sizes)):
        own = trees.tree == number
        part = {
            name: getattr(trees, name)[own]
            for name in Trees.__dataclass_fields__
            if name not in {"tree", "node"}
        }
        parts.append(part if sizes[number] > 1 else _split(part))
    return Trees.join(parts)


def _split(part: dict[str, Array]) -> dict[str, Array]:
    doubled = {name: np.concatenate([values, values]) for name, values in part.items()}
    return doubled | {
        "leaf": np.array([False, True]),
        "left": np.array([1, 0]),
        "right": np.array([1, 0]),
    }


def _tensor(values: Array, kind: int) -> Any:
    dtype = {TensorProto.DOUBLE: "<f8", TensorProto.UINT8: "u1"}[kind]
    content = np.ascontiguousarray(values, dtype=dtype)
    return TensorProto(dims=content.shape, data_type=kind, raw_data=content.tobytes())
