"""A split of a change of performance, as sentences."""

from console.performance.results import Split
from console.performance.sentences import shown, signed


def sentence(found: Split, least_rows: int) -> str:
    """What a split says, or why there is none.

    Args:
        found: with all but its message.
        least_rows: with truth, on either side.
    """
    if found.status == "not_enough_rows":
        return (
            f"A change is split from {least_rows} rows with truth on either side; the reference has"
            f" {found.n_reference:,} and the window {found.n_current:,}."
        )
    effective = found.effective_rows or 0.0
    if found.status == "no_overlap":
        return (
            f"{_change(found)} How much of it other inputs explain cannot be said: too few"
            f" reference rows are like the current ones (they count as {effective:,.0f})."
        )
    return (
        f"{_change(found)} {_part(found, 'inputs')} by other inputs"
        f" {_ends(found, 'inputs')}, {_part(found, 'relation')} by a changed relation"
        f" {_ends(found, 'relation')}. {_meaning(found)} Weighted to the current inputs, the"
        f" {found.n_reference:,} reference rows count as {effective:,.0f}."
    )


def _change(found: Split) -> str:
    metric, was, now = found.metric, found.reference or 0.0, found.current or 0.0
    change = now - was
    if shown(metric, was) == shown(metric, now):
        return f"{metric.title} is {shown(metric, now)}, as it was on the reference."
    verb = "rose" if change > 0 else "fell"
    before = f"{shown(metric, was)} on the reference rows (answered out of fold)"
    return f"{metric.title} {verb} from {before} to {shown(metric, now)}."


def _part(found: Split, name: str) -> str:
    return signed(found.metric, getattr(found, name))


def _ends(found: Split, name: str) -> str:
    low, high = (getattr(found, f"{name}_{end}") for end in ("low", "high"))
    return f"(95 %: {signed(found.metric, low)} to {signed(found.metric, high)})"


def _meaning(found: Split) -> str:
    inputs, relation = (
        not (getattr(found, f"{name}_low") <= 0 <= getattr(found, f"{name}_high"))
        for name in ("inputs", "relation")
    )
    if inputs and relation:
        return "Both are more than chance."
    if relation:
        return "Only the changed relation is more than chance: inputs like these had other truths."
    if inputs:
        return "Only the other inputs are more than chance: the relation stayed as it was learned."
    return "Neither is more than chance."
