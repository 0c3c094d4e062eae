"""Which engine a version answers with once it is loaded, and why."""

import logging
import subprocess
import sys
from dataclasses import replace

import pytest

from backend.errors import ArtefactDamaged
from backend.records.database import Database
from backend.records.registry import Version
from backend.settings import ROOT
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.compiling import compile_version
from backend.versions.engines import COMPILED, engine_of, runtime
from backend.versions.scorer import Scorer
from tests.conftest import Problem, new_version


def _compiled_version(
    database: Database, store: Store, made: Problem, content: bytes | None = None
) -> Version:
    """A registered version of a problem with its graph, or other bytes in the graph's place."""
    proof = compile_version(made.signature, made.estimator, made.frame)
    new = new_version(made)
    files = new.files | {COMPILED: content or proof.content or b""}
    whole = replace(new, files=files, compilation=proof.evidence)
    return registration.register(database, registration.add(database, whole, store), store)


def test_a_loaded_version_answers_by_its_graph(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    made = problems["iris"]
    scorer = artefacts.load(database, _compiled_version(database, store, made), store)
    assert scorer.compiled is not None
    found = scorer.score_frame(made.frame)
    assert found.labels == Scorer(made.signature, made.estimator).score_frame(made.frame).labels


def test_compiling_that_is_off_leaves_the_graph_alone(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    version = _compiled_version(database, store, problems["iris"])
    scorer = artefacts.load(database, version, replace(store, compiling=False))
    assert scorer.compiled is None
    assert engine_of(version.compilation, compiling=False) == (
        "sklearn",
        "It is compiled, but `WATCHDESK_COMPILE` is `off`.",
    )


def test_a_graph_that_was_altered_is_refused_like_any_artefact(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    version = _compiled_version(database, store, problems["iris"])
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE blob_chunks SET bytes = zeroblob(length(bytes)) WHERE sha256 = ?",
            (version.files[COMPILED],),
        )
    with pytest.raises(ArtefactDamaged, match="is missing bytes or was altered"):
        artefacts.load(database, version, store)


def test_scikit_learn_answers_where_a_graph_cannot_be_loaded(
    database: Database,
    store: Store,
    problems: dict[str, Problem],
    caplog: pytest.LogCaptureFixture,
) -> None:
    version = _compiled_version(database, store, problems["iris"], b"no graph at all")
    with caplog.at_level(logging.WARNING):
        scorer = artefacts.load(database, version, store)
    assert scorer.compiled is None
    assert "scikit-learn answers in its place." in caplog.text
    assert scorer.score_frame(problems["iris"].frame).labels is not None


def test_a_proof_holds_for_the_onnxruntime_that_it_was_made_with(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    version = _compiled_version(database, store, problems["iris"])
    proof = {**(version.compilation or {}), "onnxruntime": "0.1"}
    assert engine_of(version.compilation).name == "onnx"
    assert engine_of(proof) == (
        "sklearn",
        f"It was proven equal with onnxruntime 0.1, and {runtime()} is installed; train it again.",
    )


def test_an_engine_is_named_in_a_sentence_for_people() -> None:
    assert engine_of(None).sentence == (
        "Answers with scikit-learn: it was made before versions were compiled; train it again."
    )


def test_neither_converter_nor_runtime_is_imported_until_it_is_needed() -> None:
    source = """
import sys
import backend.service.app, console.commands.listing
print(sorted({"onnx", "onnxruntime", "skl2onnx"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
