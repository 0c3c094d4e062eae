"""Pages are tested through the router, as Streamlit runs them, on a database of their own."""

from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from backend.settings import ROOT, Settings
from tests.conftest import free_port

APP = ROOT / "pages" / "app.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def console_of_this_test(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The console's settings are the test's, and no cache of another test is left.

    No service runs on its port unless the test starts one there.
    """
    monkeypatch.setenv("WATCHDESK_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("WATCHDESK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("WATCHDESK_USER", settings.user)
    monkeypatch.setenv("WATCHDESK_PORT", str(free_port()))
    clear_caches()
    yield settings
    clear_caches()


def clear_caches() -> None:
    """Forget what the pages' readers have kept."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def open_page() -> OpenPage:
    """A function that opens a page by its script's name, with a query: `open_page("train")`."""

    def open_it(name: str = "overview", *, timeout: float = 20, **query: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=timeout)
        if name != "overview":
            app.run()
            app.switch_page(f"{name}.py")
        for param, value in query.items():
            app.query_params[param] = value
        return app.run()

    return open_it


def texts(app: AppTest) -> str:
    """All text of a page, for looking for a sentence."""
    kinds = (app.title, app.markdown, app.caption, app.error, app.warning, app.info, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
