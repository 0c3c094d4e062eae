"""The answers of the Open Inference Protocol: what a version takes and gives, and its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from backend.service.champions import Loaded
from backend.service.tensors import binary_of
from backend.versions.features import Feature
from backend.versions.signature import Signature

_KINDS = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "category": "BYTES"}


class InferOutput(msgspec.Struct, omit_defaults=True):
    """A tensor of the answer: `data`, or `binary_data_size` bytes after the JSON."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] = {}
    data: list[Any] | UnsetType = UNSET


class InferResponse(msgspec.Struct, omit_defaults=True):
    """The JSON of an answer."""

    model_name: str
    model_version: str
    outputs: list[InferOutput]
    id: str | UnsetType = UNSET


class TensorMetadata(msgspec.Struct, omit_defaults=True):
    """What a tensor looks like; -1 in its shape is the number of rows."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, str] = {}


class ModelMetadata(msgspec.Struct):
    """What a version takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


@dataclass(frozen=True)
class Wanted:
    """What an answer has to hold.

    Attributes:
        id: the caller's name for the request, to be given back.
        outputs: the outputs in order; whether each is to be bytes.
    """

    id: str | UnsetType
    outputs: dict[str, bool]


def inputs_of(signature: Signature) -> list[TensorMetadata]:
    """The tensors that a version takes, one for each feature."""
    return [TensorMetadata(f.name, _KINDS[f.kind], [-1], _about(f)) for f in signature.features]


def outputs_of(signature: Signature) -> list[TensorMetadata]:
    """The tensors that a version gives."""
    if signature.task == "regression":
        found = [TensorMetadata("value", "FP64", [-1])]
    else:
        labels = {"labels": msgspec.json.encode(signature.labels).decode()}
        found = [
            TensorMetadata("label", _label_type(signature), [-1]),
            TensorMetadata("score", "FP64", [-1]),
            TensorMetadata("probabilities", "FP64", [-1, len(signature.labels)], labels),
        ]
    return [*found, TensorMetadata("prediction_id", "BYTES", [-1])]


def worded(
    loaded: Loaded, answers: Sequence[dict[str, Any]], wanted: Wanted
) -> tuple[bytes, bytes | None]:
    """The JSON of an answer, and the bytes that follow it if any output is to be bytes."""
    found, parts = [], []
    described = {tensor.name: tensor for tensor in outputs_of(loaded.signature)}
    for name, as_bytes in wanted.outputs.items():
        tensor = described[name]
        values = _values(tensor, answers)
        output = InferOutput(
            tensor.name, tensor.datatype, [len(answers), *tensor.shape[1:]], dict(tensor.parameters)
        )
        if as_bytes:
            parts.append(binary_of(tensor.datatype, values))
            output.parameters["binary_data_size"] = len(parts[-1])
        else:
            output.data = values
        found.append(output)
    response = InferResponse(loaded.model, str(loaded.number), found, wanted.id)
    return msgspec.json.encode(response), b"".join(parts) if parts else None


def _values(tensor: TensorMetadata, answers: Sequence[dict[str, Any]]) -> list[Any]:
    if tensor.name == "probabilities":
        return [share for answer in answers for share in answer["probabilities"].values()]
    values = [answer[tensor.name] for answer in answers]
    return [str(value) for value in values] if tensor.datatype == "BYTES" else values


def _label_type(signature: Signature) -> str:
    kinds = {label.__class__ for label in signature.labels}
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int}:
        return "INT64"
    return "FP64" if kinds <= {int, float} else "BYTES"


def _about(feature: Feature) -> dict[str, str]:
    return {"nullable": "true"} if feature.nullable else {}
