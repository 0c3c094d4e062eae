"""The ordinary routes: operating, models and ground truth. Those that predict are in hot.py."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from backend.errors import Unavailable
from backend.records import registry
from backend.records.database import Database
from backend.service import feedback
from backend.service.bodies import read_feedback
from backend.service.champions import Champions
from backend.service.metrics import CONTENT_TYPE, Metrics
from backend.service.pipeline import Pipeline
from backend.service.watch import Watch
from backend.service.wire import check_json, read_body
from backend.versions.engines import engine_of

InThread = Callable[..., Awaitable[Any]]
# Of the four threads of the service: while another writer holds the database, these wait for it.
TRUTHS_AT_ONCE = 2
PATIENCE_SECONDS = 5.0


def add_operating(app: FastAPI, database: Database, watch: Watch, worker: int) -> None:
    """Add `/health`, which needs no database: one that is away is no reason to end the process."""
    identity = database.installation_id()

    @app.get("/health", tags=["operating"])
    async def health() -> dict[str, Any]:
        """The process is alive. Says which worker it is, which database it writes to, its SQLite
        version and what an operator should look at."""
        return {
            "status": "alive",
            "worker": worker,
            "pid": os.getpid(),
            "database": identity,
            "sqlite": database.sqlite_version,
            "warnings": watch.warnings,
        }


def add_readiness(
    app: FastAPI,
    database: Database,
    champions: Champions,
    pipeline: Pipeline,
    metrics: Metrics,
    in_thread: InThread,
) -> None:
    """Add `/ready` and `/metrics`."""

    @app.get("/ready", tags=["operating"])
    async def ready() -> dict[str, Any]:
        """The database and a champion can be used; else 503 with the reason."""
        await in_thread(database.installation_id)
        if not pipeline.running:
            raise Unavailable("The service does not answer predictions any more. Restart it.")
        serving = champions.serving()
        if not serving:
            raise Unavailable("No model is serving. Train one on the Train page, then promote it.")
        return {"status": "ready", "champions": serving}

    @app.get("/metrics", tags=["operating"], response_class=PlainTextResponse)
    async def prometheus() -> Response:
        """What all workers counted, in Prometheus' text format."""
        return Response(await in_thread(metrics.text), headers={"content-type": CONTENT_TYPE})


def add_models(app: FastAPI, database: Database, compiling: bool) -> None:
    """Add `/models` and `/models/{model}`."""

    @app.get("/models", tags=["models"])
    def models() -> list[dict[str, Any]]:
        """Every model and what its aliases point at."""
        return [_described(model) for model in registry.all_models(database)]

    @app.get("/models/{model}", tags=["models"])
    def one_model(model: str) -> dict[str, Any]:
        """One model, its versions with metrics, and the champion's signature."""
        found = registry.model(database, model)
        versions = registry.versions_of(database, model)
        champion = next((v for v in versions if v.number == found.champion), None)
        return _described(found) | {
            "versions": [
                {
                    "version": v.number,
                    "algorithm": v.algorithm,
                    "aliases": list(v.aliases),
                    "metrics": v.metrics,
                    "note": v.note,
                    "engine": engine.name,
                    "engine_reason": engine.reason,
                }
                for v, engine in ((v, engine_of(v.compilation, compiling)) for v in versions)
            ],
            "signature": champion.signature if champion else None,
        }


def add_feedback(app: FastAPI, database: Database, in_thread: InThread, body_limit: int) -> None:
    """Add `/feedback`."""
    turns = asyncio.Semaphore(TRUTHS_AT_ONCE)

    async def report_truth(request: Request) -> JSONResponse:
        content = await read_body(request.scope, request.receive, body_limit)
        check_json(request.scope["headers"])
        body = read_feedback(content)
        async with _turn(turns):
            return JSONResponse(await in_thread(partial(feedback.record, database, body)))

    # Its body is read by msgspec like the predictions': openapi.py describes it.
    app.add_route("/feedback", report_truth, methods=["POST"], include_in_schema=False)


@contextlib.asynccontextmanager
async def _turn(turns: asyncio.Semaphore) -> AsyncIterator[None]:
    """Wait for a turn to write, but not for ever."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await turns.acquire()
    except TimeoutError:
        raise Unavailable(
            f"Other truths have been waiting to be recorded for {PATIENCE_SECONDS:.0f} seconds. Try"
            " again; nothing of yours was recorded."
        ) from None
    try:
        yield
    finally:
        turns.release()


def _described(model: registry.Model) -> dict[str, Any]:
    return {
        "model": model.name,
        "task": model.task,
        "target": model.target,
        "champion": model.champion,
        "challenger": model.challenger,
    }
