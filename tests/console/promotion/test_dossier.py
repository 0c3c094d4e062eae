"""The dossier: what is in it, that it is one text for one content, and the page made of it."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.requests import Waiver
from backend.settings import ROOT
from backend.versions.artefacts import Store
from console.promotion import dossier, lineage, model_card
from console.promotion.gates import Gate
from console.promotion.waivers import blocking, settled, summary
from console.reviews.canonical import packed, sha256
from tests.conftest import Problem
from tests.console.rescoring.logs import log, tell

Make = Callable[..., Version]
KEYS = {
    *("form", "kind", "model", "version", "champion", "task", "target", "made_at", "asked"),
    *("window", "passed", "message", "artefact", "gates", "rules", "policy", "waivers"),
    *("comparison", "comparison_logged", "rescoring", "model_card", "lineage", "left_out"),
}


def gate(name: str, status: str = "pass") -> Gate:
    return Gate(name, name.title(), status, 0.5, 0.4, f"{name} is 0.5.", 10)  # type: ignore[arg-type]  # a status


def made(
    database: Database, store: Store, version: Version, champion: Version | None, **more: Any
) -> dict[str, Any]:
    given = {"actor": "ana", "reason": "It is better.", "gates": [gate("floors.accuracy")]}
    content = dossier.make(database, version, store, champion=champion, **given | more)
    document: dict[str, Any] = json.loads(content)
    assert packed(document) == content  # canonical: one text for one content
    return document


def test_a_dossier_holds_all_the_evidence(
    database: Database, store: Store, registered: Make, problems: dict[str, Problem]
) -> None:
    champion, version = registered(), registered(promoted=False)
    logged = log(database, store, champion, problems["breast_cancer"].frame.head(200))
    tell(database, logged, problems["breast_cancer"].truth)

    found = made(database, store, version, champion, moment=1_700_000_000_000_000)

    assert set(found) == KEYS
    assert found["left_out"] == {}
    assert found["made_at"] == "2023-11-14T22:13:20Z"
    assert found["artefact"]["files"] == version.files
    assert (found["version"], found["champion"], found["passed"]) == (2, 1, True)
    assert found["comparison"]["rows"]["kind"] == "held-out"
    assert found["comparison_logged"]["rows"]["n"] == 200
    assert (found["rescoring"]["rows"], found["rescoring"]["agreement"]) == (200, 1.0)
    assert found["rescoring"]["truth"]["known"] == 200
    assert found["lineage"]["version"]["data"]["fingerprint"] == "breast_cancer"
    assert re.fullmatch("[0-9a-f]{64}", found["lineage"]["made_with"]["code"])
    assert found["rules"]["sha256"] == sha256(found["rules"]["text"].encode())
    assert found["asked"] == {"by": "ana", "reason": "It is better.", "verified": False}


def test_what_callers_sent_is_not_in_it(
    database: Database, store: Store, registered: Make, problems: dict[str, Problem]
) -> None:
    champion, version = registered(), registered(promoted=False)
    logged = log(database, store, champion, problems["breast_cancer"].frame.head(40))
    text = json.dumps(made(database, store, version, champion))
    assert not any(one in text for one in logged.ids)


def test_what_cannot_be_had_is_said_and_keeps_nothing_back(
    database: Database, store: Store, registered: Make
) -> None:
    version = registered(promoted=False)
    found = made(database, store, version, None)
    assert found["left_out"] == {
        "comparison": "Nothing answers for `breast_cancer` yet.",
        "comparison_logged": "Nothing answers for `breast_cancer` yet.",
        "rescoring": "The log of `breast_cancer` is empty.",
    }
    assert found["comparison"] is found["rescoring"] is found["window"] is None
    page = dossier.html(found)
    assert "Nothing answers for <b>breast_cancer</b> yet." in page
    assert "as its first champion" in page


def test_the_metrics_of_the_card_have_the_interval_of_their_rows(
    database: Database, store: Store, registered: Make, problems: dict[str, Problem]
) -> None:
    version = registered()
    card = model_card.card(database, version, store)
    problem = problems["breast_cancer"]
    right = problem.estimator.predict(problem.frame.to_numpy()) == problem.truth.to_numpy()
    (found,) = [one for one in card["metrics"] if one["metric"] == "accuracy"]
    assert found["value"] == pytest.approx(right.mean())
    # The normal interval of a share, which a bootstrap of 569 rows comes near.
    half = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / len(right))
    assert found["low"] == pytest.approx(right.mean() - half, abs=0.003)
    assert found["high"] == pytest.approx(right.mean() + half, abs=0.003)
    assert card["purpose"] == (
        "Given 30 values of a request for `breast_cancer`, it answers one of 2 labels for"
        " `target`: `benign`, `malignant`; its score is the probability of `malignant`."
    )


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_every_task_has_its_dossier_and_page(
    database: Database, store: Store, registered: Make, problems: dict[str, Problem], name: str
) -> None:
    champion, version = registered(name), registered(name, promoted=False)
    log(database, store, champion, problems[name].frame.head(60))
    found = made(database, store, version, champion)
    assert found["rescoring"]["agreement"] == 1.0
    assert set(found["left_out"]) == {"comparison_logged"}
    assert f"{name}: version 2 in place of version 1" in dossier.html(found)


def test_a_limit_names_what_no_gate_judged(
    database: Database, store: Store, registered: Make
) -> None:
    gates = [gate("fairness", "not_applicable"), gate("floors.accuracy")]
    found = model_card.card(database, registered("iris"), store, gates)["limits"]
    assert "Not judged by any gate: Fairness." in found
    assert any("150 held-out rows" in one for one in found)


def test_waivers_are_of_failing_gates_with_a_name_and_a_reason() -> None:
    gates = [gate("a", "fail"), gate("b", "fail"), gate("c"), gate("d", "not_applicable")]
    ours = [Waiver("a", "ana", "Known."), Waiver("c", "ana", "Needless.")]
    assert [one.gate for one in settled(gates, ours)] == ["a"]
    assert [one.name for one in blocking(gates, ours)] == ["b"]
    assert summary(gates, settled(gates, ours)) == (
        "1 of 3 gates pass; 1 is waived; 1 fails and nobody waived it; 1 does not apply."
    )
    with pytest.raises(Unusable) as refused:
        settled(gates, [Waiver("x", "ana", "Why not.")])
    assert refused.value.detail == "`x` is no gate of this version. Those that fail are `a`, `b`."
    for bad in (Waiver("a", " ", "Why."), Waiver("a", "ana", " ")):
        with pytest.raises(Unusable):
            settled(gates, [bad])
    with pytest.raises(Unusable, match="`a` is waived twice"):
        settled(gates, [Waiver("a", "ana", "One."), Waiver("a", "bo", "Two.")])


class Tags(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_the_page_is_whole_in_itself_and_runs_nothing(
    database: Database, store: Store, registered: Make, problems: dict[str, Problem]
) -> None:
    champion, version = registered(), registered(promoted=False, note="<b onclick=x>note</b>")
    log(database, store, champion, problems["breast_cancer"].frame.head(60))
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    gates = [gate("floors.accuracy", "fail"), gate("artefact")]
    waivers = [Waiver("floors.accuracy", evil, evil)]
    found = made(
        database, store, version, champion, reason=evil, actor=evil, gates=gates, waivers=waivers
    )
    page = dossier.html(found)
    read = Tags(page)
    assert not {"script", "img", "iframe", "link", "form", "b onclick"} & set(read.tags)
    names = {name for name, _ in read.attributes}
    assert not any(name.startswith("on") for name in names)
    assert not {"src", "href", "action"} & names
    assert "default-src 'none'" in page
    assert "&lt;script&gt;alert(1)" in page
    assert sha256(packed(found)) in page
    assert "Waived by" in page


def test_the_commit_is_read_without_git(tmp_path: Path) -> None:
    digest = "a1" * 20
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert lineage.commit(tmp_path) is None
    (git / "packed-refs").write_text(f"# pack-refs\n{digest} refs/heads/main\n")
    assert lineage.commit(tmp_path) == digest
    (git / "refs" / "heads" / "main").write_text("b2" * 20 + "\n")
    assert lineage.commit(tmp_path) == "b2" * 20
    (git / "HEAD").write_text(digest)
    assert lineage.commit(tmp_path) == digest
    assert lineage.commit(tmp_path / "nowhere") is None
    assert lineage.commit(ROOT) is None or len(lineage.commit(ROOT) or "") == 40
