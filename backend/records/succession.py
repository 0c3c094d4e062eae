"""What follows from the moves of a champion; pure functions, which ask no database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One move of the alias `champion`: when (UTC µs), which kind, to which version."""

    at: int
    kind: str
    to_number: int


def way_back(steps: Iterable[Step], present: int, there: Collection[int]) -> int | None:
    """The version that a roll-back without a target goes to; None where there is none.

    A roll-back takes its promotion off the history, so two of them go two champions back.

    Args:
        steps: oldest first.
        present: the champion's number.
        there: the versions that still exist; others are passed over.
    """
    stack: list[int] = []
    for step in steps:
        if step.kind == "rollback" and step.to_number in stack:
            stack = stack[: len(stack) - stack[::-1].index(step.to_number)]
        else:
            stack.append(step.to_number)
    earlier = [number for number in stack[:-1] if number != present and number in there]
    return earlier[-1] if earlier else None


def ends(steps: Iterable[Step]) -> dict[int, int | None]:
    """When each version was champion last (UTC µs); None: it is the newest one.

    Args:
        steps: oldest first.
    """
    found: dict[int, int | None] = {}
    last: int | None = None
    for step in steps:
        if last is not None:
            found[last] = step.at
        found[step.to_number] = None
        last = step.to_number
    return found
