"""What a gate says, and whether gates stand in the way of a promotion."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["pass", "fail", "not_applicable"]


@dataclass(frozen=True)
class Gate:
    """One check of a version, and what was found.

    Attributes:
        name: unique among the gates of one evaluation, and the same in the next: `floors.roc_auc`,
            `segments.region.no_worse.mae`.
        title: the check for people, at most a line.
        status: pass, fail or not_applicable; what could not be judged although it was asked for
            fails.
        figure: what was found, in the unit that `title` names; None where there is none.
        limit: what `figure` is held against; None where there is none.
        message: a sentence with the figures.
        n: the rows behind the figure; None where it is not about rows.
    """

    name: str
    title: str
    status: Status
    figure: float | None
    limit: float | None
    message: str
    n: int | None

    def to_json(self) -> dict[str, Any]:
        """The gate as a JSON object, its fields by name."""
        return asdict(self)


def blocked(gates: Iterable[Gate], waived: Collection[str] = ()) -> tuple[Gate, ...]:
    """The gates that stand in the way: those that fail and are not waived, in their order.

    Args:
        waived: names of gates that somebody waived, with a reason kept elsewhere.
    """
    return tuple(gate for gate in gates if gate.status == "fail" and gate.name not in waived)
