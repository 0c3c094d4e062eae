"""Training as a job: it outlives the page that asked for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from backend.records.database import Database
from backend.settings import Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from console.training.choices import Choices
from console.training.sources import open_data
from console.training.train import train


class Context(Protocol):
    """What a job is given (`console.jobs`), as far as training needs it."""

    @property
    def database(self) -> Database: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def by(self) -> str: ...

    def progress(self, share: float, message: str) -> None:
        """Show how far the job is; raises when it was cancelled."""

    def log(self, line: str) -> None:
        """Add a line to the job's log."""


def run(
    context: Context,
    *,
    model: str,
    data: str,
    features: Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    register: bool = False,
    **others: Any,
) -> dict[str, Any]:
    """Train and keep a draft; number it at once if `register`.

    `model`, `data`, `features`, `parameters` and `others` are the fields of `Choices`.

    Returns:
        `draft_id`, `version` (its number, None for a draft), `model`, `task`, `algorithm` and
        `metrics`.

    Raises:
        NotFound, TooLarge, Unusable: the data or the choices cannot be used.
        Refused: the model exists with another task or target.
    """
    choices = Choices(
        model=model,
        data=data,
        features=None if features is None else tuple(features),
        parameters=dict(parameters or {}),
        **others,
    )
    dataset = open_data(context.database, data)
    context.log(f"`{dataset.name}`: {dataset.rows:,} rows, {len(dataset.columns)} columns.")
    store = Store.of(context.settings)
    new = train(dataset, choices, by=context.by, report=context.progress, compiling=store.compiling)
    context.progress(0.95, "Keeping the draft.")
    draft_id = registration.add(context.database, new, store)
    number = None
    if register:
        number = registration.register(context.database, draft_id, store).number
    for note in new.evaluation["notes"]:
        context.log(note)
    return {
        "draft_id": draft_id,
        "version": number,
        "model": new.model,
        "task": new.task,
        "algorithm": new.algorithm,
        "metrics": new.metrics,
    }
