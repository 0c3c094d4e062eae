"""The service: routes and the error handler, nothing else."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from backend.errors import Unavailable, WatchdeskError
from backend.records import registry
from backend.records.database import Database, open_database
from backend.service import feedback
from backend.service.bodies import read_feedback
from backend.service.champions import INTERVAL_S, Champions
from backend.service.doors import Doors
from backend.service.hot import HotRoutes, is_hot
from backend.service.metrics import Metrics
from backend.service.openapi import complete
from backend.service.pipeline import Pipeline
from backend.service.wire import App, check_json, problem, read_body
from backend.settings import Settings

log = logging.getLogger(__name__)


def build(settings: Settings) -> App:
    """The whole service as one ASGI application.

    Raises:
        SchemaMismatch, Unavailable: the database cannot be used; said before anything listens.
    """
    database = open_database(settings.database_url)
    champions = Champions(database, settings.data_dir / "cache", settings.default_model)
    champions.refresh()
    metrics = Metrics()
    pipeline = Pipeline(database, metrics, settings.synchronous)
    threads = ThreadPoolExecutor(4, thread_name_prefix="service")

    async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(threads, function, *arguments)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watch = asyncio.create_task(_watch(champions, in_thread))
        yield
        watch.cancel()
        pipeline.close()
        threads.shutdown()
        database.dispose()

    app = FastAPIOffline(
        title="Watchdesk prediction service",
        version="1",
        lifespan=lifespan,
        redoc_url=None,
    )
    document = app.openapi
    app.openapi = lambda: app.openapi_schema or complete(document())  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    app.add_exception_handler(WatchdeskError, _refuse)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _bug)
    limit = settings.body_limit
    _add_routes(app, database, champions, pipeline, in_thread, limit)
    return Doors(HotRoutes(app, champions, pipeline, in_thread, limit), settings.allowed_hosts)


def _add_routes(
    app: FastAPI,
    database: Database,
    champions: Champions,
    pipeline: Pipeline,
    in_thread: Callable[..., Awaitable[Any]],
    body_limit: int,
) -> None:
    @app.get("/health", tags=["operating"])
    async def health() -> dict[str, Any]:
        """The process is alive. Says which database it writes to and its SQLite version."""
        return {
            "status": "alive",
            "database": await in_thread(database.installation_id),
            "sqlite": database.sqlite_version,
        }

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
                }
                for v in versions
            ],
            "signature": champion.signature if champion else None,
        }

    async def report_truth(request: Request) -> JSONResponse:
        content = await read_body(request.scope, request.receive, body_limit)
        check_json(request.scope["headers"])
        body = read_feedback(content)
        return JSONResponse(await in_thread(partial(feedback.record, database, body)))

    # Its body is read by msgspec like the predictions': openapi.py describes it.
    app.add_route("/feedback", report_truth, methods=["POST"], include_in_schema=False)


def _described(model: registry.Model) -> dict[str, Any]:
    return {
        "model": model.name,
        "task": model.task,
        "target": model.target,
        "champion": model.champion,
        "challenger": model.challenger,
    }


async def _watch(champions: Champions, in_thread: Callable[..., Awaitable[Any]]) -> None:
    while True:
        await asyncio.sleep(INTERVAL_S)
        try:
            await in_thread(champions.refresh)
        except WatchdeskError as error:
            log.warning("%s", error.detail)
        except Exception:
            log.exception("the champions could not be renewed; the present ones go on answering")


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, WatchdeskError):
        return await _bug(request, error)
    headers = {"Retry-After": "1"} if error.status == 503 else None
    return JSONResponse(problem(error), status_code=error.status, headers=headers)


async def _bug(request: Request, _: Exception) -> JSONResponse:
    """A bug of ours: its traceback goes to the log, the caller gets a sentence."""
    detail = (
        f"{request.method} {request.url.path[:200]} failed by a bug of the service; its log has the"
        " details. Please report it."
    )
    return JSONResponse({"error": "Bug", "detail": detail}, status_code=500)


async def _plain(request: Request, error: Exception) -> JSONResponse:
    """Starlette's own 404 and 405, in our form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    path = request.url.path[:200]
    headers = dict(getattr(error, "headers", None) or {})
    if status == 404 and is_hot(path):  # FastAPI does not know these routes
        status, headers = 405, {"Allow": "POST"}
    if status == 404:
        name, detail = "NotFound", f"`{path}` is not a route. `/docs` lists them."
    else:
        name, detail = "MethodNotAllowed", f"`{path}` does not take {request.method}; see `/docs`."
    return JSONResponse({"error": name, "detail": detail}, status_code=status, headers=headers)
