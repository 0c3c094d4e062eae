"""Which versions and drafts of a model are kept, which may go, and removing those.

The policy (`backend.records.policies`) keeps the newest so many registered versions and whatever is
younger than so many days; protected ones (`backend.records.protection`) stay whatever it says.
"""

from dataclasses import dataclass
from typing import Any, Literal

from backend.records.database import Database


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
        raise NotImplementedError


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
    raise NotImplementedError


def apply(database: Database, model: str, *, actor: str, moment: int | None = None) -> Applied:
    """Remove what the plan of this moment removes: each in a short transaction of its own.

    Each is judged again in the transaction that removes it, so one that was promoted, asked for or
    reviewed meanwhile stays.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def sentence(planned: tuple[Planned, ...]) -> str:
    """The plan in a sentence: how many go, how many stay, what it frees."""
    raise NotImplementedError
