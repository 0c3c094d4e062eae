"""A flight recorder: logged requests run through another version, and what would have changed.

Nothing of it is logged as traffic. `rescore` reads the log and answers each row again; `of_shadow`
gives the same figures for answers that a challenger has stored already.
"""

from console.rescoring.documents import from_json, to_json
from console.rescoring.job import run_job
from console.rescoring.results import Latency, Rescoring, Share, Shift, Truths
from console.rescoring.run import rescore
from console.rescoring.shadowed import of_shadow

__all__ = [
    "Latency",
    "Rescoring",
    "Share",
    "Shift",
    "Truths",
    "from_json",
    "of_shadow",
    "rescore",
    "run_job",
    "to_json",
]
