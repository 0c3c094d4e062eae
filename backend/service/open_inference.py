"""The Open Inference Protocol, version 2 (KServe, Triton), over HTTP: `/v2/…`.

A feature is an input tensor of its own name and of shape [rows] or [rows, 1]; where all features
are numbers, one tensor of shape [rows, features] will do. Errors are `{"error": "a sentence"}`
with the status that they have everywhere here.
"""

import re
from typing import Any

import msgspec

from backend.errors import Malformed, NotFound, WatchdeskError
from backend.records import registry
from backend.records.database import Database
from backend.service.answering import (
    Answering,
    Headers,
    as_json,
    not_allowed,
    own_answer,
    refuse_method,
    reply,
)
from backend.service.bodies import read_document
from backend.service.champions import Loaded
from backend.service.inference_answer import ModelMetadata, Wanted, inputs_of, outputs_of, worded
from backend.service.inference_request import InferRequest, instances_of, wanted_of
from backend.service.requests import Request
from backend.service.wire import App, Receive, Scope, Send, check_json, respond

_INFER = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer")
_MODEL = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?(/ready)?")
_JSON_LENGTH = b"inference-header-content-length"
_BINARY = b"application/octet-stream"
_SERVER = {"name": "watchdesk", "version": "1", "extensions": ["binary_tensor_data"]}


class OpenInference:
    """Answers every path under `/v2`; `app` says whether the service is ready."""

    def __init__(self, app: App, answering: Answering, database: Database) -> None:
        self._app = app
        self._answering = answering
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under `/v2`."""
        path, method = scope["path"].rstrip("/"), scope["method"]
        infer = _INFER.fullmatch(path)
        try:
            if infer and method == "POST":
                await self._infer(infer[1], infer[2], scope, receive, send)
            elif not infer and method == "GET":
                await respond(send, 200, await self._found(path, scope))
            else:
                allowed = b"POST" if infer else b"GET"
                detail = not_allowed(path, method, allowed)
                await refuse_method(send, allowed, {"error": detail})
        except WatchdeskError as error:
            await respond(send, error.status, {"error": error.detail})

    async def _found(self, path: str, scope: Scope) -> object:
        """What a GET is answered."""
        if path == "/v2":
            return _SERVER
        if path == "/v2/health/live":
            return {"live": True}
        if path == "/v2/health/ready":
            await own_answer(self._app, scope, "/ready")
            return {"ready": True}
        match = _MODEL.fullmatch(path)
        if match is None:
            raise NotFound(f"`{path[:200]}` is not a route. `/docs` lists them.")
        loaded = await self._answering.version(match[1], match[2])
        if match[3]:
            return {"name": loaded.model, "ready": True}
        return await self._described(loaded)

    async def _described(self, loaded: Loaded) -> ModelMetadata:
        versions = await self._answering.in_thread(
            registry.versions_of, self._database, loaded.model
        )
        signature = loaded.signature
        return ModelMetadata(
            name=loaded.model,
            versions=sorted((str(version.number) for version in versions), key=int),
            platform="sklearn_joblib",
            inputs=inputs_of(signature),
            outputs=outputs_of(signature),
        )

    async def _infer(
        self, model: str, number: str | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        wishes: list[Wanted] = []

        def read(request: Request, loaded: Loaded, headers: Headers) -> list[Any]:
            asked, binary = _parse(request, headers)
            wishes.append(wanted_of(asked, loaded.signature))
            return instances_of(asked.inputs, binary, loaded.signature)

        loaded, answers = await self._answering.answer(scope, receive, read, model, number)
        document, binary = worded(loaded, answers, wishes[0])
        if binary is None:
            await reply(send, 200, document, (b"content-type", b"application/json"))
        else:
            length = (_JSON_LENGTH, b"%d" % len(document))
            await reply(send, 200, document + binary, (b"content-type", _BINARY), length)


def _parse(request: Request, headers: Headers) -> tuple[InferRequest, bytes]:
    """The JSON of a request and the bytes that follow it, which do not go to the log.

    Raises:
        UnsupportedMedia, Malformed: it is declared to be something else, or cannot be read.
    """
    _check_media(headers)
    body = request.body
    length = next((value for name, value in headers if name == _JSON_LENGTH), None)
    if length is None:
        end = len(body)
    elif length.isdigit() and len(length) < 20 and int(length) <= len(body):
        end = int(length)
    else:
        raise Malformed(
            f"The header `Inference-Header-Content-Length` is `{length.decode('latin-1')[:60]}`;"
            f" expected the number of bytes of JSON, of the body's {len(body):,}."
        )
    request.body = body[:end]
    found: InferRequest = read_document(request.body, _DECODER, InferRequest)
    return found, body[end:]


def _check_media(headers: Headers) -> None:
    """JSON, or bytes; a stock client declares neither."""
    media = next((value for name, value in headers if name == b"content-type"), _BINARY)
    declared_bytes = media.split(b";")[0].strip().lower() == _BINARY
    check_json(as_json(headers) if declared_bytes else headers)


_DECODER = msgspec.json.Decoder(InferRequest)
