"""A candidate's gates as the Promote page shows them: judged once, and the waivers given here."""

import threading
from dataclasses import dataclass, field

import streamlit as st

from backend.records.database import now
from backend.records.registry import Version
from backend.records.request_rows import check_said
from backend.records.requests import Waiver
from console.promotion import gates
from console.promotion.gates import Gate
from console.ui.resources import database, store


@dataclass(frozen=True)
class Judged:
    """What the gates said of a candidate.

    Attributes:
        version: the candidate.
        champion: the number that it was held against; None where nothing answers.
        rules: SHA-256 of the rules' text.
        at: UTC µs: when they were judged.
    """

    version: Version
    champion: int | None
    rules: str
    at: int
    gates: tuple[Gate, ...]

    @property
    def name(self) -> str:
        """A name for keys of widgets: another for another candidate, champion or rules."""
        return f"{self.version.id}_{self.champion}_{self.rules[:12]}"


@dataclass
class _Place:
    """Where one verdict is kept, and who judges meanwhile."""

    found: Judged | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@st.cache_resource(ttl=900, max_entries=32, show_spinner=False)
def _place(version_id: int, champion: int | None, rules: str) -> _Place:  # noqa: ARG001  # the key
    return _Place()


def judged(version: Version, champion: Version | None) -> Judged:
    """The gates of a version, judged anew after a quarter of an hour, or when the rules change.

    Raises:
        Unusable: the rules cannot be read.
    """
    rules = gates.hash_of(gates.text_of(database(), version.model))
    place = _place(version.id, champion.number if champion else None, rules)
    with place.lock:
        if place.found is None:
            place.found = _judge(version, champion, rules)
    return place.found


def forget(one: Judged) -> None:
    """Judge it anew the next time."""
    _place(one.version.id, one.champion, one.rules).found = None


def waivers(one: Judged) -> dict[str, Waiver]:
    """The waivers that were given in this tab, by the gate's name; those of gates that fail."""
    failing = {gate.name for gate in one.gates if gate.status == "fail"}
    return {name: waiver for name, waiver in _given(one).items() if name in failing}


def waive(one: Judged, gate: str, by: str, reason: str) -> str:
    """Keep a waiver for the request that is being prepared; returns what was done.

    Raises:
        Unusable: the name or the reason is empty or too long.
    """
    check_said(by, reason, f"waives `{gate}`")
    _given(one)[gate] = Waiver(gate, by, reason.strip(), now())
    return f"`{gate}` is waived in the request that you prepare, in the name of {by}."


def take_back(one: Judged, gate: str) -> None:
    """Drop a waiver."""
    _given(one).pop(gate, None)


def _given(one: Judged) -> dict[str, Waiver]:
    found: dict[str, Waiver] = st.session_state.setdefault(f"_waivers_{one.name}", {})
    return found


def _judge(version: Version, champion: Version | None, rules: str) -> Judged:
    bar = st.empty()

    def tell(share: float, message: str) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=f"Judging the gates: {message}")

    found = gates.evaluate(database(), version, store(), champion=champion, report=tell)
    bar.empty()
    return Judged(version, champion.number if champion else None, rules, now(), found)
