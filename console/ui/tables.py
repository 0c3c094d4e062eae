"""Tables and their export.

Values that callers sent are shown in data frames only: Markdown would fetch pictures they name.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from console.ui.resources import zone

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def frame_table(
    frame: pd.DataFrame, columns: Mapping[str, Any], *, key: str, **options: Any
) -> Any:
    """`st.dataframe` of the named columns in that order, without the index.

    Args:
        columns: a column's name to its title, or to a `st.column_config` column.
        options: what `st.dataframe` takes, such as `on_select` or `height`.

    Returns:
        What `st.dataframe` gives: its selection where `on_select` is set. Times (datetime64 with
        a zone) are drawn in the viewer's zone.
    """
    config = {name: _column(frame, name, title) for name, title in columns.items()}
    return st.dataframe(
        frame,
        column_order=list(columns),
        column_config=config,
        hide_index=True,
        key=key,
        placeholder="–",
        **options,
    )


def times(at: "pd.Series[Any]") -> "pd.Series[Any]":
    """UTC microseconds as aware timestamps, for tables and charts."""
    return pd.to_datetime(at, unit="us", utc=True)


def download_csv(
    label: str, frame: pd.DataFrame | Callable[[], pd.DataFrame], file_name: str, *, key: str
) -> None:
    """A button that downloads a table as CSV; it is read and written only when it is pressed."""
    st.download_button(
        label,
        data=lambda: csv_of(frame() if callable(frame) else frame),
        file_name=file_name,
        mime="text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def csv_of(frame: pd.DataFrame) -> bytes:
    """A table as CSV (UTF-8, with a header) in which no text is taken for a formula.

    A text that a spreadsheet would run (it begins with =, +, -, @, tab or carriage return) gets
    an apostrophe in front, as OWASP advises ("CSV Injection"). Numbers stay numbers.
    """
    safe = frame.copy()
    for position, column in enumerate(frame.columns):
        if not pd.api.types.is_numeric_dtype(frame.dtypes.iloc[position]):
            safe.isetitem(position, [_neutral(value) for value in frame.iloc[:, position]])
        safe = safe.rename(columns={column: _neutral(column)})
    buffer = io.StringIO()
    safe.to_csv(buffer, index=False)
    return buffer.getvalue().encode()


def _neutral(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _column(frame: pd.DataFrame, name: str, title: Any) -> Any:
    if not isinstance(title, str):
        return title
    if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
        return st.column_config.DatetimeColumn(
            title, timezone=str(zone()), format="D MMM YYYY, HH:mm:ss", width="medium"
        )
    return title
