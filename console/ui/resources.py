"""What every session shares: settings, the database, the service's client, the artefacts' store."""

from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from backend.records.database import Database, open_database
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.charts.base import DARK, LIGHT, Palette
from console.client import Client


@st.cache_resource(show_spinner=False, max_entries=1)
def settings() -> Settings:
    """The settings, read once."""
    return Settings.from_environment()


@st.cache_resource(show_spinner=False, max_entries=2)
def _open(url: str) -> Database:
    return open_database(url)


def database() -> Database:
    """The database, opened once a process.

    Raises:
        SchemaMismatch, Unavailable: as `open_database`.
    """
    return _open(settings().database_url)


@st.cache_resource(show_spinner=False, max_entries=2)
def _client(url: str) -> Client:
    return Client(url)


def client() -> Client:
    """The prediction service over HTTP."""
    return _client(settings().service_url)


def store() -> Store:
    """Where this machine keeps verified copies of versions' files, and the key that signs them."""
    return Store.of(settings())


def actor() -> str:
    """The name that changes are recorded with."""
    return settings().user


def zone() -> tzinfo:
    """The viewer's time zone, in which times are drawn; UTC where it is not known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def palette() -> Palette:
    """The chart colours of the viewer's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT
