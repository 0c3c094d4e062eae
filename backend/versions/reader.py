"""Rows straight from JSON bytes, for requests that are well formed.

`Signature.read` checks value by value and can say what is wrong. Nearly every request is right,
and for those msgspec checks and converts a whole row in one pass, by a type made from the
signature. Whatever this refuses is read again by the signature, which has the last word: a row is
answered by both or by the signature alone, never by this alone.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from backend.versions.features import LARGEST_WHOLE, Feature
from backend.versions.signature import Signature

Row = Sequence[Any]
_encode = msgspec.json.Encoder().encode
_as_tuple = msgspec.structs.astuple


class Reader:
    """Reads JSON objects by feature name for one signature. Thread-safe."""

    def __init__(self, signature: Signature) -> None:
        fields = [_field(f"f{i}", f, signature) for i, f in enumerate(signature.features)]
        named = {f"f{i}": f.name for i, f in enumerate(signature.features)}
        made = msgspec.defstruct(
            "Features", fields, rename=named, forbid_unknown_fields=True, kw_only=True
        )
        self._one = msgspec.json.Decoder(made)
        self._several = msgspec.json.Decoder(list[made])  # type: ignore[valid-type]  # made above

    def one(self, raw: bytes | msgspec.Raw) -> tuple[Row, str]:
        """One JSON object as the values to score, and as the JSON array that is logged.

        Raises:
            msgspec.MsgspecError: it is not plainly of this form; ask the signature.
        """
        row = _as_tuple(self._one.decode(raw))
        return row, _encode(row).decode()

    def several(self, items: Sequence[msgspec.Raw]) -> tuple[list[Row], list[str]]:
        """JSON objects, each as `one` gives it.

        Raises:
            msgspec.MsgspecError: one of them is not plainly of this form; ask the signature.
        """
        found = self._several.decode(b"[%b]" % b",".join(items))
        rows: list[Row] = list(map(_as_tuple, found))
        return rows, [text.decode() for text in map(_encode, rows)]


def text_of(signature: Signature, row: Row) -> str:
    """A row that `Signature.read` gave, as the JSON array that is logged."""
    return _encode(list(signature.as_object(row).values())).decode()


def items_of(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The items of a JSON list, none of them read yet.

    Raises:
        msgspec.MsgspecError: it is no JSON list.
    """
    return _ITEMS.decode(raw)


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def _field(name: str, feature: Feature, signature: Signature) -> Any:
    kind = _type(feature, signature)
    return (name, kind | None, None) if feature.nullable else (name, kind)


def _type(feature: Feature, signature: Signature) -> Any:
    if feature.kind == "number":
        return float
    if feature.kind == "integer":
        return Annotated[int, msgspec.Meta(ge=-LARGEST_WHOLE, le=LARGEST_WHOLE)]
    if feature.kind == "boolean":
        return bool
    if signature.serves_unseen or not feature.categories:
        return str
    return Literal[feature.categories]
