"""Which versions and drafts of a model are kept, which may go, and removing those.

The policy (`backend.records.policies`) keeps the newest so many registered versions and whatever is
younger than so many days; protected ones (`backend.records.protection`) stay whatever it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from backend.errors import NotFound, Refused
from backend.records import blobs, drafts, policies, protection, registry, retiring
from backend.records.database import Database, now
from backend.records.policies import Policy
from backend.records.registry import Version
from console.windows import DAY, iso


@dataclass(frozen=True)
class Planned:
    """What becomes of one version or draft.

    Attributes:
        version_id: of its row.
        kind: `version` or `draft`.
        number: of a version; None of a draft.
        algorithm: its name.
        created_at: UTC µs; of a version, when it was registered.
        removed: whether it goes.
        reasons: why it is kept, or why it goes; phrases that follow `it`.
        bytes: of its files.
        freed: of them, those that nothing else which is kept names; 0 where it is kept.
    """

    version_id: int
    kind: Literal["version", "draft"]
    number: int | None
    algorithm: str
    created_at: int
    removed: bool
    reasons: tuple[str, ...]
    bytes: int
    freed: int

    @property
    def title(self) -> str:
        """`Version 3` or `Draft 7`."""
        return f"Version {self.number}" if self.number is not None else f"Draft {self.version_id}"

    def to_json(self) -> dict[str, Any]:
        """It as the command `retention` gives it."""
        return {
            "kind": self.kind,
            "version": self.number,
            "draft": self.version_id if self.number is None else None,
            "algorithm": self.algorithm,
            "created_at": iso(self.created_at),
            "action": "remove" if self.removed else "keep",
            "reasons": list(self.reasons),
            "bytes": self.bytes,
            "freed": self.freed,
        }


@dataclass(frozen=True)
class Applied:
    """What a retention did.

    Attributes:
        removed: those that went.
        stayed: those that were planned to go, and why they stayed: somebody was faster.
        blobs: pieces of storage that were swept.
    """

    removed: tuple[Planned, ...]
    stayed: tuple[Planned, ...]
    blobs: int


def plan(database: Database, model: str, moment: int | None = None) -> tuple[Planned, ...]:
    """What the model's policy would keep and remove; nothing is changed. Newest first.

    Args:
        moment: UTC µs from which ages count; None: now.

    Raises:
        NotFound: there is no such model.
    """
    found = _all(database, model)
    rules = _Rules(database, model, now() if moment is None else moment)
    known = retiring.sizes(database, (sha for one in found for sha in one.files.values()))
    planned = [(one, rules.judged(one, known)) for one in found]
    going = [(one, entry) for one, entry in planned if entry.removed]
    hashes = {sha for one, _ in going for sha in one.files.values()}
    held = retiring.held(database, hashes, [one.id for one, _ in going])
    done = [
        replace(entry, freed=_freed(one, known, held)) if entry.removed else entry
        for one, entry in planned
    ]
    return tuple(sorted(done, key=lambda entry: entry.created_at, reverse=True))


def apply(
    database: Database,
    model: str,
    *,
    actor: str,
    moment: int | None = None,
    planned: Sequence[Planned] | None = None,
) -> Applied:
    """Remove what the plan removes: each in a short transaction of its own.

    Each is judged again in the transaction that removes it, so one that was promoted, asked for or
    reviewed meanwhile stays. Stopped half-way, what is left goes the next time.

    Args:
        moment: UTC µs from which ages count; None: now.
        planned: what somebody saw and agreed to, so that no more goes; None: the plan as it is now.

    Raises:
        NotFound: there is no such model.
    """
    at = now() if moment is None else moment
    since = _since(policies.of(database, model), at)
    there = {one.id: one for one in _all(database, model)}
    removed: list[Planned] = []
    stayed: list[Planned] = []
    for entry in plan(database, model, at) if planned is None else planned:
        version = there.get(entry.version_id)
        if not entry.removed or version is None:
            continue
        try:
            retiring.remove(database, version, actor=actor, why=entry.reasons, since=since)
        except NotFound:  # somebody else's retention was faster
            continue
        except Refused as refusal:  # what happened meanwhile speaks for it; the others still go
            stayed.append(replace(entry, removed=False, reasons=(refusal.detail,), freed=0))
        else:
            removed.append(entry)
    return Applied(tuple(removed), tuple(stayed), blobs.sweep(database) if removed else 0)


def sentence(planned: Sequence[Planned]) -> str:
    """The plan in a sentence: how many go, how many stay, what it frees."""
    going = [entry for entry in planned if entry.removed]
    if not planned:
        return "There is no version or draft to keep or remove."
    if not going:
        return f"All {_some(planned)} are kept." if len(planned) > 1 else "The only one is kept."
    left = len(planned) - len(going)
    freed = sum(entry.freed for entry in going)
    return f"{_some(going)} would go and free {size(freed)}; {left} would stay."


def done(applied: Applied) -> str:
    """What was done, in a sentence or two."""
    if not applied.removed and not applied.stayed:
        return "There was nothing to remove."
    freed = sum(entry.freed for entry in applied.removed)
    gone = _some(applied.removed) if applied.removed else "Nothing"
    verb = "was" if len(applied.removed) < 2 else "were"
    text = f"{gone} {verb} removed, of {size(freed)}."
    if applied.removed:
        text += " What was stored in the last hour is swept later."
    return " ".join([text, *(reason for entry in applied.stayed for reason in entry.reasons)])


def size(count: int) -> str:
    """Bytes for people: `312 bytes`, `4.2 MB`."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


class _Rules:
    """A model's policy with what is protected, read once."""

    def __init__(self, database: Database, model: str, moment: int) -> None:
        self.policy = policies.of(database, model)
        self.moment = moment
        self.since = _since(self.policy, moment)
        self.protected = protection.of(database, model, since=self.since)
        numbers = [v.number for v in registry.versions_of(database, model) if v.number is not None]
        self.newest = set(numbers[: self.policy.keep_last])

    def judged(self, one: Version, known: dict[str, int]) -> Planned:
        """What becomes of a version or draft."""
        kept = self._kept(one)
        age = f"is older than {self.policy.keep_days} days"
        last = f"is not among the {self.policy.keep_last} newest"
        gone = (age,) if one.number is None else (age, last)
        return Planned(
            version_id=one.id,
            kind="draft" if one.number is None else "version",
            number=one.number,
            algorithm=one.algorithm,
            created_at=_made_at(one),
            removed=not kept,
            reasons=kept or gone,
            bytes=sum(known.get(sha, 0) for sha in set(one.files.values())),
            freed=0,
        )

    def _kept(self, one: Version) -> tuple[str, ...]:
        reasons: list[str] = []
        if one.number is not None:
            reasons += self.protected.get(one.number, ())
            if one.number in self.newest:
                reasons.append(f"is among the {self.policy.keep_last} newest")
        if self.since is None:
            reasons.append("may be of any age by the policy")
        elif _made_at(one) >= self.since:
            reasons.append(f"is not older than {self.policy.keep_days} days")
        return tuple(reasons)


def _all(database: Database, model: str) -> list[Version]:
    """The versions and drafts of a model."""
    return [*registry.versions_of(database, model), *drafts.waiting(database, model)]


def _since(policy: Policy, moment: int) -> int | None:
    return None if policy.keep_days is None else moment - policy.keep_days * DAY


def _made_at(one: Version) -> int:
    return one.created_at if one.registered_at is None else one.registered_at


def _freed(one: Version, known: dict[str, int], held: set[str]) -> int:
    """The bytes that go with a version; of files that several share, the first counts them."""
    own = set(one.files.values()) - held
    held |= own
    return sum(known.get(sha, 0) for sha in own)


def _some(entries: Sequence[Planned]) -> str:
    parts = []
    for kind in ("version", "draft"):
        n = sum(entry.kind == kind for entry in entries)
        if n:
            parts.append(f"{n} {kind}{'' if n == 1 else 's'}")
    return " and ".join(parts)
