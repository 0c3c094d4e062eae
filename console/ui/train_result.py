"""What training made, drawn: jobs, drafts, the figures of one draft, and its registration."""

import math

import streamlit as st

from backend.records import drafts
from backend.records.registry import Version
from backend.versions import registration
from backend.versions.engines import engine_of
from console import jobs
from console.charts import training as charts
from console.training import ALGORITHMS, figures
from console.ui import links, navigation, readers
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import count, duration, number, when
from console.ui.job_card import job_card
from console.ui.resources import actor, database, palette, settings, store
from console.ui.tables import frame_table

KIND = "train"
METRICS_SHOWN = 4


def watch() -> None:
    """The trainings that wait or run, and the one of the address (`?job=`) however it ended.

    The draft of a training that is done is opened (`?draft=`).
    """
    asked = st.query_params.get("job")
    shown = {job.id: job for job in reversed(jobs.active(database(), KIND))}
    if asked is not None and asked.isdecimal() and int(asked) < 2**63:
        own = jobs.get(database(), int(asked))
        shown[own.id] = own
        if own.state == "done" and own.result is not None:
            links.put("job", None)
            links.put("draft", str(own.result["draft_id"]))
            st.toast(f"Trained `{own.result['model']}`: a draft is waiting.")
            del shown[own.id]
    for job in shown.values():
        title = ALGORITHMS[job.params["algorithm"]].title if "algorithm" in job.params else None
        model = plain(str(job.params.get("model", "")))
        job_card(job.id, f"Training {model}: {title or 'default algorithm'}", key="train_job")


def opened() -> Version | None:
    """The draft that the address names (`?draft=`); it may have been registered meanwhile.

    Raises:
        NotFound: there is none.
    """
    asked = st.query_params.get("draft")
    if asked is None or not asked.isdecimal() or int(asked) >= 2**31:
        return None
    return drafts.one(database(), int(asked))


def result(version: Version) -> None:
    """One trained version: what it is, how good it is, and the way on."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            title = ALGORITHMS[version.algorithm].title
            st.markdown(f"##### {title} for `{version.model}`")
            named = "draft" if version.number is None else f"version {version.number}"
            st.badge(named, color="gray" if version.number is None else "green")
            st.space("stretch")
            st.button("Close", key="train_close", type="tertiary", on_click=links.put,
                      args=("draft", None), icon=":material/close:")  # fmt: skip
        _way_on(version)
        _metrics(version)
    _charts(version)


def waiting_drafts(open_id: int | None) -> None:
    """The drafts that wait to be registered or discarded."""
    waiting = [draft for draft in drafts.waiting(database()) if draft.id != open_id]
    if not waiting:
        return
    st.subheader("Drafts waiting")
    st.caption("A draft answers nothing until it is registered, and then promoted.")
    for draft in waiting[:20]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            first = figures.metrics(draft).head(1).to_dict("records")
            metric = "".join(f"{row['title']} {number(row['value'])}" for row in first)
            st.markdown(f"**{draft.model}** · {ALGORITHMS[draft.algorithm].title} · {metric}")
            st.caption(f"{when(draft.created_at)} by {plain(draft.created_by)}")
            st.space("stretch")
            st.button("Open", key=f"train_open_{draft.id}", on_click=links.put,
                      args=("draft", str(draft.id)))  # fmt: skip
            if st.button("Discard", key=f"train_discard_{draft.id}", type="tertiary"):
                drafts.discard(database(), draft.id, actor=actor())
                st.rerun()


def _way_on(version: Version) -> None:
    """Register or discard a draft; compare or promote a version."""
    query = {"model": version.model}
    with st.container(horizontal=True, vertical_alignment="center"):
        if version.number is not None:
            st.markdown(f"Registered as **version {version.number}**.")
            navigation.link("compare", "Compare it", query | {"b": str(version.number)})
            navigation.link("promote", "Promote it", query | {"version": str(version.number)})
            return
        if st.button("Register", key="train_register", type="primary", icon=":material/verified:"):
            registration.register(database(), version.id, store(), actor=actor())
            readers.forget()
            st.rerun()
        if st.button("Discard", key="train_discard", type="tertiary"):
            drafts.discard(database(), version.id, actor=actor())
            links.put("draft", None)
            st.rerun()
        st.caption("Registering gives it a number; it answers only once it is promoted.")


def _metrics(version: Version) -> None:
    frame = figures.metrics(version)
    for slot, row in zip(st.columns(METRICS_SHOWN), frame.to_dict("records"), strict=False):
        slot.metric(
            row["title"],
            number(row["value"]),
            delta=None if math.isnan(row["sd"]) else f"± {number(row['sd'], 2)}",
            delta_color="off",
            delta_arrow="off",
            help="On held-out rows; ± is the standard deviation over the folds.",
        )
    if len(frame) > METRICS_SHOWN:
        with st.expander("All metrics"):
            columns = {
                "title": "Metric",
                "value": st.column_config.NumberColumn("Held-out rows", format="%.4g"),
                "mean": st.column_config.NumberColumn("Cross-validation, mean", format="%.4g"),
                "sd": st.column_config.NumberColumn("± (sd)", format="%.2g"),
            }
            frame_table(frame, columns, key="train_metrics")
    split = version.data["split"]
    st.caption(
        f"Held out: {count(split['heldout_rows'], 'row')} of {version.data['name']}"
        f" ({split['method']}); trained on {count(split['training_rows'], 'row')}; ± over"
        f" {count(split['folds'], 'fold')}; took {duration(version.trained_seconds)}."
    )
    st.caption(plain(engine_of(version.compilation, settings().compiling).sentence))
    for note in version.evaluation.get("notes", []):
        st.caption(f"Note: {note}")


def _charts(version: Version) -> None:
    left, right = st.columns(2, gap="large")
    regression = version.task == "regression"
    for slot, heading, build, key in (
        (left, "Residuals" if regression else "Confusion matrix", _mistakes, "train_mistakes"),
        (right, "Answer and truth" if regression else "Calibration", _trust, "train_trust"),
        (st.container(), "What it goes by", _importance, "train_importance"),
    ):
        with slot:
            st.subheader(heading)
            draw(
                (key, version.id),
                lambda make=build: make(version),  # type: ignore[misc]  # bound per chart
                key=key,
                alt=f"{heading} of {version.model} on its held-out rows.",
            )


def _mistakes(version: Version) -> Drawing:
    target, found = readers.signature(version).target, version.evaluation
    if version.task == "regression":
        return Drawing(charts.residuals(figures.residuals(found), target, palette()))
    return Drawing(charts.confusion(figures.confusion(found), target, palette()))


def _trust(version: Version) -> Drawing:
    signature, found = readers.signature(version), version.evaluation
    if version.task == "regression":
        return Drawing(charts.points(figures.points(found), signature.target, palette()))
    of = str(signature.positive) if version.task == "binary" else "label"
    return Drawing(charts.calibration(figures.calibration(found), of, palette()))


def _importance(version: Version) -> Drawing:
    importance = version.evaluation["importance"]
    frame = figures.importance(version.evaluation)
    metric = "RMSE" if importance["metric"] == "rmse" else "log loss"
    return Drawing(
        charts.importance(frame, metric, palette()),
        f"The rise in {metric} when a feature's values are shuffled among"
        f" {count(importance['rows'], 'held-out row')} (mean ± sd of {importance['repeats']}"
        f" shuffles); the first {len(frame)} of {len(importance['features'])} features.",
    )
