"""Which engine answers for a version, and why. Imports nothing heavy: commands and pages ask."""

import importlib.metadata
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

COMPILED = "model.onnx"
TITLES = {"onnx": "ONNX", "sklearn": "scikit-learn"}


class Engine(NamedTuple):
    """What answers, `onnx` or `sklearn`, and why: one full sentence."""

    name: str
    reason: str

    @property
    def sentence(self) -> str:
        """Both, for people."""
        return f"Answers with {TITLES[self.name]}: {self.reason[0].lower()}{self.reason[1:]}"


def engine_of(compilation: Mapping[str, Any] | None, compiling: bool = True) -> Engine:
    """The engine of a version by its `compilation`; `compiling` is the setting of that name.

    The proof holds for the onnxruntime that it was made with: with another one scikit-learn
    answers.
    """
    if compilation is None:
        return Engine("sklearn", "It was made before versions were compiled; train it again.")
    found = Engine(str(compilation["engine"]), str(compilation["reason"]))
    if found.name == "sklearn":
        return found
    if not compiling:
        return Engine("sklearn", "It is compiled, but `WATCHDESK_COMPILE` is `off`.")
    if compilation["onnxruntime"] != runtime():
        return Engine(
            "sklearn",
            f"It was proven equal with onnxruntime {compilation['onnxruntime']}, and"
            f" {runtime()} is installed; train it again.",
        )
    return found


@cache
def runtime() -> str:
    """The version of onnxruntime that is installed."""
    return importlib.metadata.version("onnxruntime")
