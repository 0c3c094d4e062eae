"""How a version comes into the database: signed when it is added, and again when numbered."""

from dataclasses import replace

from backend.records import audit, blobs, drafts, registry
from backend.records.database import Database
from backend.records.drafts import NewVersion
from backend.records.registry import Version
from backend.versions import manifests
from backend.versions.artefacts import Store


def add(database: Database, new: NewVersion, store: Store, *, demo: bool = False) -> int:
    """Sign and keep what training made, and return the draft's id; makes the model if it is new.

    Raises:
        Unusable, Refused, TooLarge: as `drafts.add`.
        Unavailable: the key cannot be used.
    """
    registry.check_name(new.model)
    signed = replace(new, manifest=manifests.of_new(new, store.key))
    return drafts.add(database, signed, demo=demo)


def register(
    database: Database, draft_id: int, store: Store, *, actor: str | None = None
) -> Version:
    """Number a draft that is what was signed; one that is registered is returned as it is.

    Args:
        database: where it is.
        draft_id: its row.
        store: with the key that it is signed with.
        actor: who registers it; None for who made it.

    Raises:
        NotFound: there is no such draft.
        ArtefactDamaged: it is not what was signed, or bytes are missing or altered; no number is
            given then.
        Unavailable: the key cannot be used.
    """
    draft = drafts.one(database, draft_id)
    if draft.number is None:
        for file in manifests.check(draft, store.key).values():
            blobs.fetch(database, file.sha256)

    def sign(found: Version, number: int) -> manifests.Manifest:
        return manifests.numbered(found, number, store.key)

    return drafts.register(database, draft_id, sign, actor=actor or draft.created_by)


def vouch(
    database: Database, version: Version, store: Store, *, actor: str = audit.UNKNOWN
) -> None:
    """Sign a version or draft as it is in the database, on the word of a person.

    Raises:
        NotFound: it is there no more.
        ArtefactDamaged: it is signed with this key and was altered then, which nobody can vouch
            for; or bytes are missing or altered.
        Unavailable: the key cannot be used.
    """
    if manifests.state_of(version, store.key) == "altered":
        manifests.check(version, store.key)
    sizes = {name: len(blobs.fetch(database, sha)) for name, sha in version.files.items()}

    def sign(found: Version) -> manifests.Manifest:
        return manifests.vouched(replace(found, files=version.files), sizes, store.key)

    drafts.resign(database, version.id, sign, actor=actor)
