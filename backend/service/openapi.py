"""The predicting routes in the OpenAPI document, with the schemas that really read them."""

from typing import Any

import msgspec

from backend.service.bodies import FeedbackBody, PredictBody

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


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add the routes that FastAPI does not know to its document."""
    _, schemas = msgspec.json.schema_components(
        [PredictBody, FeedbackBody], ref_template=_REF + "{name}"
    )
    known = document.setdefault("components", {}).setdefault("schemas", {})
    known.update(schemas)
    known.update({"Answer": _ANSWER, "Problem": _PROBLEM})
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
    return document


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _route(
    summary: str, body: dict[str, Any], answer: dict[str, Any], parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    problem = {"application/json": {"schema": {"$ref": f"{_REF}Problem"}}}
    return {
        "summary": summary,
        "tags": ["predicting"],
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {"description": "Committed", "content": {"application/json": {"schema": answer}}}
        }
        | {code: {"description": text, "content": problem} for code, text in _ERRORS.items()},
    }
