"""Gates on the log: agreement when rescored, drift from training, and requests that are accepted.

Where the log is empty there is nothing to check; where it cannot tell, the gate fails.
"""

from collections import Counter
from functools import partial

import msgspec
import pandas as pd

from backend.errors import Unusable
from backend.records import log
from backend.records.predictions import Window
from backend.versions import artefacts
from backend.versions.features import listed
from console.drift.report import NOUN, SAMPLE
from console.drift.verdict import DriftReport, Reference
from console.promotion.gates.case import Case
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
    from console.rescoring import rescore  # it reads the log by the million; import it when used

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
        return _empty(case)
    if found.agreement is None:
        raise Unusable(
            f"None of {found.found:,} logged requests can be rescored: {found.skipped['reason'][0]}"
        )
    share, low = found.agreement.share, found.agreement.low
    message = (
        f"{_share(share)} of {found.rows:,} rescored requests get the champion's answer, at the"
        f" low end of the 95 % interval {_share(low)}; at least {_share(limit)} is asked for."
    )
    if low < limit <= share:
        message += " There are not enough rows to tell."
    return Found(low, limit, at_most=False, message=message, n=found.rows)


def _drift(case: Case) -> Check:
    title, limit = "Live data against training", case.rules.drifted
    if limit is None:
        return asked_for_none("training_drift", title, "comparison of training with live data")
    title = f"At most {limit:,} features of live data drifted from training"
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
    return _of_verdict(verdict, limit)


def _of_verdict(verdict: DriftReport, limit: int) -> Found:
    """What is not known to be stable counts as drifted, unless no window could judge it."""
    unknown = [one for one in verdict.unknown if one.enough is not None]
    drifted = [one.feature for one in verdict.results if one.status == "drifted"]
    figure, n = len(drifted) + len(unknown), verdict.n_current
    names = f" ({listed(drifted, 4)})" if drifted else ""
    message = (
        f"{len(drifted)} of {verdict.n_features} features drifted from training{names} in"
        f" {n:,} logged requests; at most {limit:,} may."
    )
    if unknown:
        needed = f", about {verdict.enough:,} are" if verdict.enough is not None else ""
        message += f" There are not enough requests to judge {len(unknown)} more{needed} needed."
    return Found(figure, limit, at_most=True, message=message, n=n)


def _signature(case: Case) -> Check:
    title, limit = "Requests that are accepted", case.rules.accepted
    if limit is None:
        return asked_for_none("signature", title, "acceptance of logged requests")
    title = f"At least {_share(limit)} of the champion's logged requests are accepted"
    return Check("signature", title, partial(_accepts, case, limit))


def _accepts(case: Case, limit: float) -> Found | NotApplicable:
    if case.alone is not None:
        return case.alone
    if case.window is None or case.champion is None:
        return _empty(case)
    rows = _requests(case, case.window)
    if rows.empty:
        return _empty(case)
    refused = Counter(filter(None, map(partial(_refusal, case), rows["features"])))
    n = len(rows)
    figure = 1 - sum(refused.values()) / n
    message = (
        f"{n - sum(refused.values()):,} of the newest {n:,} requests that the champion answered"
        f" are accepted; at least {_share(limit)} is asked for."
    )
    if refused:
        message += f" Most often refused: {refused.most_common(1)[0][0]}"
    return Found(figure, limit, at_most=False, message=message, n=n)


def _requests(case: Case, window: Window) -> pd.DataFrame:
    number = case.champion.number if case.champion is not None else 0
    which = log.Filter(case.version.model, window, version=number or 0, outcome="answered")
    return log.page(case.database, which, limit=case.rules.accepted_rows)


def _refusal(case: Case, text: str) -> str:
    """Why a request would be refused, as the service says it; empty where it is accepted."""
    try:
        case.signature.read(msgspec.json.decode(text))
    except Unusable as error:
        return error.detail
    return ""


def _empty(case: Case) -> NotApplicable:
    return NotApplicable(f"The log of `{case.version.model}` has no such requests to check.", 0)


def _share(share: float) -> str:
    return f"{100 * share:.4g} %"
