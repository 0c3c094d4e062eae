"""The last step of a training: what answers for the draft is proven on the rows kept with it."""

import io

import pandas as pd
import pytest

from console.training import Choices
from console.training.datasets import load
from console.training.train import train


def test_the_draft_is_compiled_and_proven_on_the_reference_that_is_kept() -> None:
    new = train(load("builtin:diabetes"), Choices("m", "builtin:diabetes", folds=2), by="ada")
    reference = pd.read_parquet(io.BytesIO(new.files["reference.parquet"]))
    assert new.compilation is not None
    assert new.compilation["engine"] == "onnx"
    assert new.compilation["rows"] == len(reference)
    assert new.compilation["limit"] == pytest.approx(1e-5 * reference["__truth__"].std(ddof=0))
    assert "model.onnx" in new.files


def test_compiling_can_be_switched_off() -> None:
    choices = Choices("m", "builtin:iris", folds=2)
    new = train(load("builtin:iris"), choices, by="ada", compiling=False)
    assert "model.onnx" not in new.files
    assert new.compilation == {
        "engine": "sklearn",
        "reason": "It was trained with `WATCHDESK_COMPILE` set to `off`.",
    }
