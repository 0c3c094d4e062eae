"""Presenting: one finding at a time in large type, without navigation, for a room that looks on.

`?present=1` turns it on and `finding` says where it stands, so that an address that is passed on
opens at the same place: 0 (or nothing) is the title, then the findings, then the end. The arrow
keys move, Escape leaves.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from console.ui import links
from console.ui.boundary import plain

STYLE = """<style>
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stToolbar"],
[data-testid="stSidebarCollapsedControl"], [data-testid="stStatusWidget"],
[class*="st-key-aside_"] { display: none !important; }
[data-testid="stMainBlockContainer"] {
  padding: 1.6rem clamp(1.5rem, 4vw, 5rem) 0.8rem; max-width: 1720px; margin: 0 auto;
}
.st-key-present_stage { min-height: calc(100vh - 9rem); gap: 0.9rem; }
.st-key-present_stage h1 {
  font-size: clamp(1.9rem, 2.7vw, 3rem); padding: 0 0 0.7rem; line-height: 1.2;
}
[class*="st-key-present_part_"] { gap: 0.15rem; }
[class*="st-key-present_part_"] [data-testid="stMarkdownContainer"] p {
  font-size: clamp(1.15rem, 1.55vw, 1.75rem); line-height: 1.42; overflow-wrap: anywhere;
}
[class*="st-key-present_part_"] [data-testid="stMarkdownContainer"] code {
  font: inherit; font-weight: 600; color: inherit; background: none; padding: 0;
}
[class*="st-key-present_part_"] [data-testid="stCaptionContainer"] p {
  font-size: 0.95rem; font-weight: 600; letter-spacing: 0.02em; line-height: 1.3;
}
.st-key-present_bar {
  border-top: 1px solid rgba(128, 140, 152, 0.35); padding-top: 0.6rem;
}
.st-key-present_bar p { font-size: 0.95rem; }
@media print {
  .st-key-present_bar { display: none; }
  .st-key-present_stage { min-height: 0; }
}
</style>"""


@dataclass(frozen=True)
class Slide:
    """One view of a presentation: its name for the bar below, and what draws it."""

    name: str
    draw: Callable[[], None]


def is_on() -> bool:
    """Whether the address asks for the presentation of its page."""
    return st.query_params.get("present") == "1"


def position(count: int) -> int:
    """Which of `count` slides the address names; the nearest where there is none of that number."""
    asked = st.query_params.get("finding", "0")
    number = int(asked) if re.fullmatch(r"[0-9]{1,6}", asked) else 0
    return min(number, count - 1)


def start_button(key: str, *, at: int = 0, label: str = "Present") -> None:
    """A button that presents this page from slide `at` on."""
    st.button(
        label,
        key=key,
        icon=":material/slideshow:",
        on_click=_go,
        args=(at,),
        help="One finding at a time in large type; ← and → move, Esc leaves.",
    )


@contextmanager
def aside(key: str) -> Iterator[None]:
    """What stands around a page, such as its title and pickers: hidden while it is presented.

    It is drawn all the same, so that the pickers keep what was chosen.
    """
    with st.container(key=f"aside_{key}"):
        yield


def show(slides: Sequence[Slide], context: str, *, is_busy: bool = False) -> None:
    """Draw the slide that the address names, and the bar to move by.

    Args:
        context: what is presented, for the bar: the model, its version, the window.
        is_busy: whether somebody is filling in a form on the slide, who shall not leave by Escape.
    """
    at = position(len(slides))
    st.html(STYLE)
    with st.container(key="present_stage"):
        slides[at].draw()
    with st.container(key="present_bar", horizontal=True, vertical_alignment="center"):
        st.caption(plain(context))
        st.space("stretch")
        st.markdown(plain(f"**{slides[at].name}** · {at + 1} of {len(slides)}"))
        _move("Back", "Left", "arrow_back", -1, at == 0, len(slides))
        _move("Next", "Right", "arrow_forward", 1, at == len(slides) - 1, len(slides))
        st.button(
            "Leave",
            key="present_leave",
            on_click=leave,
            shortcut=None if is_busy else "Esc",
            type="tertiary",
            wrap=False,
        )


def title(text: str, above: str = "") -> None:
    """The heading of a slide, with a small line above it."""
    if above:
        st.caption(plain(above))
    st.title(plain(text), anchor=False)


def part(label: str, text: str) -> None:
    """One of the things that a slide says: a small label, and the sentence in large type."""
    name = re.sub(r"\W+", "_", label.lower()).strip("_")
    with st.container(key=f"present_part_{name}"):
        st.caption(plain(label))
        st.markdown(plain(text))


def leave() -> None:
    """End the presentation; the page stays as it is."""
    links.put("present", None)
    links.put("finding", None)


def _go(at: int) -> None:
    links.put("present", "1")
    links.put("finding", str(at) if at else None)


def _step(by: int, count: int) -> None:
    # From where the address is now: of two quick presses both count.
    _go(min(max(position(count) + by, 0), count - 1))


def _move(label: str, key: str, icon: str, by: int, is_end: bool, count: int) -> None:
    st.button(
        label,
        key=f"present_{label.lower()}",
        icon=f":material/{icon}:",
        on_click=_step,
        args=(by, count),
        disabled=is_end,
        shortcut=key,
        wrap=False,
    )
