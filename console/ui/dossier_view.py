"""A request's dossier: opened as a page, saved as a page or as the bytes that were hashed."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend.records import requests
from backend.records.requests import Request
from console.ui import readers
from console.ui.resources import database


def document(request: Request) -> Mapping[str, Any]:
    """What was frozen with a request, verified against its hash.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    found: Mapping[str, Any] = readers.cached(
        ("dossier", request.id, request.sha256),
        lambda: json.loads(requests.document(database(), request)),
    )
    return found


def links(request: Request) -> None:
    """Open it, save it, and the hash that stands for it."""
    address = f"/requests/{request.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button("Open the dossier", f"{address}/dossier.html", icon=":material/description:")
        st.link_button(
            "HTML",
            f"{address}/dossier.html?download=1",
            icon=":material/download:",
            help="One self-contained page, also to print.",
        )
        st.link_button(
            "JSON",
            f"{address}/dossier.json?download=1",
            icon=":material/download:",
            help="What was frozen, byte by byte; the hash is of these bytes.",
        )
    st.caption(f":material/verified: Frozen under SHA-256 `{request.sha256}`")
