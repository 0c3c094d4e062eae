"""Rules are read as written, and what cannot be read is said in a sentence with its place."""

import contextlib
import re
import tomllib
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import Unusable
from backend.settings import ROOT
from console.promotion.gates.defaults import default_of
from console.promotion.gates.rules import METRICS, GateRules, SegmentRules, Tolerance, parse


def test_every_section_is_read() -> None:
    found = parse(
        """
        [floors]                      # the worst allowed
        roc_auc = 0.8
        log_loss = 0.5
        [no_worse]
        accuracy = 0.02
        log_loss = "5 %"
        [segments.region.floors]
        accuracy = 0.7
        [segments."mean radius".no_worse]
        accuracy = "2.5%"
        [minimum_rows]
        heldout = 200
        segment = 30
        [calibration]
        ece = 0.05
        [agreement]
        share = 0.9
        rows = 5_000
        [training_drift]
        drifted = 0
        [fairness.region]
        selection_rate = 0.1
        error = 0.2
        [latency]
        us_per_row = 500
        times_champion = 2
        [artefact]
        reproduced = 0.99
        [signature]
        accepted = 1
        rows = 10
        [scenarios]
        failing = 0
        """
    )
    assert found == GateRules(
        floors={"roc_auc": 0.8, "log_loss": 0.5},
        no_worse={"accuracy": Tolerance(0.02), "log_loss": Tolerance(0.05, relative=True)},
        segments=(
            SegmentRules("region", {"accuracy": 0.7}, {}),
            SegmentRules("mean radius", {}, {"accuracy": Tolerance(0.025, relative=True)}),
        ),
        heldout_rows=200,
        segment_rows=30,
        ece=0.05,
        agreement=0.9,
        agreement_rows=5_000,
        drifted=0,
        fairness={"region": {"selection_rate": 0.1, "error": 0.2}},
        us_per_row=500.0,
        times_champion=2.0,
        reproduced=0.99,
        accepted=1.0,
        accepted_rows=10,
        failing=0,
    )
    assert found.metrics == {"roc_auc", "log_loss", "accuracy"}
    assert found.columns == ("region", "mean radius")


def test_nothing_written_asks_for_nothing() -> None:
    assert parse("# nothing yet\n") == GateRules()


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_default_of_each_task_can_be_read_with_its_examples(task: str) -> None:
    text = default_of(task)
    assert parse(text).no_worse
    examples = [
        line[2:] if line.startswith("# ") and ("=" in line or line.startswith("# [")) else line
        for line in text.replace("COLUMN", "region").splitlines()
    ]
    found = parse("\n".join(examples))
    assert found.floors
    assert found.segments
    assert found.fairness
    assert found.agreement == 0.9
    assert found.drifted == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[floor]\naccuracy = 1",
            (
                "`floor` is not a section that gates know; expected one of `minimum_rows`,"
                " `agreement`, `latency`, `signature`, `calibration`, `training_drift`, `artefact`,"
                " `scenarios`, `floors`, `no_worse`, `segments`, `fairness`."
            ),
        ),
        (
            "[calibration]\nece = 0.1\necce = 0.2",
            (
                "`calibration.ecce` is not a key that gates know; expected one of `ece` of"
                " `[calibration]`."
            ),
        ),
        (
            "[fairness.age]\nequality = 0.1",
            (
                "`fairness.age.equality` is not a measure that gates know; expected one of"
                " `selection_rate`, `true_positive_rate`, `error`."
            ),
        ),
        (
            "[floors]\naccuracy = 'high'",
            "`floors.accuracy` is `'high'`; expected a number from 0 to 1.",
        ),
        ("[floors]\naccuracy = 80", "`floors.accuracy` is `80`; expected a number from 0 to 1."),
        (
            "[floors]\naccuracy = true",
            "`floors.accuracy` is `true`; expected a number from 0 to 1.",
        ),
        ("[floors]\nmae = -1", "`floors.mae` is `-1`; expected a number of 0 or more."),
        ("[floors]\nr2 = 2", "`floors.r2` is `2`; expected a number of at most 1."),
        ("[floors]\nmae = nan", "`floors.mae` is `nan`; expected a number of 0 or more."),
        (
            "[no_worse]\naccuracy = 'a bit'",
            (
                "`no_worse.accuracy` is `'a bit'`; expected a number in the metric's unit, or a"
                " share of"
                " the champion's figure as a text such as `5 %`."
            ),
        ),
        (
            "[no_worse]\naccuracy = -0.1",
            (
                "`no_worse.accuracy` is `-0.1`; expected a number of 0 or more, or a text such as"
                " `5 %`."
            ),
        ),
        (
            "[minimum_rows]\nheldout = 99.5",
            "`minimum_rows.heldout` is `99.5`; expected a whole number of 1 or more.",
        ),
        (
            "scenarios = 0",
            (
                "`scenarios` is `0`; expected a section: write `[scenarios]` on a line of its"
                " own and"
                " its keys below."
            ),
        ),
        (
            "[segments]\nregion = 1",
            (
                "`segments.region` is `1`; expected a section: write `[segments.region]` on a"
                " line of its"
                " own and its keys below."
            ),
        ),
        (
            '[segments."mean radius"]\naccuracy = 1',
            (
                '`segments."mean radius".accuracy` is not a key that gates know; expected one of'
                ' `floors`, `no_worse` of `[segments."mean radius"]`.'
            ),
        ),
        ("[scenarios]", "`[scenarios]` asks for nothing; add `failing`, or leave the section out."),
        ("[floors]", "`[floors]` asks for nothing: add a line, or leave the section out."),
        (
            "[agreement]\nrows = 10",
            "`[agreement]` asks for nothing; add `share`, or leave the section out.",
        ),
        (
            "[segments.region]",
            (
                "`[segments.region]` asks for nothing; add `floors`, `no_worse`, or leave the"
                " section"
                " out."
            ),
        ),
        (
            "[floors]\naccuracy 0.8",
            (
                "The rules are not TOML: Expected '=' after a key in a key/value pair (at line 2,"
                " column 10). Expected sections such as `[floors]` with lines such as `accuracy"
                " = 0.8`;"
                " mend it and save again."
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(Unusable) as refused:
        parse(text)
    assert refused.value.detail == sentence


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 4_000,
        "[floors]\naccuracy = " + "9" * 5_000,
        "[floors]\naccuracy = " + "9" * 500,
        "[scenarios]\nfailing = " + "9" * 500,
        "[floors]\naccuracy = 1e999",
        "[floors]\naccuracy = 2026-03-02",
        "#" * 20_001,
    ],
)
def test_what_nobody_would_write_is_a_sentence_too(text: str) -> None:
    with pytest.raises(Unusable):
        parse(text)


WORDS = st.sampled_from(
    [
        *("[floors]", "[no_worse]", "[segments.a.floors]", "[fairness.a]", "[calibration]"),
        *("[latency]", "[agreement]", "accuracy", "ece", "rows", "share", "=", "\n", '"', "%"),
        *("0.1", "-1", "1e400", "nan", "true", "[]", "{}", "'5 %'", "[[", "]]", ".", "\0", "é"),
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join)))
def test_any_text_is_read_or_refused_and_nothing_else_is_raised(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(Unusable, match="The rules are not TOML: "):
            parse(text)
        return
    with contextlib.suppress(Unusable):
        assert isinstance(parse(text), GateRules)


def test_the_documented_rules_are_read_and_name_every_section_and_metric() -> None:
    document = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", document, flags=re.DOTALL)
    found = parse(text)
    plain = GateRules()
    empty = [field.name for field in fields(found) if getattr(found, field.name) in (None, {}, ())]
    assert empty == []
    assert (found.segment_rows, found.agreement_rows, found.accepted_rows) == (
        *(plain.segment_rows, plain.agreement_rows),
        plain.accepted_rows,
    )
    for names in METRICS.values():
        assert [name for name in names if f"`{name}`" not in document] == []
