"""Gates on the log: agreement when rescored, drift from training, and requests that are accepted.

Where the log is empty there is nothing to check; where it cannot tell, the gate fails.
"""

import math
from collections import Counter
from functools import partial
from typing import Any

import msgspec

from backend.errors import Unusable
from backend.records import log
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.features import listed
from backend.versions.signature import Signature
from console.drift.columns import LEAST_VALUES
from console.drift.power import reference_for_number
from console.drift.report import NOUN, SAMPLE
from console.drift.verdict import DriftReport, Reference
from console.promotion.gates.case import Case, rows_of
from console.promotion.gates.found import Check, Found, NotApplicable, asked_for_none


def checks(case: Case) -> list[Check]:
    """The gates of `agreement`, `training_drift` and `signature`."""
    return [_agreement(case), _drift(case), _signature(case)]


def _agreement(case: Case) -> Check:
    title, limit = "Agreement with the champion", case.rules.agreement
    if limit is None:
        return asked_for_none("agreement", title, "agreement with the champion")
    title = f"At least {_share(limit)} of rescored requests get the champion's answer"
    return Check("agreement", title, partial(_agrees, case, limit))


def _agrees(case: Case, limit: float) -> Found | NotApplicable:
    # Imported where it is used: it loads much that the other gates do not need.
    from console.rescoring import rescore
    from console.rescoring.results import certain_share

    if case.alone is not None:
        return case.alone
    if case.window is None or case.champion is None:
        return _empty(case)
    found = rescore(
        case.database,
        case.version,
        case.window,
        case.store,
        limit=case.rules.agreement_rows,
        against=case.champion.number,
    )
    if not found.found:
        return _unanswered(case, case.champion, case.window)
    # A request that the version cannot answer does not get the champion's answer either.
    share = certain_share(0 if found.agreement is None else found.agreement.n, found.found)
    message = (
        f"{_share(share.share)} of {share.of:,} rescored requests get the champion's answer, at the"
        f" low end of the 95 % interval {_share(share.low)}; at least {_share(limit)} is asked for."
    )
    if found.n_skipped:
        message += (
            f" {found.n_skipped:,} are not answered at all: {found.skipped['reason'].iloc[0]}"
        )
    if share.low < limit <= share.share:
        message += " There are not enough rows to tell."
    return Found(share.low, limit, at_most=False, message=message, n=share.of)


def _drift(case: Case) -> Check:
    title, limit = "Live data against training", case.rules.drifted
    if limit is None:
        return asked_for_none("training_drift", title, "comparison of training with live data")
    title = f"At most {limit:,} feature{'s' * (limit != 1)} of live data drifted from training"
    return Check("training_drift", title, partial(_drifted, case, limit))


def _drifted(case: Case, limit: int) -> Found | NotApplicable:
    if case.window is None:
        return _empty(case)
    which = log.Filter(case.version.model, case.window)
    current = log.features(case.database, which, case.signature.names, limit=SAMPLE)
    if current.empty:
        return _empty(case)
    reference = artefacts.table(case.database, case.version, artefacts.REFERENCE, case.store)
    verdict = Reference.of(reference, case.signature.features).compare(current, NOUN)
    return of_verdict(verdict, limit)


def of_verdict(verdict: DriftReport, limit: int) -> Found:
    """What is not known to be stable counts as drifted; where nothing is known nothing passes."""
    unknown = verdict.unknown
    drifted = [one.feature for one in verdict.results if one.status == "drifted"]
    n = verdict.n_current
    is_told = len(unknown) < verdict.n_features
    figure = len(drifted) + len(unknown) if is_told else math.nan
    names = f" ({listed(drifted, 4)})" if drifted else ""
    message = (
        f"{len(drifted)} of {verdict.n_features} features drifted from training{names} in"
        f" {n:,} logged requests; at most {limit:,} may."
    )
    if unknown:
        more = "more, which count as drifted" if is_told else "of them, so nothing can be told"
        message += (
            f" There are not enough rows to judge {len(unknown)} {more}: {_lacking(verdict)}."
        )
    return Found(figure, limit, at_most=True, message=message, n=n)


def _lacking(verdict: DriftReport) -> str:
    """How many rows would be enough for what cannot be judged, of the log and of the reference."""
    said = []
    if verdict.enough is not None:
        said.append(
            f"there are {verdict.n_current:,} requests, about {verdict.enough:,} would be enough"
        )
    thin = [one for one in verdict.unknown if one.enough is None]
    if thin:
        least = verdict.enough_reference or 0
        if verdict.n_reference < LEAST_VALUES:  # nothing was measured that could say
            least = max(least, reference_for_number(verdict.n_features))
        more = "" if len(thin) == len(verdict.unknown) else f" for {len(thin)} of them"
        said.append(
            f"the version's reference has {verdict.n_reference:,} rows, about {least:,} would be"
            f" enough{more}"
        )
    return "; ".join(said)


def _signature(case: Case) -> Check:
    title, limit = "Requests that are accepted", case.rules.accepted
    if limit is None:
        return asked_for_none("signature", title, "acceptance of logged requests")
    title = f"At least {_share(limit)} of the champion's logged requests are accepted"
    return Check("signature", title, partial(_accepts, case, limit))


def _accepts(case: Case, limit: float) -> Found | NotApplicable:
    if case.alone is not None:
        return case.alone
    rows, what = _requests(case), "requests that the champion answered"
    if not rows:
        # What it held out looks as its requests will.
        rows, what = _held_out(case), "held-out rows of the champion, which has no requests,"
    if not rows:
        return _empty(case)
    refused = Counter(filter(None, (_refusal(case, row) for row in rows)))
    n = len(rows)
    figure = (n - refused.total()) / n
    message = (
        f"{n - refused.total():,} of {n:,} {what} are accepted; at least {_share(limit)} is asked"
        " for."
    )
    if refused:
        message += f" Most often refused: {refused.most_common(1)[0][0]}"
    return Found(figure, limit, at_most=False, message=message, n=n)


def _requests(case: Case) -> list[Any]:
    """The newest requests that the champion answered, as they are sent."""
    if case.window is None or case.champion is None:
        return []
    # No version has the number 0, and None would mean all of them.
    number = case.champion.number or 0
    which = log.Filter(case.version.model, case.window, version=number, outcome="answered")
    found = log.page(case.database, which, limit=case.rules.accepted_rows)
    return [msgspec.json.decode(text) for text in found["features"]]


def _held_out(case: Case) -> list[Any]:
    """The champion's held-out rows, as they would be sent."""
    assert case.champion is not None  # noqa: S101  # `alone` was asked first
    theirs = Signature.from_json(case.champion.signature)
    frame = artefacts.table(case.database, case.champion, artefacts.HELDOUT, case.store)
    matrix = theirs.matrix_of(frame.head(case.rules.accepted_rows))
    return [theirs.as_object(row) for row in rows_of(matrix)]


def _refusal(case: Case, request: Any) -> str:
    """Why a request would be refused, as the service says it; empty where it is accepted."""
    try:
        case.signature.read(request)
    except Unusable as error:
        return error.detail
    return ""


def _unanswered(case: Case, champion: Version, window: Window) -> NotApplicable:
    """The champion answered nothing: nothing to check, unless others did.

    Raises:
        Unusable: they did, so the agreement that is asked for cannot be told.
    """
    which = log.Filter(case.version.model, window, outcome="answered")
    if log.page(case.database, which, limit=1).empty:
        return _empty(case)
    raise Unusable(
        f"Version {champion.number}, the champion, has answered none of the requests in this"
        " stretch of the log, so there is nothing to agree with. Wait for requests, or choose a"
        " longer one."
    )


def _empty(case: Case) -> NotApplicable:
    return NotApplicable(f"The log of `{case.version.model}` has no such requests to check.", 0)


def _share(share: float) -> str:
    return f"{100 * share:.4g} %"
