"""The service put together: its parts, its life and its error handler. routes.py has the routes."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from backend.errors import WatchdeskError
from backend.records.database import open_database
from backend.service import routes
from backend.service.champions import Champions
from backend.service.doors import Doors
from backend.service.hot import HotRoutes, is_hot
from backend.service.metrics import Metrics
from backend.service.openapi import complete
from backend.service.pipeline import Pipeline
from backend.service.protocols import Protocols
from backend.service.routes import InThread
from backend.service.shadow import Shadow
from backend.service.watch import Watch
from backend.service.wire import App, bug, problem
from backend.settings import Settings
from backend.versions.artefacts import Store

Lifespan = Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]


def build(settings: Settings, worker: int = 1) -> App:
    """The whole service as one ASGI application; `worker` is its number among several.

    Raises:
        SchemaMismatch, Unavailable: the database cannot be used; said before anything listens.
    """
    database = open_database(settings.database_url, settings.synchronous)
    champions = Champions(database, Store.of(settings), settings.default_model)
    metrics = Metrics()
    shadow = Shadow(
        database,
        champions.version,
        is_busy=lambda: pipeline.busy,
        scored=metrics.shadow,
        dropped=metrics.shadow_dropped,
    )
    watch = Watch(database, champions, shadow, metrics)
    watch.look()
    pipeline = Pipeline(database, metrics, settings.synchronous, shadow)
    threads = ThreadPoolExecutor(4, thread_name_prefix="service")

    async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(threads, function, *arguments)

    ends = (pipeline.close, shadow.close, threads.shutdown, database.dispose)
    app = _application(_lifespan(watch, in_thread, ends))
    limit = settings.body_limit
    routes.add_operating(app, database, watch, worker)
    routes.add_readiness(app, database, champions, pipeline, metrics, in_thread)
    routes.add_models(app, database, settings.compiling)
    routes.add_feedback(app, database, in_thread, limit)
    protocols = Protocols(app, database, champions, pipeline, in_thread, limit)
    return Doors(
        HotRoutes(protocols, champions, pipeline, in_thread, limit), settings.allowed_hosts
    )


def _lifespan(watch: Watch, in_thread: InThread, ends: Iterable[Callable[[], None]]) -> Lifespan:
    """A life in which `watch` looks; at its end each of `ends` is called, in order."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch.run(in_thread))
        _freeze()
        yield
        watching.cancel()
        for end in ends:
            end()

    return lifespan


def _application(lifespan: Lifespan) -> FastAPI:
    """FastAPI with our document and our form of every error, and no route of ours yet."""
    app = FastAPIOffline(
        title="Watchdesk prediction service",
        version="1",
        lifespan=lifespan,
        redoc_url=None,
    )
    document = app.openapi
    app.openapi = lambda: app.openapi_schema or complete(document())  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    for kind, handler in ((WatchdeskError, _refuse), (HTTPException, _plain), (Exception, _bug)):
        app.add_exception_handler(kind, handler)
    return app


def _freeze() -> None:
    """What is loaded now stays; a collection that walked it would stop all answers for 100 ms."""
    gc.collect()
    gc.freeze()


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, WatchdeskError):
        return await _bug(request, error)
    headers = {"Retry-After": "1"} if error.status == 503 else None
    return JSONResponse(problem(error), status_code=error.status, headers=headers)


async def _bug(request: Request, _: Exception) -> JSONResponse:
    """A bug of ours: its traceback goes to the log, the caller gets a sentence."""
    return JSONResponse(bug(request.method, request.url.path), status_code=500)


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
