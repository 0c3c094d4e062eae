"""The pickers that pages share: model, version and the one window picker."""

from datetime import datetime

import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from console import windows
from console.ui import format as shown
from console.ui import links, readers
from console.ui.guards import no_model, no_version
from console.ui.resources import settings, zone


def pick_model(key: str) -> str:
    """The model that the page is about (`?model=`); stops the page where there is none yet."""
    names = [model.name for model in readers.models()]
    if not names:
        no_model()
    preferred = settings().default_model
    return links.choose("Model", names, key, "model", default=preferred, shared=True)


def pick_version(
    key: str,
    model: str,
    *,
    label: str = "Version",
    param: str = "version",
    default: int | None = None,
) -> Version:
    """A registered version of `model` (`?version=`), by default the champion, else the newest.

    Stops the page where there is none yet.
    """
    found = {str(version.number): version for version in readers.versions(model)}
    if not found:
        no_version(model)
    champion = next((n for n, version in found.items() if "champion" in version.aliases), None)
    preferred = str(default) if default is not None else champion
    titles = {number: title_of(version) for number, version in found.items()}
    # Numbers mean another thing for another model, so the widget is another one too.
    chosen = links.choose(
        label, list(found), f"{key}_{model}", param, default=preferred, titles=titles
    )
    return found[chosen]


def title_of(version: Version) -> str:
    """A version in a list: `3 · random forest · champion`."""
    parts = [str(version.number), shown.words(version.algorithm), *version.aliases]
    return " · ".join(parts)


def pick_span(key: str) -> windows.Choice:
    """A stretch of time (`?window=`, or `?from=&to=`) that is the same on every page.

    Lengths end at the newest row of the log they are applied to: `choice.window(span)`.
    """
    names = list(windows.TITLES)
    if "from" in st.query_params and "window" not in st.query_params:
        st.query_params["window"] = "custom"
    links.seed(key, "window", names, windows.DEFAULT, shared=True)
    chosen = st.segmented_control(
        "Window",
        names,
        key=key,
        format_func=lambda name: windows.TITLES[name],
        required=True,
        help="Lengths end at the newest row of the log, so replayed history shows too.",
    )
    links.keep(key, "window", str(chosen), default=windows.DEFAULT)
    if chosen != "custom":
        links.put("from", None)
        links.put("to", None)
        return windows.Choice(str(chosen))
    return _custom(key)


def pick_window(key: str, model: str) -> Window:
    """The one window picker: what was chosen, as a stretch of `model`'s log, with its caption."""
    choice = pick_span(key)
    window = choice.window(readers.span(model))
    st.caption(span_caption(window))
    return window


def span_caption(window: Window) -> str:
    """`31 Mar 2011, 02:00 – 7 Apr 2011, 02:00 (Europe/Paris)`."""
    return f"{shown.when(window.start)} – {shown.when(window.end)} ({zone()})"


def _custom(key: str) -> windows.Choice:
    """Two times in the viewer's zone; the address has them in UTC."""
    remembered = st.session_state.get("_shared_span") or _last_day()
    asked = tuple(st.query_params.get(param) for param in ("from", "to"))
    start, end = (
        windows.moment(text) if text else value
        for text, value in zip(asked, remembered, strict=True)
    )
    with st.container(horizontal=True):
        begin = st.datetime_input(
            f"From ({zone()})",
            _naive(start),
            key=f"{key}_from",
            min_value=_FIRST,
            max_value=_LAST,
            width=240,
        )
        until = st.datetime_input(
            f"To ({zone()})",
            _naive(end),
            key=f"{key}_to",
            min_value=_FIRST,
            max_value=_LAST,
            width=240,
        )
    choice = windows.between(_moment(begin, start), _moment(until, end))
    st.session_state["_shared_span"] = (choice.start, choice.end)
    links.put("from", windows.iso(choice.start or 0))
    links.put("to", windows.iso(choice.end or 0))
    return choice


# A log may hold replayed history, so neither end is near today.
_FIRST, _LAST = datetime(1970, 1, 2), datetime(2100, 1, 1)  # noqa: DTZ001 — the widget's are naive


def _last_day() -> tuple[int, int]:
    spans = [span for model in readers.models() if (span := readers.span(model.name))]
    window = windows.Choice("24h").window(max(spans, key=lambda s: s[1]) if spans else None)
    return window.start, window.end


def _naive(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / windows.SECOND, zone()).replace(tzinfo=None)


def _moment(time: datetime | None, otherwise: int) -> int:
    return otherwise if time is None else windows.at(time.replace(tzinfo=zone()))
