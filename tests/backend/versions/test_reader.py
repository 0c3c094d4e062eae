"""The quick reader gives what the signature gives, or nothing."""

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import Unusable
from backend.versions.reader import Reader, text_of
from backend.versions.signature import Feature, Signature

MIXED = Signature(
    features=(
        Feature("area", "number"),
        Feature("mean radius", "number", nullable=True),
        Feature("rooms", "integer"),
        Feature("floor", "integer", nullable=True),
        Feature("new", "boolean", nullable=True),
        Feature("district", "category", categories=("north", "south")),
        Feature("owner", "category", nullable=True, categories=("a", "b")),
    ),
    target="price",
    task="regression",
)
STRICT = Signature(MIXED.features, "price", "regression", serves_unseen=False)

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(["north", "south", "a", "elsewhere", "", "\0", "ö"]),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
)
plain = {
    "area": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60),
    "mean radius": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "rooms": st.integers(-(2**54), 2**54),
    "floor": st.none() | st.integers(-9, 99) | st.just(3.0),
    "new": st.none() | st.booleans(),
    "district": st.sampled_from(["north", "south", "elsewhere"]),
    "owner": st.none() | st.sampled_from(["a", "b", "c"]),
}
instances = st.fixed_dictionaries(
    {}, optional={name: strategy | values for name, strategy in plain.items()}
) | st.fixed_dictionaries(plain)


def same(one: Any, other: Any) -> bool:
    """Equal values; a missing number may be None or NaN."""
    if one is None or (isinstance(one, float) and math.isnan(one)):
        return other is None or (isinstance(other, float) and math.isnan(other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


@pytest.mark.parametrize("signature", [MIXED, STRICT], ids=["any category", "known categories"])
@given(instance=instances)
@settings(max_examples=300, deadline=None)
def test_a_row_that_is_read_quickly_is_the_signature_s(
    signature: Signature, instance: dict[str, Any]
) -> None:
    raw = json.dumps(instance).encode()
    try:
        row, text = Reader(signature).one(raw)
    except msgspec.MsgspecError:
        return  # the signature is asked
    expected = signature.read(instance)
    assert all(map(same, row, expected)), (row, expected)
    assert json.loads(text) == json.loads(text_of(signature, expected))


def test_every_plain_row_is_read_quickly() -> None:
    row, text = Reader(MIXED).one(
        b'{"area":1,"mean radius":2.5,"rooms":3,"new":true,"district":"west","owner":"a"}'
    )
    assert row == (1.0, 2.5, 3, None, True, "west", "a")
    assert json.loads(text) == [1.0, 2.5, 3, None, True, "west", "a"]


@given(many=st.lists(instances, max_size=4))
@settings(max_examples=100, deadline=None)
def test_several_rows_are_each_as_one(many: list[dict[str, Any]]) -> None:
    reader = Reader(MIXED)
    raw = [msgspec.Raw(json.dumps(instance)) for instance in many]
    try:
        each = [reader.one(item) for item in raw]
    except msgspec.MsgspecError:
        with pytest.raises(msgspec.MsgspecError):
            reader.several(raw)
        return
    assert list(zip(*reader.several(raw), strict=True)) == each


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("area", "1"),
        ("area", True),
        ("rooms", 2.5),
        ("rooms", 2**54),
        ("district", 1),
        ("new", 1),
        ("unknown", 1),
    ],
)
def test_what_the_signature_refuses_is_never_read_quickly(name: str, value: object) -> None:
    instance = {"area": 1.0, "rooms": 3, "district": "north"} | {name: value}
    with pytest.raises(Unusable):
        MIXED.read(instance)
    with pytest.raises(msgspec.MsgspecError):
        Reader(MIXED).one(json.dumps(instance).encode())


def test_a_category_that_is_not_served_is_left_to_the_signature() -> None:
    instance = json.dumps({"area": 1.0, "rooms": 3, "district": "west"}).encode()
    assert Reader(MIXED).one(instance)
    with pytest.raises(msgspec.MsgspecError):
        Reader(STRICT).one(instance)
