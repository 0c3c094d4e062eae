"""The text of a model's gates, as somebody wrote it; what it means is read in the console."""

import hashlib
from typing import Final

import sqlalchemy as sa

from backend.errors import Refused
from backend.records import audit
from backend.records.database import Database
from backend.records.people import check_name
from backend.records.registry import model_row
from backend.records.tables import models

ANY: Final = "\0"
"""As `seen`: write over whatever is there. No text of rules holds it."""


def get(database: Database, model: str) -> str | None:
    """The text; None where nothing was written.

    Raises:
        NotFound: there is no such model.
    """
    with database.read() as connection:
        text: str | None = model_row(connection, model).gates
        return text


def put(
    database: Database, model: str, text: str | None, *, actor: str, seen: str | None = ANY
) -> None:
    """Write the text; None brings the default back. The audit log keeps the text before and after.

    Writing what is there already changes nothing and is not recorded.

    Args:
        seen: what the writer saw (None: nothing was written); `ANY` does not ask.

    Raises:
        NotFound: there is no such model.
        Refused: somebody wrote another text since it was seen.
        Unusable: the name is empty or cannot be kept.
    """
    check_name(actor, "writes gates")
    with database.write() as connection:
        before: str | None = model_row(connection, model, lock=True).gates
        if seen not in (ANY, before):
            raise Refused(
                f"Somebody changed the gates of `{model}` meanwhile, and nothing was overwritten."
                " Look at what they wrote, then save again."
            )
        if before == text:
            return
        connection.execute(sa.update(models).where(models.c.name == model).values(gates=text))
        by, detail = actor.strip(), {"before": before, "after": text, "sha256": _sha256(text)}
        audit.append(connection, actor=by, action="gates", subject=model, detail=detail)


def _sha256(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()
