"""On which rows versions are compared: held-out ones, logged ones with truth, or a table."""

from collections.abc import Sequence
from dataclasses import replace

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.comparison.chosen import Chosen, HeldOut, Logged, Rows, Table
from console.comparison.held_out import held_out, held_out_title, named
from console.comparison.logged import logged_rows
from console.comparison.opened import open_table, uploaded
from console.comparison.tables import table_rows
from console.comparison.usable import usable

__all__ = ["Chosen", "HeldOut", "Logged", "Rows", "Table", "open_table", "rows", "uploaded"]


def rows(database: Database, versions: Sequence[Version], chosen: Chosen, store: Store) -> Rows:
    """The rows that were chosen, as far as all of the versions can answer them.

    Of more than 50,000 rows a random 50,000 are taken.

    Args:
        versions: of one task; held-out rows are those of the last.

    Raises:
        Unusable: the tasks differ, a column is missing, or fewer than 30 rows are left.
        ArtefactDamaged: a version's held-out rows are missing or altered.
    """
    for one in versions[:-1]:
        if one.task != versions[-1].task:
            raise Unusable(
                f"{named(one).capitalize()} is a {one.task} and {named(versions[-1])} a"
                f" {versions[-1].task}; expected two versions of one task."
            )
    if isinstance(chosen, Logged):
        return logged_rows(database, versions, chosen.window)
    if isinstance(chosen, Table):
        return table_rows(database, versions, chosen, store)
    found = held_out(database, versions, store)
    # Rows of other data may have values that a version refuses, and could not answer.
    kept = usable(found.frame, versions, f"held-out rows of {named(versions[-1])}")
    title = held_out_title(len(kept.frame), versions[-1])
    return replace(found, frame=kept.frame, title=title, notes=kept.notes)
