"""The predicting routes in the OpenAPI document, with the schemas that really read them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from backend.service.bodies import FeedbackBody, PredictBody
from backend.service.inference_answer import InferResponse, ModelMetadata
from backend.service.inference_request import InferRequest
from backend.service.invocations import InvocationBody

_ERRORS = {
    "400": "Not JSON, or not of the documented form",
    "404": "No such model, version or prediction",
    "409": "No champion, or refused as things stand",
    "413": "Over the limit",
    "415": "Not declared to be JSON",
    "422": "A value cannot be used; the sentence names it",
    "503": "Try again after the time in `Retry-After`",
}
_REF = "#/components/schemas/"
_ANSWER = {
    "type": "object",
    "required": ["model", "version"],
    "properties": {
        "prediction_id": {"type": "string", "format": "uuid", "description": "UUIDv7"},
        "model": {"type": "string"},
        "version": {"type": "integer"},
        "label": {"description": "Classification: the target's own value"},
        "score": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "P(positive class); for several classes P(label)",
        },
        "probabilities": {"type": "object", "additionalProperties": {"type": "number"}},
        "value": {"type": "number", "description": "Regression: in the target's unit"},
        "unseen": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Categorical features whose value was not seen in training",
        },
    },
}
_ANSWERS = {
    "oneOf": [
        {"$ref": f"{_REF}Answer"},
        {
            "type": "object",
            "required": ["predictions"],
            "properties": {"predictions": {"type": "array", "items": {"$ref": f"{_REF}Answer"}}},
        },
    ]
}
_PROBLEM = {
    "type": "object",
    "required": ["error", "detail"],
    "properties": {"error": {"type": "string"}, "detail": {"type": "string"}},
}
_TAGS = {
    "Problem": "predicting",
    "InferProblem": "Open Inference Protocol",
    "InvocationProblem": "MLflow",
}
_BINARY = {
    "schema": {
        "type": "string",
        "format": "binary",
        "description": "The JSON, whose length is in the header `Inference-Header-Content-Length`,"
        " and then the tensors that have a `binary_data_size`",
    }
}
_PROTOCOL_SCHEMAS = {
    "InferProblem": {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "string"}},
    },
    "InvocationProblem": {
        "type": "object",
        "required": ["error_code", "message"],
        "properties": {"error_code": {"type": "string"}, "message": {"type": "string"}},
    },
    "Predictions": {
        "type": "object",
        "required": ["predictions", "prediction_ids", "model", "version"],
        "properties": {
            "predictions": {"type": "array", "items": {}, "description": "Labels or values"},
            "prediction_ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
            "model": {"type": "string"},
            "version": {"type": "integer"},
        },
    },
}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add the routes that FastAPI does not know to its document."""
    _, schemas = msgspec.json.schema_components(
        [PredictBody, FeedbackBody, InferRequest, InferResponse, ModelMetadata, InvocationBody],
        ref_template=_REF + "{name}",
    )
    known = document.setdefault("components", {}).setdefault("schemas", {})
    known.update(schemas)
    known.update({"Answer": _ANSWER, "Problem": _PROBLEM, **_PROTOCOL_SCHEMAS})
    model = _parameter("model", {"type": "string"})
    version = _parameter("version", {"type": "integer", "minimum": 1})
    body = {"$ref": f"{_REF}PredictBody"}
    truth = {"$ref": f"{_REF}FeedbackBody"}
    truths = {"oneOf": [truth, {"type": "array", "items": truth}]}
    for path, route in {
        "/predict": _route("Predict with a model's champion", body, _ANSWERS, []),
        "/predict/batch": _route("Predict several rows: all or none", body, _ANSWERS, []),
        "/models/{model}/predict": _route("Predict with one model", body, _ANSWERS, [model]),
        "/models/{model}/versions/{version}/what-if": _route(
            "Ask any version; logged as no traffic", body, _ANSWERS, [model, version]
        ),
        "/feedback": _route("Report ground truth", truths, {"type": "object"}, []),
    }.items():
        document["paths"].setdefault(path, {})["post"] = route
    _refusals_of_fastapi(document)
    document["paths"].update(_open_inference(model, version))
    document["paths"].update(_mlflow(model))
    return document


def _refusals_of_fastapi(document: dict[str, Any]) -> None:
    """Name our refusals where FastAPI names its own, which these routes never give."""
    for path, codes in {
        "/ready": ["503"],
        "/models": ["503"],
        "/models/{model}": ["404", "503"],
    }.items():
        responses = document["paths"][path]["get"]["responses"]
        responses.pop("422", None)
        responses.update(_refusals("Problem", codes))
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _open_inference(model: dict[str, Any], version: dict[str, Any]) -> dict[str, Any]:
    """The routes of the Open Inference Protocol."""
    refused = "InferProblem"
    paths = {
        "/v2": _get("The server and its extensions", {"type": "object"}, [], refused),
        "/v2/health/live": _get("The process is alive", _flags("live"), [], refused),
        "/v2/health/ready": _get("As `/ready`", _flags("ready"), [], refused),
    }
    described = {"$ref": f"{_REF}ModelMetadata"}
    body, answer = {"$ref": f"{_REF}InferRequest"}, {"$ref": f"{_REF}InferResponse"}
    for path, parameters in (
        ("/v2/models/{model}", [model]),
        ("/v2/models/{model}/versions/{version}", [model, version]),
    ):
        paths[path] = _get("The tensors of a version", described, parameters, refused)
        ready = _flags("ready", name={"type": "string"})
        paths[f"{path}/ready"] = _get("It can answer", ready, parameters, refused)
        infer = _route("Predict rows that come as tensors", body, answer, parameters, refused)
        for part in (infer["requestBody"], infer["responses"]["200"]):
            part["content"]["application/octet-stream"] = _BINARY
        paths[f"{path}/infer"] = {"post": infer}
    return paths


def _mlflow(model: dict[str, Any]) -> dict[str, Any]:
    """The routes of MLflow's scoring protocol."""
    refused = "InvocationProblem"
    body, answer = {"$ref": f"{_REF}InvocationBody"}, {"$ref": f"{_REF}Predictions"}
    version = _get("The version of MLflow's protocol", {"type": "object"}, [], refused)
    version["get"]["responses"]["200"]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    paths = {
        "/ping": _get("The default model can answer", {"type": "object"}, [], refused),
        "/version": version,
    }
    for path, parameters in (("/invocations", []), ("/models/{model}/invocations", [model])):
        route = _route("Predict rows as MLflow sends them", body, answer, parameters, refused)
        route["requestBody"]["content"]["text/csv"] = {"schema": {"type": "string"}}
        paths[path] = {"post": route}
    return paths


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _route(
    summary: str,
    body: dict[str, Any],
    answer: dict[str, Any],
    parameters: list[dict[str, Any]],
    refused: str = "Problem",
) -> dict[str, Any]:
    return {
        "summary": summary,
        "tags": [_TAGS[refused]],
        "parameters": parameters,
        "requestBody": {"required": True, "content": _json(body)},
        "responses": {"200": {"description": "Committed", "content": _json(answer)}}
        | _refusals(refused, _ERRORS),
    }


def _refusals(refused: str, codes: Iterable[str]) -> dict[str, Any]:
    content = _json({"$ref": f"{_REF}{refused}"})
    return {code: {"description": _ERRORS[code], "content": content} for code in codes}


def _get(
    summary: str, answer: dict[str, Any], parameters: list[dict[str, Any]], refused: str
) -> dict[str, Any]:
    found = _route(summary, {}, answer, parameters, refused)
    del found["requestBody"]
    responses = found["responses"]
    found["responses"] = {code: responses[code] for code in ("200", "404", "409", "503")}
    responses["200"]["description"] = "Found"
    return {"get": found}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _flags(flag: str, **more: dict[str, Any]) -> dict[str, Any]:
    properties = {**more, flag: {"type": "boolean"}}
    return {"type": "object", "required": list(properties), "properties": properties}
