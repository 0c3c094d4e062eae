"""How a table's cells become what a caller would have sent."""

import io
from typing import Any

import pandas as pd
import pytest

from backend.errors import Unusable
from backend.versions.signature import Signature, feature_of
from console.replay.table import Table

TRAINED = pd.DataFrame(
    {
        "size": [1.5, None, 3.0],
        "rooms": [1, 2, 3],
        "garden": [True, False, True],
        "zone": ["1", "2", "A"],
        "note": ["x", None, "y"],
    }
)
SIGNATURE = Signature(
    features=tuple(feature_of(TRAINED[name]) for name in TRAINED.columns),
    target="price",
    task="regression",
    serves_unseen=True,
)


def instances(text: str) -> list[dict[str, Any]]:
    """The instances of a CSV."""
    table = Table(pd.read_csv(io.StringIO(text)), SIGNATURE, "time", None)
    return [item.instance for part in table.parts(100) for item in part]


def test_cells_are_read_as_the_kinds_of_the_signature() -> None:
    found = instances(
        "time,size,rooms,garden,zone,note\n2024-01-01,2.5,3,True,1,x\n2024-01-02,,4,False,2,\n"
    )
    assert found == [
        {"size": 2.5, "rooms": 3, "garden": True, "zone": "1", "note": "x"},
        {"size": None, "rooms": 4, "garden": False, "zone": "2", "note": None},
    ]
    assert [SIGNATURE.read(instance)[1:4] for instance in found] == [
        [3.0, True, "1"],
        [4.0, False, "2"],
    ]


def test_whole_numbers_stay_whole_where_a_gap_made_them_floats() -> None:
    found = instances(
        "time,size,rooms,garden,zone,note\n2024-01-01,2.5,3,1,1,x\n2024-01-02,2.5,,0,,x\n"
    )
    assert [row["zone"] for row in found] == ["1", None]
    assert [row["garden"] for row in found] == [True, False]
    assert SIGNATURE.read(found[0])[1] == 3.0
    with pytest.raises(Unusable, match="Feature `rooms` is `null`; expected a whole number"):
        SIGNATURE.read(found[1])


def test_numbers_among_texts_are_read_and_texts_are_left_to_be_refused() -> None:
    found = instances(
        "time,size,rooms,garden,zone,note\n"
        "2024-01-01,2.5,3,true,1,x\n"
        "2024-01-02,large,4,perhaps,2,x\n"
    )
    assert [row["size"] for row in found] == [2.5, "large"]
    assert [row["garden"] for row in found] == [True, "perhaps"]


def test_a_nullable_feature_may_have_no_column() -> None:
    found = instances("time,rooms,garden,zone\n2024-01-01,3,True,A\n")
    assert found == [{"rooms": 3, "garden": True, "zone": "A"}]
    assert SIGNATURE.read(found[0])[4] is None


def test_rows_come_in_the_order_of_their_times_and_keep_their_numbers() -> None:
    frame = TRAINED.assign(time=["2024-01-03", "2024-01-01", "2024-01-02"], fact=[3, 1, 2])
    table = Table(frame, SIGNATURE, "time", "fact")
    items = [item for part in table.parts(2) for item in part]
    assert [item.number for item in items] == [2, 3, 1]
    assert [item.truth for item in items] == [1, 2, 3]
    assert table.span == (items[0].at, items[-1].at)
