"""CSV files that cannot be used are refused with a sentence that says why."""

from pathlib import Path

import pandas as pd
import pytest

from backend.errors import NotFound, TooLarge, Unusable, WatchdeskError
from console.training import csv_files
from tests.console.training.tables import csv_of

ROWS = "".join(f"{i},{i % 3}\n" for i in range(40))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "`t.csv` is empty; expected a header line and at least 30 rows."),
        (b" \n\n", "`t.csv` is empty; expected a header line and at least 30 rows."),
        (
            b"a,b\n1,2\n",
            "`t.csv` has 1 row; expected at least 30. Add rows.",
        ),
        (
            f"a,a\n{ROWS}".encode(),
            "`t.csv` names more than one column `a`. Rename them.",
        ),
        (
            f"a,__truth__\n{ROWS}".encode(),
            (
                "`t.csv` has the columns `__truth__`; names that begin with `__` are reserved."
                " Rename them."
            ),
        ),
        (
            b"Dear reader\nthis is a letter\n",
            (
                "`t.csv` is not a table: its first line names one column. Expected a header of at"
                " least two, separated by commas, semicolons or tabs."
            ),
        ),
        (
            f"a,b\n{ROWS}1,2,3\n".encode(),
            (
                "`t.csv` is not a table: Expected 2 fields in line 42, saw 3. Every row needs as"
                " many values as the header."
            ),
        ),
        (
            b"a,b\n" + b"1,2,3\n" * 40,
            (
                "`t.csv` is not a table: its rows have more values than the header names. Every row"
                " needs as many values as the header."
            ),
        ),
        (
            b"a,b\n\xff\xfe\n",
            "`t.csv` is not UTF-8 text (byte 4). Save it as CSV in UTF-8.",
        ),
        (
            f"a,{'b' * 201}\n{ROWS}".encode(),
            "`t.csv` has a column name of 201 characters; the limit is 200. Shorten it.",
        ),
    ],
)
def test_refuses_what_is_not_a_usable_table(content: bytes, sentence: str) -> None:
    with pytest.raises(Unusable) as refusal:
        csv_files.read(content, "t.csv")
    assert refusal.value.detail == sentence


def test_refuses_a_file_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "MOST_BYTES", 1 << 20)
    with pytest.raises(TooLarge) as refusal:
        csv_files.read(b"a,b\n" + b"1,2\n" * 600_000, "t.csv")
    assert refusal.value.detail == ("`t.csv` has 2 MB; the limit is 1 MB. Train on a sample of it.")


def test_refuses_too_many_columns() -> None:
    with pytest.raises(TooLarge) as refusal:
        csv_files.read(",".join(f"c{i}" for i in range(1_001)).encode(), "t.csv")
    assert refusal.value.detail == (
        "`t.csv` has 1,001 columns; the limit is 1,000. Leave some out."
    )


def test_refuses_a_path_that_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as folder:
        csv_files.open_file(str(tmp_path))
    assert folder.value.detail == f"`{tmp_path}` is a folder; expected a CSV file."
    with pytest.raises(NotFound) as nowhere:
        csv_files.open_file("nowhere.csv")
    assert nowhere.value.detail == (
        "There is no file `nowhere.csv`. Give a CSV file's path or `builtin:NAME`."
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_reads_the_separators_that_people_use(separator: str) -> None:
    frame = pd.DataFrame({"a": range(40), "b, or not": ["x", "é"] * 20, "c": 0.5})
    content = b"\xef\xbb\xbf" + frame.to_csv(index=False, sep=separator).encode()
    pd.testing.assert_frame_equal(csv_files.read(content, "t.csv"), frame)


def test_reads_back_what_was_written() -> None:
    frame = pd.DataFrame(
        {"a": [0.1, None] * 20, "b": ["line\nbreak", 'quo"te'] * 20, "c": [True, False] * 20}
    )
    pd.testing.assert_frame_equal(csv_files.read(csv_of(frame), "t.csv"), frame)


@pytest.mark.parametrize(
    "content",
    [b"\x00" * 50, b'"' * 90, b"a,b\n" + b'"' * 301, b"a,b\r" * 99, b",\n" * 50, b",,\n" * 50],
)
def test_no_bytes_make_a_traceback(content: bytes) -> None:
    try:
        frame = csv_files.read(content, "t.csv")
    except WatchdeskError:
        return
    assert len(frame) >= csv_files.FEWEST_ROWS
