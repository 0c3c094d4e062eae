"""Everything that knows Streamlit and is not a page: readers, guards, pickers, shared widgets."""

from console.ui.boundary import boundary, guarded, plain
from console.ui.format import count, duration, number, percent, when, words
from console.ui.guards import empty_state, no_model, no_version, require_champion
from console.ui.job_card import job_card
from console.ui.links import choose, put
from console.ui.navigation import link, pages
from console.ui.pickers import (
    pick_model,
    pick_span,
    pick_version,
    pick_window,
    span_caption,
    title_of,
)
from console.ui.presenting import is_on as is_presenting
from console.ui.readers import (
    cached,
    forget,
    heldout,
    models,
    reference,
    signature,
    span,
    version,
    versions,
)
from console.ui.resources import (
    actor,
    client,
    database,
    palette,
    settings,
    store,
    zone,
)
from console.ui.tables import csv_of, download_csv, frame_table, times

__all__ = [
    "actor",
    "boundary",
    "cached",
    "choose",
    "client",
    "count",
    "csv_of",
    "database",
    "download_csv",
    "duration",
    "empty_state",
    "forget",
    "frame_table",
    "guarded",
    "heldout",
    "is_presenting",
    "job_card",
    "link",
    "models",
    "no_model",
    "no_version",
    "number",
    "pages",
    "palette",
    "percent",
    "pick_model",
    "pick_span",
    "pick_version",
    "pick_window",
    "plain",
    "put",
    "reference",
    "require_champion",
    "settings",
    "signature",
    "span",
    "span_caption",
    "store",
    "times",
    "title_of",
    "version",
    "versions",
    "when",
    "words",
    "zone",
]
