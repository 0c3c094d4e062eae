"""The rules that a model keeps."""

from backend.records.database import Database
from console.promotion.gates.rules import GateRules


def text_of(database: Database, model: str) -> str:
    """The text that holds for a model: its own, else `DEFAULT`.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def rules_of(database: Database, model: str) -> GateRules:
    """The rules that hold for a model.

    Raises:
        NotFound: there is no such model.
        Unusable: its text cannot be read.
    """
    raise NotImplementedError


def save_rules(database: Database, model: str, text: str, *, actor: str) -> GateRules:
    """Keep a text for a model, after checking it; an empty one brings `DEFAULT` back.

    Raises:
        NotFound: there is no such model.
        Unusable: the text cannot be read, or names a metric or column that the model has not.
    """
    raise NotImplementedError
