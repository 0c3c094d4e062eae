"""Holding a drill: first a quiet run, then each fault for itself, against the same monitors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from backend.records import aliases, monitors, predictions, registry
from backend.records.database import Database, now
from backend.records.monitors import Monitor
from backend.records.predictions import Truth, Window
from backend.records.registry import Version
from backend.records.tables import alerts, feedback
from backend.records.tables import monitors as monitors_table
from backend.records.tables import predictions as predictions_table
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.scorer import Scorer
from console.jobs.context import JobContext
from console.monitors import setup
from console.monitors.drill import copies, sentences
from console.monitors.drill.faults import Planned, planned
from console.monitors.drill.traffic import Traffic, traffic_of
from console.monitors.evaluate import watch
from console.monitors.kinds.asked import References
from console.summaries import follow
from console.windows import DAY, HOUR, MINUTE, SECOND

LEAST_HISTORY, MOST_HISTORY = 3 * DAY, 30 * DAY
LEAST_HORIZON, MOST_HORIZON = DAY, 7 * DAY
GROWTH = 1.4
"""Looks come ever more seldom as a fault lasts: what is said is late by two fifths at most."""
Report = Callable[[float, str], None]


def _silent(_share: float, _message: str) -> None:
    """For those who do not ask how far it is."""


def drill(
    database: Database,
    settings: Settings,
    model: str,
    report: Report = _silent,
    *,
    calm: bool = False,
) -> dict[str, Any]:
    """Hold a drill for a model's enabled monitors; for those suggested if it has none.

    Nothing reaches the real database or a channel.

    Args:
        calm: make traffic of the version's reference and not of the log, for a model whose log
            has drifted already: what fires anyway cannot notice more.

    Returns:
        model, version, calm, suggested (whether the monitors are but suggested), monitors
        ([{monitor, kind}]), began (UTC µs, of the drill's own clock: when each fault begins),
        horizon_seconds, rows (an hour), faults: [{fault, title, feature, began, noticed:
        [{monitor, kind, after_seconds, after, message}], missed: [monitor], firing_anyway:
        [monitor]}], quiet: {fired: [{monitor, kind, after_seconds, after, message}], calm:
        [monitor], no_data: [{monitor, kind, message}], looks}, message.

    Raises:
        NotFound: there is no such model.
        Refused: it has no champion, or no rows to make traffic of.
        ArtefactDamaged: the champion's files are missing or altered.
    """
    report(0.0, "Copying the version and its monitors")
    registry.model(database, model)
    version = aliases.champion(database, model)
    watched = [one for one in monitors.of_model(database, model) if one.enabled]
    rules = [(one.name, one.kind, one.rule) for one in watched] or [
        (one.name, one.kind, one.rule) for one in setup.suggested(database, model)
    ]
    store = Store.of(settings)
    plan = _Plan.of(rules)
    with copies.copy_of(database, version) as copy:
        for name, kind, rule in rules:
            monitors.add(copy, model, name, kind, rule, actor="drill")
        traffic = traffic_of(database, version, store, plan.window, calm=calm)
        found = _Drill(copy, version, store, plan, traffic).run(report)
    document = {"model": model, "version": version.number, "calm": calm, **found}
    document["suggested"] = not watched
    report(1.0, "The drill is over.")
    return document | {"message": sentences.of_drill(document)}


def run_job(context: JobContext, *, model: str, calm: bool = False) -> dict[str, Any]:
    """The drill as a job of kind `drill`; returns what `drill` does."""
    return drill(context.database, context.settings, model, context.progress, calm=calm)


@dataclass(frozen=True)
class _Plan:
    """When a drill takes place: history before `began`, the horizon after it."""

    window: Window
    began: int

    @classmethod
    def of(cls, rules: Sequence[tuple[str, str, dict[str, Any]]]) -> "_Plan":
        """As long as the windows of the rules need."""
        longest = max((_length(rule) for _, _, rule in rules), default=0)
        began = now() // HOUR * HOUR
        history = min(max(longest, LEAST_HISTORY), MOST_HISTORY)
        horizon = min(max(longest, LEAST_HORIZON), MOST_HORIZON)
        return cls(Window(began - history, began + horizon), began)

    @property
    def horizon(self) -> int:
        """How long a fault lasts (µs)."""
        return self.window.end - self.began


def _length(rule: dict[str, Any]) -> int:
    """The window of a rule that is about the newest rows (µs); 0 of one that looks far back."""
    return int(
        rule.get("window_hours", 0) * HOUR
        + rule.get("window_minutes", 0) * MINUTE
        + rule.get("quiet_minutes", 0) * MINUTE
    )


@dataclass
class _Fired:
    """When a monitor fired first in a run (µs after it began), and what it said."""

    after: int
    message: str


@dataclass
class _Run:
    """What a run found, by monitor."""

    fired: dict[str, _Fired] = field(default_factory=dict)
    last: dict[str, tuple[str, str]] = field(default_factory=dict)
    looks: int = 0


class _Drill:
    """A drill under way, on its copy."""

    def __init__(
        self, copy: Database, version: Version, store: Store, plan: _Plan, traffic: Traffic
    ) -> None:
        self._copy = copy
        self._version = version
        self._store = store
        self._plan = plan
        self._scorer: Scorer = artefacts.load(copy, version, store)
        self._reference = artefacts.table(copy, version, artefacts.REFERENCE, store)
        self._references = References()
        self._before = traffic.part(traffic.at < plan.began)
        self._after = traffic.part(traffic.at >= plan.began)

    def run(self, report: Report) -> dict[str, Any]:
        """All runs."""
        report(0.05, "Logging what was before")
        early = copies.write(self._copy, self._version, self._scorer, self._before)
        follow.once(self._copy, self._store)
        self._mark = self._newest_id()
        start = self._look_before(early)
        plans = planned(self._scorer.signature, self._reference)
        report(0.15, "A quiet run")
        quiet = self._one(self._after, early, start, {})
        faults = []
        for place, one in enumerate(plans):
            report(0.25 + 0.75 * place / len(plans), f"{one.title}.")
            faulty = one.on(self._after, self._reference, seed=place)
            found = self._one(faulty, early, start, quiet.fired)
            faults.append(self._described(one, found, quiet))
        hours = (self._plan.window.end - self._plan.window.start) / HOUR
        return {
            "monitors": [{"monitor": one.name, "kind": one.kind} for one in start],
            "began": self._plan.began,
            "horizon_seconds": self._plan.horizon // SECOND,
            "rows_per_hour": round((len(self._before) + len(self._after)) / hours, 2),
            "faults": faults,
            "quiet": self._quiet(quiet, start),
        }

    def _look_before(self, early: Sequence[Truth]) -> list[Monitor]:
        """A look of each monitor when all is still well, and how they stand after it."""
        self._tell(early, 0, self._plan.began)
        some = monitors.all_enabled(self._copy)
        watch(self._copy, self._store, some, self._plan.began, self._references)
        self._early_alerts = {
            name
            for (name,) in self._rows(
                sa.select(monitors_table.c.name).join(
                    alerts, alerts.c.monitor_id == monitors_table.c.id
                )
            )
        }
        return monitors.all_enabled(self._copy)

    def _one(
        self,
        traffic: Traffic,
        early: Sequence[Truth],
        start: Sequence[Monitor],
        quiet: dict[str, _Fired],
    ) -> _Run:
        """A run: the same history, other traffic. Monitors look until they have fired."""
        self._put_back(start)
        late = copies.write(self._copy, self._version, self._scorer, traffic)
        truths = sorted([*early, *late], key=lambda truth: truth.at or 0)
        found = _Run({name: _Fired(0, "") for name in self._early_alerts})
        for one in start:
            found.last[one.name] = (one.status, one.message)
        told = self._plan.began
        for moment, names in self._moments(start):
            self._tell(truths, told, moment)
            told = moment
            # One that fires without the fault by now tells nothing any more.
            over = {name for name, one in quiet.items() if one.after <= moment - self._plan.began}
            self._look(found, moment, names - found.fired.keys() - over)
        return found

    def _look(self, found: _Run, moment: int, names: set[str]) -> None:
        some = [one for one in monitors.all_enabled(self._copy) if one.name in names]
        for look in watch(self._copy, self._store, some, moment, self._references):
            found.looks += 1
            found.last[look.monitor] = (look.status, look.message)
            if look.event == "opened":
                after = moment - self._plan.began
                found.fired[look.monitor] = _Fired(after, look.message)

    def _moments(self, some: Sequence[Monitor]) -> list[tuple[int, set[str]]]:
        """When which monitors look, in order: at multiples of their intervals, ever more seldom.

        Each time as often in a row as the rule wants before it fires.
        """
        found: dict[int, set[str]] = {}
        for one in some:
            every = int(one.rule["every_minutes"]) * MINUTE
            place = 1
            while place * every <= self._plan.horizon:
                for more in range(int(one.rule["after_looks"])):
                    moment = self._plan.began + (place + more) * every
                    if moment <= self._plan.window.end:
                        found.setdefault(moment, set()).add(one.name)
                place = max(place + 1, int(place * GROWTH))
        return sorted(found.items())

    def _tell(self, truths: Sequence[Truth], after: int, upto: int) -> None:
        """Record the truths that came after a moment, up to another."""
        some = [truth for truth in truths if after < (truth.at or 0) <= upto]
        predictions.append_feedback(self._copy, self._version.model, some)

    def _put_back(self, start: Sequence[Monitor]) -> None:
        """The copy as it was when the faults began."""
        c = predictions_table.c
        with self._copy.write() as connection:
            connection.execute(predictions_table.delete().where(c.id > self._mark))
            connection.execute(feedback.delete().where(feedback.c.at > self._plan.began))
            connection.execute(alerts.delete())
            for one in start:
                same = monitors_table.c.id == one.id
                names = ("turn", "checked_at", "checked_to", "status", "message", "figure", "state")
                values = {name: getattr(one, name) for name in names}
                connection.execute(monitors_table.update().where(same).values(**values))

    def _described(self, one: Planned, found: _Run, quiet: _Run) -> dict[str, Any]:
        kinds = {each.name: each.kind for each in monitors.all_enabled(self._copy)}
        noticed = {name: fired for name, fired in found.fired.items() if fired.after > 0}
        anyway = [name for name in kinds if name in quiet.fired and name not in noticed]
        return {
            "fault": one.fault.name,
            "title": one.title,
            "feature": None if one.feature is None else one.feature.name,
            "began": self._plan.began,
            "noticed": _fired(noticed, kinds),
            "missed": [name for name in kinds if name not in noticed and name not in anyway],
            "firing_anyway": anyway,
        }

    def _quiet(self, quiet: _Run, start: Sequence[Monitor]) -> dict[str, Any]:
        kinds = {one.name: one.kind for one in start}
        said = {one.name: one.message for one in start} | {
            name: fired.message for name, fired in quiet.fired.items() if fired.message
        }
        fired = {name: _Fired(one.after, said[name]) for name, one in quiet.fired.items()}
        blind = [
            {"monitor": name, "kind": kinds[name], "message": message}
            for name, (status, message) in quiet.last.items()
            if status in ("no_data", "broken") and name not in quiet.fired
        ]
        calm = [name for name in kinds if name not in quiet.fired]
        return {
            "fired": _fired(fired, kinds),
            "calm": [name for name in calm if name not in {one["monitor"] for one in blind}],
            "no_data": blind,
            "looks": quiet.looks,
        }

    def _newest_id(self) -> int:
        return int(self._rows(sa.select(sa.func.max(predictions_table.c.id)))[0][0] or 0)

    def _rows(self, query: Any) -> Sequence[Any]:
        with self._copy.read() as connection:
            return connection.execute(query).all()


def _fired(some: dict[str, _Fired], kinds: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "monitor": name,
            "kind": kinds[name],
            "after_seconds": one.after // SECOND,
            "after": sentences.duration(one.after),
            "message": one.message,
        }
        for name, one in sorted(some.items(), key=lambda item: item[1].after)
    ]
