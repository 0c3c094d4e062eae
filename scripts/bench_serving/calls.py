"""What goes over the wire: bodies in the form of each service, and the labels it answers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FEATURES = "features"


@dataclass(frozen=True)
class Call:
    """An address, and the form of the bodies that it takes (`body`)."""

    path: str
    form: str


class Bodies:
    """The same rows as files, one for each form and number of rows."""

    def __init__(self, folder: Path, names: list[str], rows: list[list[float]]) -> None:
        self._folder = folder
        self._names = names
        self._rows = rows
        folder.mkdir(parents=True, exist_ok=True)

    def file(self, call: Call, count: int) -> Path:
        """The body that holds the first `count` rows in the form that `call` takes."""
        path = self._folder / f"{call.form}-{count}.json"
        if not path.exists():
            path.write_text(json.dumps(body(call.form, self._names, self._rows[:count])))
        return path


def body(form: str, names: Sequence[str], rows: Sequence[Sequence[float]]) -> dict[str, Any]:
    """The rows as JSON; forms of a single row take the first."""
    forms: dict[str, Any] = {
        FEATURES: {"features": rows[0]},
        "named": {"features": dict(zip(names, rows[0], strict=True))},
        "instances": {"instances": rows},
        "inputs": {"inputs": rows},
    }
    if form == "tensor":
        flat = [value for row in rows for value in row]
        shape = [len(rows), len(names)]
        tensor = {"name": "rows", "shape": shape, "datatype": "FP64", "data": flat}
        return {"inputs": [tensor]}
    found: dict[str, Any] = forms[form]
    return found


def labels_of(answer: Any) -> list[str]:
    """The labels in an answer of any of the services."""
    if isinstance(answer, list):
        found = answer
    elif "outputs" in answer:
        found = answer["outputs"][0]["data"]
    else:
        found = answer.get("predictions") or answer.get("labels") or [answer]
    return [str(each["label"] if isinstance(each, dict) else each) for each in found]


def ids_of(answer: Any) -> list[str]:
    """The prediction ids in an answer of ours."""
    return [str(each["prediction_id"]) for each in answer.get("predictions", [answer])]
