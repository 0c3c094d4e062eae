"""What a service looks after beside answering: who answers, and the write-ahead log's size."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from backend.errors import WatchdeskError
from backend.records.database import WAL_BOUND_BYTES, Database
from backend.service.champions import INTERVAL_S, Champions
from backend.service.metrics import Metrics
from backend.service.shadow import Shadow

log = logging.getLogger(__name__)


class Watch:
    """Looks several times a second, and keeps what an operator should know."""

    def __init__(
        self,
        database: Database,
        champions: Champions,
        shadow: Shadow,
        metrics: Metrics,
        wal_bound: int = WAL_BOUND_BYTES,
    ) -> None:
        self.warnings: list[str] = []
        self._database = database
        self._champions = champions
        self._shadow = shadow
        self._metrics = metrics
        self._wal_bound = wal_bound
        self._alarmed = False

    async def run(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            try:
                await in_thread(self.look)
            except WatchdeskError as error:
                log.warning("%s", error.detail)
            except Exception:
                log.exception(
                    "the champions could not be renewed; the present ones go on answering"
                )

    def look(self) -> None:
        """Renew champions, challengers and gauges, and raise or end the alarm.

        Raises:
            Unavailable: the database cannot be read; what is in memory goes on answering.
        """
        self._look_at_wal()
        self._champions.refresh()
        self._metrics.champions(self._champions.serving())
        self._shadow.refresh()

    def _look_at_wal(self) -> None:
        size = self._database.wal_bytes()
        self._metrics.wal(size)
        if size is None or size <= self._wal_bound:
            self._alarmed, self.warnings = False, []
            return
        warning = (
            f"The database's write-ahead log has {size / 1e6:,.0f} MB, more than"
            f" {self._wal_bound / 1e6:,.0f} MB. It is emptied only when nobody reads an old state:"
            " end what keeps a read transaction open (a shell, a backup, a long query)."
        )
        if not self._alarmed:
            log.warning("%s", warning)
        self._alarmed, self.warnings = True, [warning]
