"""Gates: what a version must show before it may answer, and whether it does."""

from console.promotion.gates.evaluate import evaluate
from console.promotion.gates.results import Gate, Status, blocked
from console.promotion.gates.rules import DEFAULT, GateRules, default_of, parse
from console.promotion.gates.saved import checked, hash_of, rules_of, save_rules, text_of

__all__ = [
    "DEFAULT",
    "Gate",
    "GateRules",
    "Status",
    "blocked",
    "checked",
    "default_of",
    "evaluate",
    "hash_of",
    "parse",
    "rules_of",
    "save_rules",
    "text_of",
]
