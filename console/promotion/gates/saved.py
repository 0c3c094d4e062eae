"""The rules that a model keeps: checked against the model, then written and recorded."""

import hashlib

from backend.errors import Unusable
from backend.records import gate_texts, registry
from backend.records.database import Database
from backend.records.registry import Model
from backend.versions.features import listed
from backend.versions.signature import Signature
from console.promotion.gates.defaults import default_of
from console.promotion.gates.rules import MEASURES, METRICS, GateRules, parse


def text_of(database: Database, model: str) -> str:
    """The text that holds for a model: its own, else the default of its task.

    Raises:
        NotFound: there is no such model.
    """
    own = gate_texts.get(database, model)
    return default_of(registry.model(database, model).task) if own is None else own


def rules_of(database: Database, model: str) -> GateRules:
    """The rules that hold for a model.

    Raises:
        NotFound: there is no such model.
        Unusable: its text cannot be read.
    """
    return parse(text_of(database, model))


def save_rules(
    database: Database, model: str, text: str, *, actor: str, seen: str | None = gate_texts.ANY
) -> GateRules:
    """Keep a text for a model, after checking it; an empty one brings the default back.

    Args:
        seen: the text that the writer saw (None: nothing was written); `ANY` does not ask.

    Raises:
        NotFound: there is no such model.
        Refused: somebody wrote another text since it was seen.
        Unusable: the text cannot be read, or names a metric or column that the model has not.
    """
    rules = checked(database, model, text)
    kept = text if text.strip() else None
    gate_texts.put(database, model, kept, actor=actor, seen=seen)
    return rules


def checked(database: Database, model: str, text: str) -> GateRules:
    """The rules of a text that a model may keep; an empty one is the default of its task.

    Raises:
        NotFound, Unusable: as `save_rules`.
    """
    found = registry.model(database, model)
    rules = parse(text if text.strip() else default_of(found.task))
    _check_metrics(found, rules)
    _check_columns(database, found, rules)
    return rules


def hash_of(text: str) -> str:
    """SHA-256 of a text, in hexadecimal: which rules a version was judged by."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check_metrics(model: Model, rules: GateRules) -> None:
    known = METRICS[model.task]
    for metric in sorted(rules.metrics):
        if metric not in known:
            raise Unusable(
                f"`{metric}` is no metric of `{model.name}`, whose task is {model.task}; expected"
                f" one of {listed(known)}."
            )
    for column, limits in rules.fairness.items():
        for measure in limits:
            if measure not in MEASURES[model.task]:
                raise Unusable(
                    f"`fairness.{column}.{measure}` needs a positive label, and the task of"
                    f" `{model.name}` is {model.task}; expected {listed(MEASURES[model.task])}."
                )


def _check_columns(database: Database, model: Model, rules: GateRules) -> None:
    """Groups are made of a feature; of which version it is, the next one decides."""
    versions = registry.versions_of(database, model.name)
    named = [Signature.from_json(version.signature).names for version in versions]
    known = list(dict.fromkeys(name for names in named for name in names))
    for column in rules.columns:
        if known and column not in known:
            raise Unusable(
                f"`{column}` is no feature of any version of `{model.name}`; expected one of"
                f" {listed(known, 12)}."
            )
