"""Other protocols than ours, as an ASGI layer between the hot routes and FastAPI."""

from collections.abc import Awaitable, Callable
from typing import Any

from backend.records.database import Database
from backend.service.answering import Answering
from backend.service.champions import Champions
from backend.service.invocations import Invocations, is_mlflow
from backend.service.open_inference import OpenInference
from backend.service.pipeline import Pipeline
from backend.service.wire import App, Receive, Scope, Send


class Protocols:
    """Answers the Open Inference Protocol and MLflow's; everything else goes on to `app`."""

    def __init__(
        self,
        app: App,
        database: Database,
        champions: Champions,
        pipeline: Pipeline,
        in_thread: Callable[..., Awaitable[Any]],
        body_limit: int,
    ) -> None:
        answering = Answering(champions, pipeline, in_thread, body_limit)
        self._app = app
        self._open_inference = OpenInference(app, answering, database)
        self._invocations = Invocations(answering)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's event."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path == "/v2" or path.startswith("/v2/"):
            await self._open_inference(scope, receive, send)
        elif is_mlflow(path):
            await self._invocations(scope, receive, send)
        else:
            await self._app(scope, receive, send)
