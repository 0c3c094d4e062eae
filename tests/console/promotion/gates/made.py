"""A model whose rows are drawn from a known law, three versions of it, and a log of the first.

Version 1 is the champion, a logistic regression of all three features. Version 2 lacks `z`, so it
is worse and refuses the champion's requests. Version 3 is another logistic
regression of all three, about as good.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.records import aliases, registry
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from console.promotion import gates
from console.promotion.gates import Gate
from console.training import datasets
from console.training.choices import Choices
from console.training.train import train
from tests.console.rescoring import logs

MODEL = "loans"
REGIONS = {"north": 0.48, "south": 0.35, "west": 0.15, "far": 0.02}
_EFFECTS = {"north": 0.8, "south": 0.0, "west": -1.0, "far": 0.0}


def drawn(n: int, seed: int = 0, shift: float = 0.0) -> pd.DataFrame:
    """Rows of the law, with `granted` (yes or no); `shift` moves `x`, in its sd."""
    random = np.random.default_rng(seed)
    region = random.choice(list(REGIONS), n, p=list(REGIONS.values()))
    x, z = random.normal(shift, 1, n), random.normal(0, 1, n)
    logit = 1.5 * x + 1.2 * z + np.array([_EFFECTS[name] for name in region])
    granted = np.where(random.random(n) < 1 / (1 + np.exp(-logit)), "yes", "no")
    return pd.DataFrame({"region": region, "x": x, "z": z, "granted": granted})


def version(database: Database, store: Store, **more: Any) -> Version:
    """A version trained on 1,600 rows, of which 640 are held out."""
    data = datasets.from_csv(drawn(1_600).to_csv(index=False).encode(), "loans.csv")
    given = {"algorithm": "logistic_regression", "features": ("region", "x", "z")} | more
    choices = Choices(
        MODEL, "loans.csv", target="granted", positive="yes", test_share=0.4, folds=2, **given
    )
    new = train(data, choices, by="tester", compiling=False)
    return registration.register(database, registration.add(database, new, store), store)


@dataclass(frozen=True)
class World:
    """The database with the three versions and the log."""

    database: Database
    store: Store

    def version(self, number: int) -> Version:
        return registry.version(self.database, MODEL, number)

    def heldout(self, number: int) -> pd.DataFrame:
        return artefacts.table(self.database, self.version(number), artefacts.HELDOUT, self.store)

    def judged(self, text: str, number: int = 3, champion: int | None = 1) -> dict[str, Gate]:
        """The gates of a version by these rules, by name."""
        found = gates.evaluate(
            self.database,
            self.version(number),
            self.store,
            champion=None if champion is None else self.version(champion),
            rules=gates.parse(text),
        )
        return {gate.name: gate for gate in found}


def world(database: Database, store: Store) -> World:
    """Train the three versions, promote the first, and log 900 of its answers."""
    first = version(database, store)
    version(database, store, features=("region", "x"))
    version(database, store, parameters={"C": 0.1})
    aliases.promote(database, MODEL, 1, actor="tester", reason="first")
    logs.log(database, store, first, drawn(900, seed=1))
    return World(database, store)
