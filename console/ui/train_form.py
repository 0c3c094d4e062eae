"""The Train page's form: data, target, features, algorithm and its parameters, into choices."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import streamlit as st

from backend.errors import Unusable
from backend.records import blobs, registry
from backend.versions.signature import Scalar, Task
from console import jobs
from console.training import ALGORITHMS, Algorithm, datasets
from console.training.algorithms import Parameter, default_for
from console.training.choices import FOLDS
from console.training.datasets import Dataset
from console.training.plan import usable_features
from console.ui import links, readers
from console.ui.boundary import plain
from console.ui.format import count
from console.ui.resources import actor, database

UPLOAD = "upload"
NO_UPLOAD = "Choose a CSV file: UTF-8, one header line, at least 30 rows. It stays on this machine."


@dataclass(frozen=True)
class Source:
    """The data that was chosen: its name in a job's parameters, and the table.

    `content` is that of an uploaded file, which is stored when its job is submitted.
    """

    spec: str
    dataset: Dataset
    content: bytes | None = None


@st.cache_resource(max_entries=8, ttl=3_600, show_spinner=False)
def _builtin(spec: str) -> Dataset:
    return datasets.load(spec)


@st.cache_resource(max_entries=4, ttl=3_600, show_spinner=False)
def _uploaded(sha256: str, name: str, _content: bytes) -> Dataset:  # noqa: ARG001  # its key
    return datasets.from_csv(_content, name)


def pick_data() -> Source:
    """A built-in data set (`?data=`) or an uploaded CSV; stops the page until there is one.

    Raises:
        Unusable, TooLarge: the uploaded file cannot be used.
    """
    specs = [datasets.PREFIX + name for name in datasets.BUILTIN]
    titles = {spec: _builtin(spec).title for spec in specs} | {UPLOAD: "A CSV file of my own"}
    spec = links.choose(
        "Data", [*specs, UPLOAD], "train_data", "data", default=_data_of_model(), titles=titles
    )
    if spec != UPLOAD:
        return Source(spec, _builtin(spec))
    file = st.file_uploader("CSV file", type=["csv", "tsv", "txt"], key="train_file")
    if file is None:
        st.info(NO_UPLOAD, icon=":material/upload_file:")
        st.stop()
    content = file.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    return Source(f"blob:{sha256}:{file.name}", _uploaded(sha256, file.name, content), content)


def pick_choices(source: Source) -> dict[str, Any]:
    """Everything else that a person chooses, as the parameters of a `train` job."""
    key = f"train_{source.spec}"
    dataset = _pick_target(source.dataset, key)
    target, task = str(dataset.target), dataset.task or "regression"
    features = _pick_features(dataset, f"{key}_{target}")
    chosen = _pick_algorithm(dataset, task)
    with st.expander("Parameters and cross-validation"):
        parameters = {p.name: _parameter(p, chosen) for p in chosen.parameters}
        folds = st.slider("Folds of the cross-validation", *FOLDS, 5, key="train_folds")
    asks_label = task == "binary" and task in chosen.tasks
    positive = _pick_positive(dataset, f"{key}_{target}") if asks_label else None
    return {
        "model": _pick_model(dataset, key),
        "data": source.spec,
        "target": target,
        "features": features,
        "algorithm": chosen.name,
        "parameters": parameters,
        "positive": positive,
        "folds": folds,
        "note": st.text_input(
            "Note",
            key="train_note",
            max_chars=500,
            placeholder="What is new about this version?",
        ).strip(),
    }


def obstacle(choices: dict[str, Any], task: Task | None) -> str | None:
    """Why these choices cannot be trained on, as a sentence; None if they can."""
    try:
        registry.check_name(choices["model"])
    except Unusable as error:
        return error.detail
    if not choices["features"]:
        return "No feature is chosen; a version needs at least one."
    for model in readers.models():
        asked = (choices["target"], task)
        if model.name == choices["model"] and (model.target, model.task) != asked:
            return (
                f"Model `{model.name}` predicts `{model.target}` ({model.task}), not"
                f" `{choices['target']}` ({task}). Give this one another name."
            )
    return None


def submit(source: Source, choices: dict[str, Any]) -> int:
    """Store an uploaded file and queue the training; returns the job's id."""
    if source.content is not None:
        blobs.store(database(), source.content)
    return jobs.submit(database(), "train", choices, by=actor())


def preview(dataset: Dataset) -> None:
    """The first rows, how many there are, and where they come from."""
    st.subheader("The data")
    rows, columns = count(dataset.rows, "row"), count(len(dataset.columns), "column")
    st.caption(f"{rows} × {columns} · {plain(dataset.source)}")
    st.dataframe(dataset.frame.head(8), hide_index=True, key="train_preview")


def task_of(dataset: Dataset, choices: dict[str, Any]) -> Task | None:
    """What the choices ask for: numbers that look like labels are a regression for some."""
    task = dataset.with_target(choices["target"]).task
    return task if task in ALGORITHMS[choices["algorithm"]].tasks else "regression"


def _pick_target(dataset: Dataset, key: str) -> Dataset:
    options = dataset.candidates
    first = options.index(dataset.target) if dataset.target in options else len(options) - 1
    target = st.selectbox("Target: what to predict", options, index=first, key=f"{key}_target")
    return dataset.with_target(str(target))


def _pick_features(dataset: Dataset, key: str) -> list[str]:
    usable, left_out = usable_features(dataset, str(dataset.target))
    known = {name: dataset.titles.get(name, name) for name in usable}
    with st.expander(f"Features: {len(usable)} columns can be used"):
        chosen = st.multiselect(
            "Features",
            usable,
            default=usable,
            format_func=lambda name: known[name],
            key=f"{key}_features",
            label_visibility="collapsed",
        )
        for name, reason in left_out.items():
            st.caption(f"Not `{plain(name)}`: {reason}.")
    return [str(name) for name in chosen]


def _pick_algorithm(dataset: Dataset, task: Task) -> Algorithm:
    # A few whole numbers may be labels or amounts, so regressions of them are offered too.
    dtype = dataset.frame[str(dataset.target)].dtype
    tasks = {task, "regression"} if dtype.kind in "iuf" else {task}
    names = [name for name, found in ALGORITHMS.items() if tasks & {*found.tasks}]
    chosen = st.selectbox(
        "Algorithm",
        names,
        index=names.index(default_for(task)),
        format_func=lambda name: ALGORITHMS[name].title,
        key="train_algorithm_" + "_".join(sorted(tasks)),
    )
    found = ALGORITHMS[str(chosen)]
    st.caption(found.help)
    return found


def _parameter(parameter: Parameter, chosen: Algorithm) -> float | int:
    whole = parameter.kind == "integer"
    cast = int if whole else float
    value = st.number_input(
        parameter.name,
        min_value=cast(parameter.minimum),
        max_value=cast(parameter.maximum),
        value=cast(parameter.default),
        step=1 if whole else None,
        format="%d" if whole else "%g",
        help=f"{parameter.help} From {parameter.minimum:g} to {parameter.maximum:g}.",
        key=f"train_{chosen.name}_{parameter.name}",
    )
    return cast(value)


def _pick_positive(dataset: Dataset, key: str) -> Scalar:
    labels = sorted(dataset.frame[str(dataset.target)].dropna().unique().tolist(), key=str)
    first = labels.index(dataset.positive) if dataset.positive in labels else 1
    chosen: Scalar = st.selectbox(
        "Positive label",
        labels,
        index=first,
        format_func=str,
        help="The score of an answer is the probability of this label.",
        key=f"{key}_positive",
    )
    return chosen


def _pick_model(dataset: Dataset, key: str) -> str:
    asked = st.query_params.get("model")
    default = asked or re.sub(r"[^A-Za-z0-9_.-]+", "_", dataset.name.rsplit(".", 1)[0]).lstrip(
        "_.-"
    )
    known = [model.name for model in readers.models()]
    name = st.text_input(
        "Model",
        default,
        key=f"{key}_model",
        max_chars=100,
        help="A known model gets another version; a new name makes a new model.",
    ).strip()
    st.caption(f"Another version of `{name}`." if name in known else "A new model.")
    return name


def _data_of_model() -> str | None:
    """The data of the newest version of the model that the address names (`?model=`)."""
    asked = st.query_params.get("model")
    if asked not in {model.name for model in readers.models()}:
        return None
    return next((str(found.data.get("spec")) for found in readers.versions(str(asked))), None)


def _name_of(dataset: Dataset) -> str:
    """The data set's name as a model may be called: `Q1 churn.csv` → `Q1_churn`."""
    stem = dataset.name.rsplit(".", 1)[0]
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", stem).lstrip("_.-")
