"""What others wrote, inside Markdown of ours: shown as the text that it is."""

_MARKS = frozenset("\\`*_{}[]<>#+-!|~$:")


def named(text: str | None) -> str:
    """What somebody wrote, inside a sentence: one line, and nothing in it is Markdown."""
    return _escaped(" ".join((text or "").split()))


def sentence(text: str) -> str:
    """A sentence of ours as one line: names in backticks are code, and all else is plain text.

    A name may hold anything, a backtick too: each piece is literal, whichever way it is taken.
    """
    pieces = " ".join(text.split()).split("`")
    if len(pieces) % 2 == 0:  # a backtick is left alone
        pieces[-2:] = [f"{pieces[-2]}´{pieces[-1]}"]
    return "".join(
        f"`{piece}`" if place % 2 and piece.strip() else _escaped(piece)
        for place, piece in enumerate(pieces)
    )


def quoted(name: str) -> str:
    """A name as code, whatever is in it."""
    return f"`{' '.join(name.split()).replace('`', '´')}`"


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in _MARKS else c for c in text)
