"""Which challengers score in the shadow, held in memory beside the champions."""

import logging
import time
from collections.abc import Callable

from backend.errors import WatchdeskError
from backend.records import shadows
from backend.records.database import Database
from backend.service.champions import Loaded

log = logging.getLogger(__name__)

RETRY_S = 10.0


class Challengers:
    """The challengers that are wanted, as the database says, and those that are loaded.

    Args:
        load: gives a version by model and number.
    """

    def __init__(self, database: Database, load: Callable[[str, int], Loaded]) -> None:
        self._database = database
        self._load = load
        self._wanted: dict[str, tuple[int, int]] = {}  # number and row's id, by model
        self._loaded: dict[str, Loaded] = {}
        self._failed: dict[tuple[str, int], float] = {}  # until when not to try again

    def refresh(self) -> bool:
        """Read which are wanted; returns whether that has changed.

        Raises:
            Unavailable: the database cannot be read; what is known stays.
        """
        before, self._wanted = self._wanted, shadows.challengers(self._database)
        return self._wanted != before

    @property
    def is_any(self) -> bool:
        """Whether any is wanted."""
        return bool(self._wanted)

    def wants(self, model: str) -> bool:
        """Whether the model has a challenger that is to score."""
        return model in self._wanted

    def of(self, champion: Loaded) -> Loaded | None:
        """The challenger that scores what this version answered; None if none is loaded."""
        challenger = self._loaded.get(champion.model)
        wanted = self._wanted.get(champion.model)
        if challenger is None or wanted != (challenger.number, challenger.version_id):
            return None
        return challenger

    def is_wanted_itself(self, champion: Loaded) -> bool:
        """Whether this version is the challenger, as in the moment after its promotion."""
        wanted = self._wanted.get(champion.model)
        return wanted is not None and wanted[1] == champion.version_id

    def load(self) -> None:
        """Load those that are wanted, and let go of the others; a failure is logged once."""
        wanted = self._wanted
        self._loaded = {
            model: loaded
            for model, loaded in self._loaded.items()
            if wanted.get(model) == (loaded.number, loaded.version_id)
        }
        for model, (number, version_id) in wanted.items():
            waits = time.monotonic() < self._failed.get((model, version_id), 0.0)
            if model not in self._loaded and not waits:
                self._load_one(model, number, version_id)

    def _load_one(self, model: str, number: int, version_id: int) -> None:
        key = (model, version_id)
        known = key in self._failed
        self._failed[key] = time.monotonic() + RETRY_S
        try:
            self._loaded[model] = self._load(model, number)
        except WatchdeskError as error:
            if not known:
                log.error("The challenger of `%s` does not score. %s", model, error.detail)
        except Exception:
            if not known:
                log.exception("version %d of `%s` could not be loaded", number, model)
        else:
            del self._failed[key]
            log.info("version %d of %s scores in the shadow now", number, model)
