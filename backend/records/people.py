"""The names of people: what may be given as one, and when two are of one person.

Until there is sign-in a name is what somebody says. So it must at least be seen, and two that look
alike because some of their characters are not drawn are one.
"""

import unicodedata
from bisect import bisect_right
from typing import Final

from backend.errors import Unusable
from backend.records.review_rules import check_text

MOST_NAME: Final = 200

# Default_Ignorable_Code_Point: drawn as nothing by whoever does not support them (Unicode Character
# Database 16.0, DerivedCoreProperties.txt; The Unicode Standard, section 5.21). First and last.
DEFAULT_IGNORABLE: Final = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),
    (0x115F, 0x1160),  # Hangul choseong and jungseong filler
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),  # zero width space, joiners, marks of direction
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags, more variation selectors
)
_BLANK: Final = 0x2800  # braille pattern blank: a symbol without a dot
_FORMAT: Final = "Cf"
_STARTS: Final = [first for first, _ in DEFAULT_IGNORABLE]
# They choose one drawing of the character before them: names in Japanese have them.
_SELECTORS: Final = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


def same_person(one: str, other: str) -> bool:
    """Whether two names are of one person.

    Case, surplus spaces, characters that are not seen and compatible forms of letters make no other
    person (Unicode NFKC and case folding, The Unicode Standard, sections 3.11 and 3.13). Letters of
    different scripts that look alike do.
    """
    return _folded(one) == _folded(other)


def check_name(who: str, what: str) -> None:
    """Check a name.

    Args:
        what: what the person does, as a verb after `who`: `asks`.

    Raises:
        Unusable: it is empty, too long, or has characters that cannot be printed or seen.
    """
    if not who.strip():
        raise Unusable(f"There is no name for who {what}. Give one, or set `WATCHDESK_USER`.")
    if len(who) > MOST_NAME or not who.isprintable():
        raise Unusable(
            f"The name of who {what} has {len(who):,} characters or some that cannot be printed;"
            f" expected at most {MOST_NAME}."
        )
    hidden = next((c for c in who if not _is_seen(c) and not _within(ord(c), _SELECTORS)), None)
    if hidden is not None or not _folded(who):
        which = "" if hidden is None else f" (U+{ord(hidden):04X})"
        raise Unusable(
            f"The name of who {what} has characters that are not visible{which}, so nobody could"
            " tell it from another. Write it without them."
        )


def check_said(who: str, reason: str, what: str) -> None:
    """Check a name and a reason.

    Raises:
        Unusable: the name is empty, too long or cannot be printed or seen, or the reason is empty,
            too long or no text.
    """
    check_name(who, what)
    check_text(reason)
    if not reason.strip():
        raise Unusable("The reason is empty; say in a sentence why, for those who read it later.")


def _folded(name: str) -> str:
    # Before and after: a filler's compatible form is another filler, and what is not seen between
    # a letter and its accent keeps the two from being composed.
    shown = _shown(unicodedata.normalize("NFKC", _shown(name)))
    return unicodedata.normalize("NFKC", " ".join(shown.split()).casefold())


def _shown(text: str) -> str:
    return "".join(filter(_is_seen, text))


def _is_seen(character: str) -> bool:
    code = ord(character)
    if code == _BLANK or unicodedata.category(character) == _FORMAT:
        return False
    place = bisect_right(_STARTS, code) - 1
    return place < 0 or code > DEFAULT_IGNORABLE[place][1]


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
