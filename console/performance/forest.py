"""Means of a quantity near given inputs, by the leaves of randomised trees.

A forest is read as what it is: weights on the rows that it learned from (Lin and Jeon 2006,
"Random Forests and Adaptive Nearest Neighbors", JASA 101; Meinshausen 2006, "Quantile Regression
Forests", JMLR 7). So a mean, its uncertainty and draws of single rows come from one matrix that
says in which leaves rows lie. The trees are extremely randomised ones (Geurts, Ernst and Wehenkel
2006, Machine Learning 63): their cuts depend little on the noise of the rows that they are cut for.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.tree import DecisionTreeRegressor

from console.drift.statistics import Floats

TREES = 30
ROUNDS = 3
MOST_LEAF = 20
REGIONS = 6
# Only the features that one greedy tree of so many leaves cuts first: the others cost time, and
# cuts that say nothing keep the telling ones coarse.
FEATURES, PILOT_LEAVES = 10, 30


@dataclass(frozen=True)
class Forest:
    """Trees, and the leaves in which the rows lie that they were grown for.

    Attributes:
        trees: the fitted ensemble.
        features: the places of the features that it cuts.
        offsets: where each tree's nodes start in the columns of a membership, shape (trees,).
        members: membership of the learned rows, shape (rows, nodes); a row's entries are
            1 / trees, one in each tree.
        listed: the same by columns: which rows each node holds.
        coarse: one tree of a few large leaves, see `regions`.
    """

    trees: Any
    features: NDArray[np.int64]
    offsets: NDArray[np.int64]
    members: Any
    listed: Any
    coarse: Any

    @classmethod
    def grow(cls, rows: Floats, target: Floats, least: int, seed: int = 0) -> "Forest":
        """Cut the inputs where the target differs.

        Args:
            rows: shape (n, features), n ≥ 1; NaN for missing.
            target: shape (n,), finite.
            least: rows of a leaf; a thousandth of the rows if that is more, but never above 20.
            seed: of the cuts.
        """
        leaf = min(MOST_LEAF, max(least, len(rows) // 1_000))
        features = _telling(rows, target, leaf)
        trees = ExtraTreesRegressor(TREES, min_samples_leaf=leaf, random_state=seed, n_jobs=1)
        trees.fit(rows[:, features].astype(np.float32), target)
        counts = [tree.tree_.node_count for tree in trees.estimators_]
        offsets = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.int64)
        coarse = DecisionTreeRegressor(
            max_leaf_nodes=REGIONS, min_samples_leaf=max(leaf, len(rows) // 20), random_state=seed
        ).fit(rows.astype(np.float32), target)
        grown = cls(trees, features, offsets, None, None, coarse)
        members = grown.membership(rows)
        return replace(grown, members=members, listed=members.tocsc())

    def membership(self, rows: Floats) -> Any:
        """In which leaves rows lie: a sparse matrix as `members`."""
        leaves = np.asarray(
            self.trees.apply(rows[:, self.features].astype(np.float32)), dtype=np.int64
        )
        nodes = int(self.offsets[-1]) + self.trees.estimators_[-1].tree_.node_count
        return sparse.csr_matrix(
            (
                np.full(leaves.size, 1 / len(self.offsets)),
                (leaves + self.offsets).reshape(-1),
                np.arange(0, leaves.size + 1, len(self.offsets)),
            ),
            shape=(len(rows), nodes),
        )

    def regions(self, rows: Floats) -> NDArray[np.int64]:
        """Which of at most 6 large regions of the inputs rows lie in, shape (rows,)."""
        return np.asarray(self.coarse.apply(rows.astype(np.float32)), dtype=np.int64)

    def means(self, values: Floats) -> Floats:
        """What each node adds to the mean of a quantity near a row, learned from its own rows.

        A leaf's mean smooths over the leaf, which falls short where inputs move to its edge; so
        what the means leave over on the learned rows is smoothed again and added, twice: twicing
        (Tukey 1977, "Exploratory Data Analysis", chapter 16; Stuetzle and Mittal 1979).

        Args:
            values: shape (n,) or (n, k).

        Returns:
            Shape (nodes,) or (nodes, k), 0 in nodes that are no leaves; `membership(rows) @ means`
            is the mean near each row.
        """
        return self._smoothed(values)[1]

    def replicates(self, values: Floats, noise: Floats, random: np.random.Generator) -> Floats:
        """`means` as they might have been: how uncertain they are.

        Each replicate adds noise to the values, of the size of each row's own error when it is
        predicted by the others (a wild bootstrap, Wu 1986, Annals of Statistics 14; weights on the
        rows would not do, as means of so few rows hardly feel them). Smoothing leaves an error too:
        what smoothing again has changed is taken for its standard deviation, the same for all
        rows. On inputs like the learned ones that is next to nothing; it grows as they move away.

        Args:
            values: shape (n,), or (n, k) where replicates differ in them too.
            noise: standard normal, shape (n, k).
            random: of the error of smoothing.

        Returns:
            Shape (nodes, k).
        """
        columns = values[:, None] if values.ndim == 1 else values
        typical = columns.mean(axis=1)
        once, _ = self._smoothed(typical)
        own = np.asarray(self.members.multiply(len(self.offsets)).T.sum(axis=1)).reshape(-1)
        share = self.members @ np.divide(1.0, own, out=np.zeros_like(own), where=own > 0)
        errors = (typical - self.members @ once) / np.maximum(1 - share, 0.5)
        once, whole = self._smoothed(columns + errors[:, None] * noise)
        found: Floats = whole + random.standard_normal(noise.shape[1]) * (whole - once)
        return found

    def draw(self, membership: Any, times: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Learned rows like the given ones, at random: a tree, then a row of its leaf.

        Returns:
            Places of learned rows, shape (times, rows).
        """
        starts, sizes = self.listed.indptr[:-1], np.diff(self.listed.indptr)
        n, trees = membership.shape[0], len(self.offsets)
        chosen = random.integers(0, trees, size=(times, n)) + np.arange(n) * trees
        leaves = membership.indices[chosen]
        steps = (random.random((times, n), dtype=np.float32) * sizes[leaves]).astype(np.int64)
        places = starts[leaves] + np.minimum(steps, sizes[leaves] - 1)
        return np.asarray(self.listed.indices[places], dtype=np.int64)

    def _smoothed(self, values: Floats) -> tuple[Floats, Floats]:
        """The means of the leaves, and these with what smoothing again has added."""
        rows = np.asarray(self.members.sum(axis=0)).reshape(-1)
        scale = np.divide(1.0, rows, out=np.zeros_like(rows), where=rows > 0)
        scale = scale if values.ndim == 1 else scale[:, None]
        once = whole = scale * (self.members.T @ values)
        for _ in range(ROUNDS - 1):
            whole = whole + scale * (self.members.T @ (values - self.members @ whole))
        return once, whole


def _telling(rows: Floats, target: Floats, leaf: int) -> NDArray[np.int64]:
    if rows.shape[1] <= FEATURES:
        return np.arange(rows.shape[1])
    pilot = DecisionTreeRegressor(
        max_leaf_nodes=PILOT_LEAVES, min_samples_leaf=2 * leaf, random_state=0
    ).fit(rows.astype(np.float32), target)
    return np.sort(np.argsort(-pilot.feature_importances_, kind="stable")[:FEATURES])
