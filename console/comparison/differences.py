"""What differs between two versions: only that."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from backend.records.registry import Version
from backend.versions.engines import TITLES, engine_of
from backend.versions.features import Feature
from backend.versions.signature import Signature

COLUMNS = ["what", "name", "a", "b"]
# Of the description of the data: a title says no more than the name.
_DATA = ("name", "fingerprint", "rows", "until", "split")


def differences(a: Version, b: Version) -> pd.DataFrame:
    """The algorithm, parameters, features, data and libraries that are not the same.

    Returns:
        what (algorithm, parameter, feature, target, data, environment or engine), name, a, b
        (texts; empty where a version has none). No rows when nothing differs.
    """
    rows = [
        *_unlike("algorithm", {"algorithm": a.algorithm}, {"algorithm": b.algorithm}),
        *_unlike("parameter", a.parameters, b.parameters),
        *_unlike("feature", _features(a), _features(b)),
        *_unlike("target", _target(a), _target(b)),
        *_unlike("data", _data(a), _data(b)),
        *_unlike("environment", a.environment, b.environment),
        *_unlike("engine", _engine(a), _engine(b)),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _unlike(what: str, a: dict[str, Any], b: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name in dict.fromkeys([*a, *b]):
        if a.get(name) != b.get(name):
            yield what, name, _text(a.get(name)), _text(b.get(name))


def _features(version: Version) -> dict[str, str]:
    return {f.name: _described(f) for f in Signature.from_json(version.signature).features}


def _described(feature: Feature) -> str:
    """Kind and categories; the observed range differs with every sample and says little."""
    words: str = feature.kind
    if feature.kind == "category":
        words = f"category of {len(feature.categories)}"
    return f"{words}, may be missing" if feature.nullable else words


def _target(version: Version) -> dict[str, Any]:
    signature = Signature.from_json(version.signature)
    return {"labels": list(signature.labels), "positive": signature.positive}


def _data(version: Version) -> dict[str, Any]:
    flat = {name: version.data.get(name) for name in _DATA}
    split = flat.pop("split") or {}
    return flat | {f"split: {name}": value for name, value in split.items()}


def _engine(version: Version) -> dict[str, Any]:
    found = engine_of(version.compilation)
    return {"engine": TITLES[found.name]}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)
