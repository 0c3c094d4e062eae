"""Which version may answer: how a model stands, the moves of its aliases and their history."""

from console.promotion.moves import (
    confirmation,
    done,
    history,
    promote,
    roll_back,
    set_challenger,
)
from console.promotion.standing import Standing, standing

__all__ = [
    "Standing",
    "confirmation",
    "done",
    "history",
    "promote",
    "roll_back",
    "set_challenger",
    "standing",
]
