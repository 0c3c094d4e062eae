"""The kinds of job: what is run for each, named and not imported.

`module:function` is imported in the job's own process only, so that neither a page nor the worker
pays for scikit-learn or Evidently. The function takes a `JobContext`, then the parameters the job
was submitted with as keywords, and returns what the job's `result` shall be: a dict of JSON values.
"""

from collections.abc import Mapping

from backend.records import blobs
from console.jobs.context import JobContext

KINDS: Mapping[str, str] = {
    "train": "console.training.job:run",
    "replay": "console.replay:run_job",
    "demo": "console.demo:run_job",
    "evidently": "console.drift.evidently.job:run_job",
    "exact": "console.drift.exact:run_job",
    "rescore": "console.rescoring:run_job",
    "review": "console.reviews.freeze:run_job",
    "dossier": "console.promotion.asking:run_job",
    "promotion_webhook": "console.promotion.webhook:run_job",
    "drill": "console.monitors.drill:run_job",
    "sweep": "console.jobs.kinds:sweep",
}


def sweep(context: JobContext, older_than_seconds: float = 3_600.0) -> dict[str, int]:
    """Remove artefacts that no version and no job names: `{"removed": how many}`.

    The worker does so every hour; this is for those who want the room back now.
    """
    context.progress(0.0, "Looking for artefacts that nothing names")
    removed = blobs.sweep(context.database, older_than_seconds)
    context.log(f"Removed {removed}.")
    return {"removed": removed}
