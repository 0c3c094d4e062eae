"""What may be given as a name, and when two names are of one person."""

import unicodedata

import pytest

from backend.errors import Unusable
from backend.records.people import (
    DEFAULT_IGNORABLE,
    MOST_NAME,
    check_name,
    check_said,
    same_person,
)

UNSEEN: tuple[int, ...] = (
    0xAD,
    0x34F,
    0x61C,
    0x115F,
    0x1160,
    0x17B4,
    0x180B,
    0x180E,
    0x200B,
    0x2064,
    0x2800,
)
UNSEEN += (0x3164, 0xFE0F, 0xFEFF, 0xFFA0, 0x1D173, 0xE0041, 0xE0100, 0xE0FFF)


@pytest.mark.parametrize("code", UNSEEN)
def test_characters_that_are_not_seen_make_no_other_person(code: int) -> None:
    for name in (f"An{chr(code)}a", f"{chr(code)}ana", f"ANA {chr(code)}"):
        assert same_person("Ana", name)
    assert same_person("Zoë", f"Zoe{chr(code)}\u0308")


def test_the_ranges_hold_each_format_character_that_is_said_to_be_ignorable() -> None:
    listed = {code for first, last in DEFAULT_IGNORABLE for code in range(first, last + 1)}
    assert list(DEFAULT_IGNORABLE) == sorted(DEFAULT_IGNORABLE)
    # DerivedCoreProperties.txt 16.0 counts 4,174 code points, unassigned ones among them.
    assert len(listed) == 4_174
    format_only = [c for c in range(0x2000, 0x2070) if unicodedata.category(chr(c)) == "Cf"]
    assert set(format_only) <= listed


def test_letters_that_only_look_alike_are_another_persons() -> None:
    assert not same_person("Ana", "\u0410na")  # a Cyrillic capital
    assert not same_person("Ana", "Anna")


@pytest.mark.parametrize(
    "name", ["An\u034fa", "Ana\u3164", "\u2800", "Ana\u2800", "\uffa0", "\ufe0f"]
)
def test_a_name_with_characters_that_are_not_seen_is_refused(name: str) -> None:
    with pytest.raises(Unusable, match="are not visible"):
        check_name(name, "approves")


@pytest.mark.parametrize(
    "name", ["Ana", "Łukasz Żak", "葛\U000e0100城", "李 明", "Zoe\u0308", "o'Neil-7"]
)
def test_a_name_of_whatever_script_may_be_given(name: str) -> None:
    check_name(name, "approves")


def test_what_is_refused_is_named() -> None:
    with pytest.raises(Unusable) as refused:
        check_said("Ana\u3164", "Better.", "approves")
    assert refused.value.detail == (
        "The name of who approves has characters that are not visible (U+3164), so nobody could"
        " tell it from another. Write it without them."
    )
    with pytest.raises(Unusable, match="There is no name for who asks"):
        check_said(" ", "Better.", "asks")
    with pytest.raises(Unusable, match="has 201 characters"):
        check_said("a" * (MOST_NAME + 1), "Better.", "asks")
    with pytest.raises(Unusable, match="The reason is empty"):
        check_said("Ana", " ", "asks")
