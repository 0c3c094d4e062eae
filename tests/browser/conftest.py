"""A running console and a real browser to walk it with."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
import requests
from playwright.sync_api import Browser, Page, Request, WebSocket, sync_playwright

from backend.settings import ROOT, Settings
from tests.browser.chromium import executable
from tests.conftest import free_port
from tests.processes.conftest import environment, wait_until

# Chromium's own background traffic would be mistaken for the console's.
FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOPBACK = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")


@dataclass
class Console:
    """A running `streamlit run`, with the service and the worker that it brings up."""

    settings: Settings
    demo: str = "no"
    port: int = field(default_factory=free_port)
    service_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def service_url(self) -> str:
        return f"http://127.0.0.1:{self.service_port}"

    def start(self) -> "Console":
        """Start it and wait for console and service."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "streamlit", "run"),
                f"--server.port={self.port}",
                "--server.headless=true",
            ],
            cwd=ROOT,
            env=environment(
                self.settings,
                WATCHDESK_PORT=str(self.service_port),
                WATCHDESK_DEMO=self.demo,
                WATCHDESK_USER="ana",
            ),
        )
        for address in (f"{self.url}/_stcore/health", f"{self.service_url}/health"):
            wait_until(partial(_answers, address), f"{address} answers", 60)
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False


@pytest.fixture
def console(settings: Settings) -> Iterator[Console]:
    """A console on the test's database, started by the test itself (`console.start()`)."""
    found = Console(settings)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def empty_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console without any model, for the module."""
    folder = tmp_path_factory.mktemp("empty")
    found = Console(Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module's tests.

    Not for the session: until Playwright is stopped the thread counts as running an event loop, and
    any test that `asyncio.run`s after the browser's in the same process would fail.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Tab:
    """A page of the browser, and what it asked for outside this machine."""

    page: Page
    outside: list[str]


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A tab of laptop width that notes every request that leaves the machine."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(30_000)
    outside: list[str] = []

    def note(request: Request | WebSocket) -> None:
        if not request.url.startswith(LOOPBACK):
            outside.append(request.url)

    page.on("request", note)
    page.on("websocket", note)

    yield Tab(page, outside)
    context.close()
