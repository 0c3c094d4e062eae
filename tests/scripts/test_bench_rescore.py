"""The benchmark of rescoring on a small log: what is measured is the same work, and right."""

from pathlib import Path

import pytest

from scripts.bench_rescore import parts
from scripts.bench_rescore.build import TOLD, VERSIONS, prepare
from scripts.bench_rescore.table import text

ROWS = 6_000


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> parts.Opened:
    """A log, and one version to answer it again."""
    folder: Path = tmp_path_factory.mktemp("bench") / "log"
    prepare(folder, ROWS, VERSIONS[:1])
    return parts.Opened(folder)


def test_pandas_and_scikit_learn_by_hand_count_the_same(opened: parts.Opened) -> None:
    mine = parts.ours(parts.LOGISTIC)(opened)
    theirs = parts.peer(parts.LOGISTIC)(opened)
    assert mine["rows"] == theirs["rows"] == ROWS
    assert mine["engine"] == "onnx"
    assert mine["changed"] == theirs["changed"] > ROWS / 50
    assert mine["newly_wrong"] == theirs["newly_wrong"] > 0
    assert mine["newly_wrong"] < ROWS / TOLD
    assert mine["shift"] == pytest.approx(theirs["shift"], abs=1e-9)
    figures = {
        name: found | {"imported": opened.imported, "load": 0.5}
        for name, found in (("logistic", mine), ("logistic, peer", theirs))
    }
    page = text(figures, "a machine", ROWS)
    assert "# Rescoring 6,000 logged requests" in page
    assert f"{mine['changed']:,} changed answers" in page
    assert "- forest" not in page  # not measured, so not in the table


def test_a_part_of_the_log_and_scikit_learn_alone_can_be_measured(opened: parts.Opened) -> None:
    found = parts.ours(parts.LOGISTIC, share=0.1, compiled=False)(opened)
    assert found["rows"] == pytest.approx(ROWS / 10, abs=5)
    assert found["engine"] == "sklearn"
