"""The shadow in a sentence; its answers are tested with rescoring."""

import pytest

from backend.records.registry import Model
from console.comparison import shadow


@pytest.mark.parametrize(
    ("on", "champion", "challenger", "sentence"),
    [
        (False, 1, 2, "is off: only the champion answers its requests."),
        (True, 1, None, "is on and waits for a challenger: name one."),
        (True, None, 2, "is on and waits for a champion: nothing answers yet."),
        (True, 2, 2, "is on and waits for another challenger: version 2 is the champion itself."),
        (
            True,
            1,
            2,
            "is on: version 2 scores what version 1 answers, and nobody sees it but here.",
        ),
    ],
)
def test_says_what_the_shadow_does_or_waits_for(
    on: bool, champion: int | None, challenger: int | None, sentence: str
) -> None:
    model = Model("m", "binary", "t", False, 0, "ada", on, champion, challenger)
    assert shadow.said(model) == f"The shadow of `m` {sentence}"
