"""Which version answers, held in memory and renewed from the database several times a second.

A promotion is seen here within a moment: the new champion is loaded beside the old one and then
takes its place in one assignment, so no request ever waits or fails for it.
"""

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend.errors import NoChampion, NotFound, Refused, WatchdeskError
from backend.records import aliases, registry
from backend.records.database import Database
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.reader import Reader
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature

log = logging.getLogger(__name__)

INTERVAL_S = 0.25
KEPT_VERSIONS = 8
SMALL_BATCH = 256
QUICK_S = 0.002


class Pace:
    """What a version's small batches cost: a running mean of one batch in sixteen."""

    def __init__(self) -> None:
        self._seconds: float | None = None
        self._batches = 0

    @property
    def is_quick(self) -> bool:
        """Whether a batch takes less than handing it to a thread and back; False until known."""
        return self._seconds is not None and self._seconds < QUICK_S

    @contextlib.contextmanager
    def watched(self, rows: int) -> Iterator[None]:
        """Around the prediction of a batch of `rows`."""
        self._batches += 1
        if rows > SMALL_BATCH or (self._seconds is not None and self._batches % 16):
            yield
            return
        # The thread's own time: the wall's would count waiting for others.
        began = time.thread_time()
        yield
        took = time.thread_time() - began
        self._seconds = took if self._seconds is None else 0.75 * self._seconds + 0.25 * took


@dataclass(frozen=True)
class Loaded:
    """A version in memory."""

    model: str
    number: int
    version_id: int
    scorer: Scorer
    reader: Reader = field(init=False, compare=False, repr=False)
    label_names: tuple[str, ...] = field(init=False, compare=False, repr=False)
    pace: Pace = field(init=False, compare=False, repr=False, default_factory=Pace)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", Reader(self.signature))
        object.__setattr__(self, "label_names", tuple(map(str, self.signature.labels)))

    @property
    def signature(self) -> Signature:
        """What it takes."""
        return self.scorer.signature


class Champions:
    """The loaded champions by model; `resolve` is called on every request and takes no lock."""

    def __init__(self, database: Database, store: Store, default_model: str | None = None) -> None:
        self._database = database
        self._store = store
        self._default = default_model
        self._serving: dict[str, Loaded] = {}
        self._models: tuple[str, ...] = ()
        self._only = ""  # the model that is meant when there is but one
        self._problems: dict[str, WatchdeskError] = {}
        self._others: OrderedDict[tuple[str, int, int], Loaded] = OrderedDict()
        self._lock = threading.Lock()
        self._lock_others = threading.Lock()

    def resolve(self, model: str | None) -> Loaded:
        """The champion that answers for `model`, or for the default model.

        Raises:
            NotFound: there is no such model.
            NoChampion: it has none, or no model was named and none is the default.
            ArtefactDamaged: its bytes cannot be used and no earlier champion is in memory.
        """
        name = model if model is not None else self.default()
        loaded = self._serving.get(name)
        if loaded is not None:
            return loaded
        if name in self._problems:
            raise self._problems[name]
        if name in self._models:
            raise NoChampion(aliases.no_champion(name))
        raise NotFound(f"There is no model `{name[:100]}`; `GET /models` lists all.")

    def at_once(self, model: str | None) -> Loaded | None:
        """The champion that `resolve` would give, if it is there without asking further."""
        name = model if model is not None else self._default or self._only
        return self._serving.get(name)

    def known(self, model: str | None) -> str:
        """The model's name if there is such a model, else '': what a refusal is logged under."""
        name = model if model is not None else self._default
        if name is None and len(self._models) == 1:
            return self._models[0]
        return name if name is not None and name in self._models else ""

    def default(self) -> str:
        """The model that a request means when it names none.

        Raises:
            NoChampion: there is none, or several and no setting says which.
        """
        if self._default is not None:
            return self._default
        if len(self._models) == 1:
            return self._models[0]
        if not self._models:
            raise NoChampion("No model is serving. Train one on the Train page, then promote it.")
        raise NoChampion(
            f"There are {len(self._models)} models and the request names none. Name one in `model`,"
            " or set `WATCHDESK_DEFAULT_MODEL`."
        )

    def version(self, model: str, number: int) -> Loaded:
        """Any registered version, loaded on demand and kept while it is among the last used.

        Raises:
            NotFound: there is no such model or version.
            ArtefactDamaged: its bytes cannot be used.
        """
        found = registry.version(self._database, model, number)
        key = (model, number, found.id)
        with self._lock_others:
            loaded = self._others.get(key)
        if loaded is None:
            loaded = self._load(found)  # a slow one keeps neither others nor a promotion waiting
        with self._lock_others:
            self._others[key] = loaded
            self._others.move_to_end(key)
            while len(self._others) > KEPT_VERSIONS:
                self._others.popitem(last=False)
        return loaded

    def serving(self) -> dict[str, int]:
        """The numbers that answer now, by model."""
        return {name: loaded.number for name, loaded in self._serving.items()}

    def refresh(self) -> None:
        """Read the aliases and load what has changed. What cannot be loaded changes nothing.

        Raises:
            Unavailable: the database cannot be read; what is in memory goes on answering.
        """
        with self._lock:
            champions = aliases.champions(self._database)
            self._models = registry.names(self._database)
            self._only = self._models[0] if len(self._models) == 1 else ""
            for name in set(self._serving) - set(champions):
                del self._serving[name]
            for name, (number, version_id) in champions.items():
                present = self._serving.get(name)
                if present is None or present.version_id != version_id:
                    self._renew(name, number)

    def _renew(self, name: str, number: int) -> None:
        try:
            self._serving[name] = self._load(registry.version(self._database, name, number))
            self._problems.pop(name, None)
            log.info("version %s of %s answers now", number, name)
        except WatchdeskError as error:
            if name not in self._problems:
                log.error("%s", error.detail)  # a sentence, not a bug
            self._problems[name] = error

    def _load(self, version: registry.Version) -> Loaded:
        if version.number is None:
            raise Refused(f"Draft {version.id} is not registered, so it cannot answer.")
        scorer = artefacts.load(self._database, version, self._store)
        return Loaded(version.model, version.number, version.id, scorer)
