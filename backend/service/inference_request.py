"""The requests of the Open Inference Protocol: tensors into rows, by feature name or in order."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from backend.errors import Malformed, TooLarge, Unusable
from backend.service.bodies import MOST_INSTANCES
from backend.service.inference_answer import Wanted, outputs_of
from backend.service.tensors import InferInput, shape_text, size_of, values_of
from backend.versions.features import listed, shown
from backend.versions.signature import Signature


class RequestedOutput(msgspec.Struct):
    """An output that a caller asks for; with the parameter `binary_data` true, as bytes."""

    name: str
    parameters: dict[str, Any] = {}


class InferRequest(msgspec.Struct):
    """The JSON of a request; without `outputs` all are answered."""

    inputs: list[InferInput]
    id: str | UnsetType = UNSET
    parameters: dict[str, Any] = {}
    outputs: list[RequestedOutput] = []


def wanted_of(request: InferRequest, signature: Signature) -> Wanted:
    """What the answer to a request has to hold.

    Raises:
        Malformed, Unusable: an output is asked for twice, in a form that is not given, or unknown.
    """
    names = [tensor.name for tensor in outputs_of(signature)]
    as_bytes = _flag(request.parameters, "binary_data_output", False)
    if not request.outputs:
        return Wanted(request.id, dict.fromkeys(names, as_bytes))
    outputs: dict[str, bool] = {}
    for output in request.outputs:
        if output.name not in names:
            raise Unusable(
                f"There is no output `{output.name[:60]}`; the outputs are {listed(names)}."
            )
        if output.name in outputs:
            raise Malformed(f"Output `{output.name}` is asked for twice. Ask for it once.")
        for refused in ("classification", "shared_memory_region"):
            if refused in output.parameters:
                raise Malformed(
                    f"Output `{output.name}` has the parameter `{refused}`, which is"
                    " not supported. Leave it out."
                )
        outputs[output.name] = _flag(output.parameters, "binary_data", as_bytes)
    return Wanted(request.id, outputs)


def instances_of(inputs: Sequence[InferInput], binary: bytes, signature: Signature) -> list[Any]:
    """The rows in input tensors: objects by feature name, or lists in the signature's order.

    Args:
        inputs: the tensors.
        binary: what followed the JSON.
        signature: of the version that is to answer.

    Raises:
        Malformed: a tensor is not well formed.
        Unusable: well formed, and not what the version takes.
        TooLarge: there are more than 10,000 rows.
    """
    parts = _parts(inputs, binary)
    width = len(signature.features)
    if _is_matrix(inputs, signature):
        _check_rows(inputs[0])
        values = values_of(inputs[0], parts[0])
        return [values[start : start + width] for start in range(0, len(values), width)]
    columns: dict[str, list[Any]] = {}
    for tensor, part in zip(inputs, parts, strict=True):
        _check_column(tensor, inputs[0], signature)
        if tensor.name in columns:
            raise Malformed(f"Input `{tensor.name}` comes twice. Send it once.")
        columns[tensor.name] = values_of(tensor, part)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _flag(parameters: dict[str, Any], name: str, otherwise: bool) -> bool:
    value = parameters.get(name, otherwise)
    if not isinstance(value, bool):
        raise Malformed(f"The parameter `{name}` is {shown(value)}; expected true or false.")
    return value


def _parts(inputs: Sequence[InferInput], binary: bytes) -> list[bytes | None]:
    """Each input's own bytes; None where its data is in the JSON."""
    sizes = [size_of(tensor) for tensor in inputs]
    total = sum(size or 0 for size in sizes)
    if total != len(binary):
        raise Malformed(
            f"{len(binary):,} bytes follow the JSON; the inputs' `binary_data_size` add up to"
            f" {shown(total)}. The header `Inference-Header-Content-Length` says where the JSON"
            " ends."
        )
    parts: list[bytes | None] = []
    start = 0
    for size in sizes:
        parts.append(None if size is None else binary[start : start + size])
        start += size or 0
    return parts


def _is_matrix(inputs: Sequence[InferInput], signature: Signature) -> bool:
    """Whether all features come in one tensor."""
    if not inputs:
        raise Malformed("`inputs` is empty; expected a tensor for each feature.")
    alone = len(inputs) == 1 and inputs[0].name not in signature.names
    if not alone or not signature.all_numeric:
        return False
    width = len(signature.features)
    if len(inputs[0].shape) == 2 and inputs[0].shape[1] == width:
        return True
    raise Unusable(
        f"Input `{inputs[0].name[:60]}` is no feature and has the shape"
        f" {shape_text(inputs[0].shape)}; expected [rows, {width}] with the features in the order"
        f" {listed(signature.names)}, or an input for each feature."
    )


def _check_column(tensor: InferInput, first: InferInput, signature: Signature) -> None:
    if tensor.name not in signature.names:
        raise Unusable(
            f"Input `{tensor.name[:60]}` is not a feature. Send one input for each of"
            f" {listed(signature.names)}."
        )
    if len(tensor.shape) not in (1, 2) or tensor.shape[1:] not in ([], [1]):
        raise Unusable(
            f"Input `{tensor.name}` has the shape {shape_text(tensor.shape)}; expected [rows] or"
            " [rows, 1]."
        )
    _check_rows(tensor)
    if tensor.shape[0] != first.shape[0]:
        raise Unusable(
            f"Input `{tensor.name}` has {tensor.shape[0]:,} rows and `{first.name}` has"
            f" {first.shape[0]:,}; expected the same number in each."
        )


def _check_rows(tensor: InferInput) -> None:
    rows = tensor.shape[0]
    if rows < 1:
        raise Unusable(
            f"Input `{tensor.name[:60]}` has the shape {shape_text(tensor.shape)}; expected at"
            " least one row."
        )
    if rows > MOST_INSTANCES:
        raise TooLarge(
            f"Input `{tensor.name[:60]}` has {shown(rows)} rows; the limit is {MOST_INSTANCES:,}."
            " Send them in several requests."
        )
