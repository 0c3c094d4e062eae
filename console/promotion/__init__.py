"""Which version may answer: how a model stands, the moves of its aliases and their history."""

from console.promotion.figures import about_rows, engine, figures
from console.promotion.moves import (
    Kind,
    confirmation,
    done,
    history,
    promote,
    roll_back,
    set_challenger,
)
from console.promotion.standing import Standing, standing

__all__ = [
    "Kind",
    "Standing",
    "about_rows",
    "confirmation",
    "done",
    "engine",
    "figures",
    "history",
    "promote",
    "roll_back",
    "set_challenger",
    "standing",
]
