"""Data sets: those built in, and any CSV. One table with what is known about its columns.

The fingerprint of a table is the sha256 of its CSV form: UTF-8, a header line, commas, LF, no row
numbers, nothing for a missing value, numbers in their shortest exact decimal form (pandas'
`to_csv`). Equal fingerprints mean equal columns and values in the same order.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from backend.errors import NotFound, Unusable
from backend.settings import ROOT
from backend.versions.features import listed
from backend.versions.signature import Scalar, Task
from console.training import csv_files
from console.training.targets import detect_task
from console.training.times import time_column, utc_times

PREFIX = "builtin:"
_FINGERPRINT_ROWS = 20_000


@dataclass(frozen=True)
class Dataset:
    """A table and what is known about it.

    Attributes:
        name: short, as in `builtin:NAME`, or the file's name.
        frame: the rows; the index numbers them from 0 as they were read.
        target: the predicted column; None where it must still be chosen.
        time: the column of UTC times that orders the rows; None if there is none.
        excluded: columns that are no features, whatever the target.
        positive: the label whose probability is the score, where the data set has one.
        task: what the target asks for; None while there is no target.
        title, source: for people: what it is, and where it comes from.
        units, titles: of columns, where they are known.
        fingerprint: sha256 of the table as read (see above).
    """

    name: str
    frame: pd.DataFrame
    target: str | None
    time: str | None
    excluded: tuple[str, ...]
    positive: Scalar
    task: Task | None
    title: str
    source: str
    fingerprint: str
    units: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.frame)

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return [str(name) for name in self.frame.columns]

    @property
    def candidates(self) -> list[str]:
        """The columns that may be target or features."""
        return [name for name in self.columns if name != self.time and name not in self.excluded]

    def with_target(self, target: str) -> "Dataset":
        """The same table with another target.

        Raises:
            Unusable: there is no such column, or it cannot be predicted.
        """
        if target == self.target:
            return self
        if target not in self.columns:
            raise Unusable(
                f"`{self.name}` has no column `{target}`. Choose the target among"
                f" {listed(self.candidates)}."
            )
        if target == self.time:
            raise Unusable(
                f"`{target}` is the time of the rows of `{self.name}` and cannot be predicted."
                f" Choose the target among {listed(self.candidates)}."
            )
        return replace(self, target=target, task=detect_task(self.frame[target]), positive=None)

    def before(self, time: str) -> "Dataset":
        """Only the rows before `time` (ISO 8601, UTC where it names no zone).

        Raises:
            Unusable: the table has no time column, or `time` is none.
        """
        if self.time is None:
            raise Unusable(f"`{self.name}` has no time column, so rows cannot be chosen by time.")
        end = pd.to_datetime(time, utc=True, errors="coerce", format="ISO8601")
        if pd.isna(end):
            raise Unusable(f"`{time}` is no time; expected one like `2011-04-01T00:00Z`.")
        return replace(self, frame=self.frame[self.frame[self.time] < end])


def load(spec: str) -> Dataset:
    """The data set that `builtin:NAME` or a CSV file's path names.

    Raises:
        NotFound: there is no such data set or file.
        Unusable, TooLarge: the file cannot be used (see `csv_files.read`).
    """
    if not spec.startswith(PREFIX):
        return from_csv(*csv_files.open_file(spec))
    name = spec.removeprefix(PREFIX)
    if name not in _BUILTIN:
        raise NotFound(f"There is no built-in data set `{name}`. There are {listed(BUILTIN)}.")
    return _BUILTIN[name]()


def from_csv(content: bytes, name: str) -> Dataset:
    """A CSV as a data set; its target is the column called `target`, if there is one.

    Raises:
        Unusable, TooLarge: it cannot be used (see `csv_files.read`).
    """
    frame = csv_files.read(content, name)
    fingerprint = fingerprint_of(frame)
    time = time_column(frame)
    if time is not None:
        frame[time] = utc_times(frame[time])
    unnamed = tuple(str(c) for c in frame.columns if str(c).startswith(csv_files.UNNAMED))
    found = Dataset(
        name=name,
        frame=frame,
        target=None,
        time=time,
        excluded=unnamed,
        positive=None,
        task=None,
        title=name,
        source="a CSV file",
        fingerprint=fingerprint,
    )
    return found.with_target("target") if "target" in frame.columns else found


def fingerprint_of(frame: pd.DataFrame) -> str:
    """sha256 over the column names and values, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for start in range(0, max(len(frame), 1), _FINGERPRINT_ROWS):
        part = frame.iloc[start : start + _FINGERPRINT_ROWS]
        text = part.to_csv(index=False, header=start == 0, lineterminator="\n")
        digest.update(text.encode())
    return digest.hexdigest()


def _from_sklearn(loader: str, name: str, title: str, positive: str | None = None) -> Dataset:
    import sklearn.datasets

    bunch: Any = getattr(sklearn.datasets, loader)(as_frame=True)
    frame: pd.DataFrame = bunch.frame.copy()
    if "target_names" in bunch:
        labels = [str(label) for label in bunch.target_names]
        frame["target"] = [labels[code] for code in bunch.target]
    return Dataset(
        name=name,
        frame=frame,
        target="target",
        time=None,
        excluded=(),
        positive=positive,
        task=detect_task(frame["target"]),
        title=title,
        source=f"scikit-learn, `{loader}`",
        fingerprint=fingerprint_of(frame),
    )


def _bikeshare() -> Dataset:
    frame = pd.read_csv(ROOT / "data" / "bikeshare.csv")
    fingerprint = fingerprint_of(frame)
    hours = (frame["day"] - 1) * 24 + frame["hr"]
    frame.insert(0, "time", pd.Timestamp("2011-01-01", tz="UTC") + pd.to_timedelta(hours, "h"))
    return Dataset(
        name="bikeshare",
        frame=frame,
        target="bikers",
        time="time",
        # Two add up to the target; with the others every later month would be unseen.
        excluded=("casual", "registered", "mnth", "season", "day"),
        positive=None,
        task="regression",
        title="Bike share: rentals an hour in Washington, D.C., 2011",
        source="UCI Machine Learning Repository, Bike Sharing, CC BY 4.0 (data/README.md)",
        fingerprint=fingerprint,
        units={
            "hr": "0–23",
            "temp": "share of 41 °C",
            "atemp": "share of 50 °C",
            "hum": "share of 100 %",
            "windspeed": "share of 67 km/h",
            "bikers": "rentals an hour",
        },
        titles={
            "hr": "Hour of the day",
            "holiday": "Holiday",
            "weekday": "Day of the week",
            "workingday": "Working day",
            "weathersit": "Weather",
            "temp": "Temperature",
            "atemp": "Felt temperature",
            "hum": "Humidity",
            "windspeed": "Wind speed",
        },
    )


_BUILTIN: dict[str, Callable[[], Dataset]] = {
    "breast_cancer": lambda: _from_sklearn(
        "load_breast_cancer", "breast_cancer", "Breast cancer: malignant or benign", "malignant"
    ),
    "iris": lambda: _from_sklearn("load_iris", "iris", "Iris: three species by their flowers"),
    "wine": lambda: _from_sklearn("load_wine", "wine", "Wine: three growers by chemistry"),
    "diabetes": lambda: _from_sklearn(
        "load_diabetes", "diabetes", "Diabetes: progression after one year"
    ),
    "bikeshare": _bikeshare,
}
BUILTIN: tuple[str, ...] = tuple(_BUILTIN)
