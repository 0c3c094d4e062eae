"""What is measured: how each service is started, spoken to, and described.

In commands and settings `{python}` and `{bin}` are of the service's own environment, `{peers}` is
the folder of the peers' programs, `{model}` the estimator as joblib, `{prepared}` what `prepare`
made of it, and `{port}`, `{port_2}`, `{port_3}` are free.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from scripts.bench_serving.calls import FEATURES, Call

PEER = {
    "BENCH_MODEL": "{model}",
    "BENCH_PORT": "{port}",
    "PYTHONWARNINGS": "ignore",  # scikit-learn's, for each prediction outside the main thread
    "DO_NOT_TRACK": "1",
}
HERE = ("--host", "127.0.0.1", "--port", "{port}")
QUICKLY = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
UVICORN = ("{python}", "-m", "uvicorn", "--app-dir", "{peers}", *HERE, *QUICKLY)
MLFLOW = ("{bin}/mlflow", "models", "serve", "--env-manager", "local", "-m", "{prepared}", *HERE)


@dataclass(frozen=True)
class Service:
    """One line of the tables.

    Attributes:
        name: short, for `--only` and for files.
        title: in the tables.
        kind: ours; a peer; or a bare route without a model, to see what a layer costs.
        note: its settings, for the report.
        environment: whose packages it runs on (`environments`); empty: this one's.
        single, batch: where one row is answered, and where a thousand are.
        workers: processes that predict.
        batching: whether it puts requests together.
        prepare: run once for each model, before anything is measured.
    """

    name: str
    title: str
    kind: Literal["ours", "peer", "bare"]
    note: str
    command: tuple[str, ...]
    single: Call
    batch: Call | None = None
    environment: str = ""
    settings: dict[str, str] = field(default_factory=lambda: PEER)
    workers: int = 1
    batching: bool = False
    prepare: tuple[str, ...] = ()


def _ours(name: str, title: str, note: str, form: str = FEATURES, **settings: str) -> Service:
    return Service(
        name=name,
        title=title,
        kind="ours",
        note=note,
        command=("{python}", "-m", "backend"),
        single=Call("/predict", form),
        batch=None if form == "named" else Call("/predict/batch", "instances"),
        settings=settings,
    )


def _bare(name: str, title: str, note: str) -> Service:
    return Service(
        name=f"bare-{name}",
        title=title,
        kind="bare",
        note=note,
        command=(*UVICORN, f"bare:{name}"),
        single=Call("/predict", FEATURES),
    )


def _tutorial(name: str, title: str, note: str, after: str = "", workers: int = 1) -> Service:
    return Service(
        name=name,
        title=title,
        kind="peer",
        note=note,
        command=(*UVICORN, "--workers", str(workers), "tutorial:app"),
        single=Call(f"/predict{after}", FEATURES),
        batch=Call(f"/predict/batch{after}", "instances"),
        environment="tutorial",
        workers=workers,
    )


def _bentoml(name: str, title: str, note: str, target: str, **more: Any) -> Service:
    serve = ("{python}", "-m", "bentoml", "serve", f"bentoml_service:{target}")
    return Service(
        name=name,
        title=title,
        kind="peer",
        note=note,
        command=(*serve, "--working-dir", "{peers}", *HERE),
        environment="bentoml",
        settings=PEER | {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": "{home}"},
        **more,
    )


def _litserve(name: str, title: str, note: str, arguments: str) -> Service:
    batching = arguments != "plain"
    call = Call("/predict", FEATURES if batching else "instances")
    return Service(
        name=f"litserve{name}",
        title=f"LitServe{title}",
        kind="peer",
        note=note,
        command=("{python}", "{peers}/litserve_server.py", *arguments.split()),
        single=call,
        batch=None if batching else call,
        environment="litserve",
        batching=batching,
    )


OURS = (
    _ours("ours", "Watchdesk", "As it comes: one worker, `synchronous=NORMAL`."),
    _ours(
        "ours-full",
        "Watchdesk, FULL",
        "`WATCHDESK_SYNCHRONOUS=FULL`: each commit waits for the disk.",
        WATCHDESK_SYNCHRONOUS="FULL",
    ),
    _ours(
        "ours-names",
        "Watchdesk, features by name",
        "As it comes; the body is an object with the features' names instead of a list.",
        form="named",
    ),
    _ours(
        "ours-uncompiled",
        "Watchdesk, not compiled",
        "`WATCHDESK_COMPILE=off`: scikit-learn predicts, what waits together in one call.",
        WATCHDESK_COMPILE="off",
    ),
)
BARE = (
    _bare("plain", "bare ASGI", "An ASGI application by hand on uvicorn; msgspec reads the body."),
    _bare("starlette", "bare Starlette", "One Starlette route; msgspec reads the body."),
    _bare("fastapi", "bare FastAPI", "One FastAPI route; pydantic reads the body."),
)
TUTORIALS = (
    _tutorial(
        "tutorial",
        "FastAPI tutorial",
        "`joblib.load`, a pydantic model, `predict` and `predict_proba` in a `def` route, on"
        " uvicorn with uvloop and httptools.",
    ),
    _tutorial(
        "tutorial-async",
        "FastAPI tutorial, `async def`",
        "The same in an `async def` route: no thread, and nobody else is answered meanwhile.",
        after="/async",
    ),
    _tutorial(
        "tutorial-2",
        "FastAPI tutorial, 2 workers",
        "`uvicorn --workers 2`.",
        workers=2,
    ),
)
FRAMEWORKS = (
    Service(
        name="mlflow",
        title="MLflow `models serve`",
        kind="peer",
        note="`--env-manager local`, one uvicorn worker with uvloop and httptools, no signature to"
        " check, access log off. It answers `predict` alone.",
        command=MLFLOW,
        single=Call("/invocations", "inputs"),
        batch=Call("/invocations", "inputs"),
        environment="mlflow",
        settings=PEER | {"MLFLOW_DISABLE_TELEMETRY": "true", "UVICORN_ACCESS_LOG": "false"},
        prepare=("{python}", "{peers}/mlflow_model.py", "{model}", "{prepared}"),
    ),
    _bentoml(
        "bentoml",
        "BentoML",
        "`bentoml serve`, one worker, access log off.",
        "Plain",
        single=Call("/predict", FEATURES),
        batch=Call("/predict_batch", "instances"),
    ),
    _bentoml(
        "bentoml-batching",
        "BentoML, adaptive batching",
        "The same with `batchable=True` and BentoML's own limits.",
        "Batching",
        single=Call("/predict", "inputs"),
        batching=True,
    ),
    _litserve("", "", "One worker, one API server.", "plain"),
    _litserve(
        "-batching",
        ", batching",
        "`max_batch_size=64`, `batch_timeout=0.003` and LitServe's fast queue.",
        "batching 0.003 fast",
    ),
    _litserve(
        "-batching-10",
        ", batching, 10 ms",
        "`max_batch_size=64`, `batch_timeout=0.01` and LitServe's usual queue.",
        "batching 0.01 default",
    ),
    Service(
        name="mlserver",
        title="MLServer",
        kind="peer",
        note="`mlserver-sklearn`, `parallel_workers=0`: it predicts in the serving process. It"
        " answers `predict` alone.",
        command=("{bin}/mlserver", "start", "."),
        single=Call("/v2/models/bench/infer", "tensor"),
        batch=Call("/v2/models/bench/infer", "tensor"),
        environment="mlserver",
        settings=PEER
        | {
            "MLSERVER_HOST": "127.0.0.1",
            "MLSERVER_HTTP_PORT": "{port}",
            "MLSERVER_GRPC_PORT": "{port_2}",
            "MLSERVER_METRICS_PORT": "{port_3}",
            "MLSERVER_PARALLEL_WORKERS": "0",
            "MLSERVER_MODEL_NAME": "bench",
            "MLSERVER_MODEL_URI": "{model}",
            "MLSERVER_MODEL_IMPLEMENTATION": "mlserver_sklearn.SKLearnModel",
        },
    ),
)
SERVICES = (*OURS, *BARE, *TUTORIALS, *FRAMEWORKS)
QUICK = ("ours", "bare-starlette", "tutorial", "litserve-batching")
