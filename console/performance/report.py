"""The facade: is a version still right in a window of its log?"""

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.performance.results import Performance


def performance(database: Database, version: Version, window: Window, store: Store) -> Performance:
    """Whether `version` is still right in `window`; figures that cannot be had say why.

    Raises:
        ArtefactDamaged: the version's reference or held-out rows are missing or altered.
    """
    raise NotImplementedError
