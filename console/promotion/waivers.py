"""Waivers: which failing gates somebody let pass, and what still stands in the way."""

from collections.abc import Sequence

from backend.errors import Unusable
from backend.records import registry
from backend.records.database import Database
from backend.records.request_rows import check_said
from backend.records.requests import Waiver
from backend.versions.artefacts import Store
from backend.versions.features import listed
from console.promotion.gates import Gate, blocked, rules_of
from console.promotion.gates.case import Case
from console.promotion.gates.evaluate import checks_of

MOST_NAMED = 3


def names(database: Database, model: str, number: int, store: Store) -> tuple[str, ...]:
    """The names of the gates that a version is judged by; none is judged for it.

    Raises:
        NotFound: there is no such model or version.
        Unusable: the rules of the model cannot be read.
    """
    version = registry.version(database, model, number)
    champion = registry.model(database, model).champion
    present = None if champion is None else registry.version(database, model, champion)
    case = Case(database, version, present, store, rules_of(database, model), None)
    return tuple(check.name for check in checks_of(case))


def settled(gates: Sequence[Gate], waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """The waivers of gates that fail; those of gates that do not are left out, as needless.

    Raises:
        Unusable: a waiver names no gate of these, lacks its name or reason, or is given twice.
    """
    known = {gate.name: gate for gate in gates}
    for one in waivers:
        if one.gate not in known:
            failing = [gate.name for gate in gates if gate.status == "fail"]
            which = f"Those that fail are {listed(failing, 8)}." if failing else "None fails."
            raise Unusable(f"`{one.gate[:110]}` is no gate of this version. {which}")
        check_said(one.actor, one.reason, f"waives `{one.gate}`")
    names = [one.gate for one in waivers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unusable(f"`{twice[0]}` is waived twice. Give one reason for each gate.")
    return tuple(one for one in waivers if known[one.gate].status == "fail")


def blocking(gates: Sequence[Gate], waivers: Sequence[Waiver]) -> tuple[Gate, ...]:
    """The gates that fail and are not waived."""
    return blocked(gates, [one.gate for one in waivers])


def summary(gates: Sequence[Gate], waivers: Sequence[Waiver]) -> str:
    """How the gates stand, as a sentence."""
    passed = sum(gate.status == "pass" for gate in gates)
    failed = sum(gate.status == "fail" for gate in gates)
    others = len(gates) - passed - failed
    of = passed + failed
    head = f"All {of} gates that apply pass" if not failed else f"{passed} of {of} gates pass"
    if of == 1 and not failed:
        head = "The one gate that applies passes"
    waived = len(waivers)
    parts = [head]
    if waived:
        parts.append(f"{waived} {'is' if waived == 1 else 'are'} waived")
    if failed > waived:
        left = failed - waived
        parts.append(f"{left} {'fails' if left == 1 else 'fail'} and nobody waived {_them(left)}")
    if others:
        parts.append(f"{others} {'does' if others == 1 else 'do'} not apply")
    return f"{'; '.join(parts)}."


def refusal(model: str, number: int, gates: Sequence[Gate]) -> str:
    """The sentence for somebody whose promotion these gates stand in the way of."""
    names = listed([gate.name for gate in gates], 8)
    n = len(gates)
    head = (
        f"Version {number} of `{model}` is not promoted: {n}"
        f" gate{'' if n == 1 else 's'} that {'is' if n == 1 else 'are'} not waived"
        f" {'fails' if n == 1 else 'fail'}, {names}."
    )
    why = " ".join(gate.message for gate in gates[:MOST_NAMED])
    return f"{head} {why} Train a better version, or waive a gate with a name and a reason."


def _them(n: int) -> str:
    return "it" if n == 1 else "them"
