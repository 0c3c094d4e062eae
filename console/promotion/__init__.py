"""Which version may answer: how a model stands, the moves of its aliases and their history.

`history` is the function of `moves.py`; the module of that name is imported before it is.
"""

from console.promotion.figures import about_rows, engine, figures
from console.promotion.history import earlier_champions, served, serving, timeline, traffic
from console.promotion.moves import (
    Kind,
    confirmation,
    done,
    history,
    promote,
    roll_back,
    set_challenger,
)
from console.promotion.spans import Served
from console.promotion.standing import Standing, standing

__all__ = [
    "Kind",
    "Served",
    "Standing",
    "about_rows",
    "confirmation",
    "done",
    "earlier_champions",
    "engine",
    "figures",
    "history",
    "promote",
    "roll_back",
    "served",
    "serving",
    "set_challenger",
    "standing",
    "timeline",
    "traffic",
]
