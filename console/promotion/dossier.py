"""The promotion dossier: the evidence for a promotion as one document under its hash."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from backend.errors import ArtefactDamaged, NotFound, Refused, Unusable
from backend.records import policies
from backend.records.database import Database, now
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.requests import VERIFIED, Request, Waiver, artefact_of
from backend.versions.artefacts import Store
from console import windows
from console.comparison import HeldOut, Logged, compare
from console.promotion import lineage, model_card
from console.promotion.gates import Gate, evaluate, hash_of, parse, text_of
from console.promotion.waivers import blocking, settled, summary
from console.rescoring import rescore
from console.reviews.canonical import packed
from console.windows import iso

Report = Callable[[float, str], None]
FORM = 1
"""Of the document; a reader of another form must look at it."""
MOST_RESCORED = 100_000
"""So many rows of the window are answered again, drawn at random where there are more."""


def silent(_share: float, _message: str) -> None:
    """For those who do not ask how far it is."""


def make(
    database: Database,
    version: Version,
    store: Store,
    *,
    champion: Version | None,
    actor: str,
    reason: str,
    waivers: Sequence[Waiver] = (),
    report: Report = silent,
    gates: Sequence[Gate] | None = None,
    rules: str | None = None,
    window: Window | None = None,
    moment: int | None = None,
) -> bytes:
    """The document as canonical JSON (docs/promotion.md lists its keys).

    What cannot be had, such as a comparison where nothing answers yet, is null, and `left_out`
    says why. Requests of callers are not in it: of rescored rows the figures alone.

    Args:
        champion: the version that it would replace; None where nothing answers yet.
        waivers: of failing gates; those of others are left out.
        report: told the share that is done, in [0, 1]; may raise to stop.
        gates: as they were judged already; None judges them.
        rules: the text that they were judged by; None: the model's.
        window: of the log to rescore; without one its last 7 days.
        moment: UTC µs, when it is made; None: now.

    Raises:
        NotFound, Unusable: as `gates.evaluate`.
        Unusable: a waiver names no gate of the version, or lacks its name or reason.
    """
    span = window or last_week(database, version.model)
    # Read once: what is judged by is what is kept, whoever changes the rules meanwhile.
    text = text_of(database, version.model) if rules is None else rules
    if gates is None:
        gates = evaluate(
            database,
            version,
            store,
            champion=champion,
            window=span,
            report=part(report, 0.0, 0.4),
            rules=parse(text),
        )
    waived = settled(gates, waivers)
    found = _Evidence(database, version, store, champion, span, part(report, 0.4, 1.0))
    asked = {"by": actor, "reason": reason.strip(), "verified": VERIFIED}
    document = {
        **_head(version, champion, span),
        "made_at": iso(now() if moment is None else moment),
        "asked": asked,
        "passed": not blocking(gates, waived),
        "message": summary(gates, waived),
        "gates": [gate.to_json() for gate in gates],
        "rules": {"text": text, "sha256": hash_of(text)},
        "policy": asdict(policies.of(database, version.model)),
        "waivers": [
            {"gate": one.gate, "by": one.actor, "reason": one.reason, "verified": VERIFIED}
            for one in waived
        ],
        **found.sections(gates),
        "left_out": found.left_out,
    }
    return packed(document)


def _head(version: Version, champion: Version | None, window: Window | None) -> dict[str, Any]:
    """What the dossier is of, and where that comes from."""
    return {
        "form": FORM,
        "kind": "promotion dossier",
        "model": version.model,
        "version": version.number,
        "champion": None if champion is None else champion.number,
        "task": version.task,
        "target": version.signature["target"],
        "window": None if window is None else {"from": iso(window.start), "to": iso(window.end)},
        "artefact": artefact_of(version),
        "lineage": {
            "version": lineage.of(version),
            "champion": None if champion is None else lineage.of(champion),
            "made_with": lineage.made_with(),
        },
    }


def html(document: Mapping[str, Any], request: Request | None = None) -> str:
    """The document as one page: self-contained, without a script, made to be printed.

    Args:
        request: what became of it, to stand at its head; None leaves that out.
    """
    # Imported where it is used: the page is drawn seldom, and needs the document's form alone.
    from console.promotion import dossier_page

    return dossier_page.html(document, request)


def last_week(database: Database, model: str) -> Window | None:
    """The last 7 days of a model's log; None where it is empty."""
    span = windows.span(database, model)
    return None if span is None else windows.Choice().window(span)


class _Evidence:
    """The parts that are measured; what cannot be is noted in `left_out` with the reason."""

    def __init__(
        self,
        database: Database,
        version: Version,
        store: Store,
        champion: Version | None,
        window: Window | None,
        report: Report,
    ) -> None:
        self.left_out: dict[str, str] = {}
        self._database = database
        self._version = version
        self._store = store
        self._champion = champion
        self._window = window
        self._report = report

    def sections(self, gates: Sequence[Gate]) -> dict[str, Any]:
        """The sections of the document by name; null where one cannot be had."""
        found = {}
        for share, name, message, section in (
            (0.0, "comparison", "Comparing on held-out rows", self._held_out),
            (0.25, "comparison_logged", "Comparing on the log", self._logged),
            (0.45, "rescoring", "Answering the log again", self._rescored),
            (0.85, "model_card", "Writing the model card", lambda: self._card(gates)),
        ):
            self._report(share, message)
            found[name] = self._tried(name, section)
        self._report(1.0, "The dossier is made")
        return found

    def _tried(self, name: str, section: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        try:
            return section()
        except (Refused, Unusable, NotFound, ArtefactDamaged) as error:
            self.left_out[name] = error.detail
            return None

    def _held_out(self) -> dict[str, Any]:
        champion = self._standing()
        found = compare(self._database, champion, self._version, self._store, chosen=HeldOut())
        return found.to_json()

    def _logged(self) -> dict[str, Any]:
        champion, chosen = self._standing(), Logged(self._logged_window())
        found = compare(
            self._database, champion, self._version, self._store, chosen=chosen, timing=False
        )
        # The curves of the held-out rows are enough to draw.
        return {name: value for name, value in found.to_json().items() if name != "thresholds"}

    def _rescored(self) -> dict[str, Any]:
        found = rescore(
            self._database,
            self._version,
            self._logged_window(),
            self._store,
            report=part(self._report, 0.45, 0.85),
            limit=MOST_RESCORED,
        )
        # What callers sent stays in the log: a dossier is handed around.
        return {name: value for name, value in found.to_json().items() if name != "sample"}

    def _card(self, gates: Sequence[Gate]) -> dict[str, Any]:
        return model_card.card(self._database, self._version, self._store, gates)

    def _standing(self) -> Version:
        if self._champion is None:
            raise Refused(f"Nothing answers for `{self._version.model}` yet.")
        return self._champion

    def _logged_window(self) -> Window:
        if self._window is None:
            raise Refused(f"The log of `{self._version.model}` is empty.")
        return self._window


def part(report: Report, start: float, end: float) -> Report:
    """A report for a part of the work, which lies between two shares of the whole."""

    def told(share: float, message: str) -> None:
        report(start + (end - start) * share, message)

    return told
