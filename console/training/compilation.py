"""The last step of a training: the estimator is compiled and proven on the reference rows."""

from dataclasses import replace
from typing import Any

import numpy as np

from backend.records.drafts import NewVersion
from backend.versions.compiling import compile_version, not_compiled
from backend.versions.engines import COMPILED
from console.training.plan import Plan
from console.training.tables import reference_rows


def with_engine(
    new: NewVersion, plan: Plan, estimator: Any, seed: int, compiling: bool
) -> NewVersion:
    """What training made, with what will answer for it and why.

    Args:
        new: its reference was drawn with `seed`.
        plan: what was trained.
        estimator: fitted.
        seed: of the training.
        compiling: False only says that it was not compiled.
    """
    if compiling:
        training = plan.split.training
        reference = plan.frame.iloc[training[reference_rows(plan, seed)]]
        regression = plan.signature.task == "regression"
        spread = float(np.std(plan.target.values[training])) if regression else 1.0
        made = compile_version(plan.signature, estimator, reference, spread)
    else:
        made = not_compiled()
    files = {} if made.content is None else {COMPILED: made.content}
    return replace(new, compilation=made.evidence, files=new.files | files)
