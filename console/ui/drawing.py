"""Charts kept between reruns: building one costs Altair some 20 ms each time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from console.ui.resources import palette


@dataclass(frozen=True)
class Drawing:
    """A chart with the sentence below it; without a chart, the sentence says why."""

    chart: Any
    caption: str = ""


class _Unchecked:
    """A chart whose schema is not checked again, which is most of the work of `to_dict`.

    The charts' own tests check them; a page would spend half of its first second on it.
    """

    def __init__(self, chart: Any) -> None:
        self._chart = chart

    def to_dict(self) -> dict[str, Any]:
        """The chart as Vega-Lite."""
        found: dict[str, Any] = self._chart.to_dict(validate=False)
        return found


def draw(what: tuple[Any, ...], build: Callable[[], Drawing], *, key: str, alt: str) -> None:
    """Draw what `build` makes; it is asked again only when `what` or the theme changes.

    Args:
        what: a name, then everything that decides the drawing.
        key: the chart's.
        alt: what it shows, for those who cannot see it.
    """
    found = _kept((*what, palette()), build)
    if found.chart is not None:
        st.altair_chart(found.chart, key=key, alt=alt)  # only its `to_dict` is called
    if found.caption:
        st.caption(found.caption)


@st.cache_resource(ttl=600, max_entries=256, show_spinner=False)
def _kept(what: tuple[Any, ...], _build: Callable[[], Drawing]) -> Drawing:  # noqa: ARG001  # key
    found = _build()
    return found if found.chart is None else replace(found, chart=_Unchecked(found.chart))
