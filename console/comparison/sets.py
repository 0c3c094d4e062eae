"""On which rows versions are compared: held-out ones, logged ones with truth, or a table."""

from collections.abc import Sequence

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.comparison.chosen import Chosen, HeldOut, Logged, Rows, Table
from console.comparison.held_out import held_out, named
from console.comparison.logged import logged_rows
from console.comparison.tables import open_table, table_rows, uploaded

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
    return held_out(database, versions, store)
