"""Manifests: what a version must be, signed with a key that is kept outside the database.

Whoever can write to the database can put bytes there that run code when they are loaded. So a
version is loaded only if its manifest was signed with our key, and all that decides what is
loaded is as the manifest says: model, number, task, signature, compilation and each file's sha256.
"""

import hashlib
import hmac
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed
from typing import Any, Literal

from backend.errors import ArtefactDamaged
from backend.records.drafts import NewVersion
from backend.records.registry import Version
from backend.versions.features import listed
from backend.versions.keys import Key

FORM = 1
LIBRARIES = ("scikit-learn", "joblib", "numpy")
State = Literal["signed", "unsigned", "another key", "altered"]
Manifest = dict[str, Any]
# Nothing else that the key may sign one day begins like this.
_PURPOSE = b"watchdesk manifest\n"


@dataclass(frozen=True)
class File:
    """What a file must be; `size` is in bytes."""

    sha256: str
    size: int


def of_new(new: NewVersion, key: Key) -> Manifest:
    """The signed manifest of what training made; it has no number yet.

    Raises:
        Unavailable: the key cannot be used.
    """
    files = {
        name: File(hashlib.sha256(content).hexdigest(), len(content))
        for name, content in new.files.items()
    }
    body = _body(new, None, files)
    return _signed(body | {"libraries": _libraries(files)}, key)


def numbered(draft: Version, number: int, key: Key) -> Manifest:
    """The manifest of a draft that gets its number, signed anew.

    Raises:
        ArtefactDamaged, Unavailable: as `check`, which the draft must pass.
    """
    check(draft, key)
    return _signed({**(draft.manifest or {}), "number": number}, key)


def vouched(version: Version, sizes: Mapping[str, int], key: Key) -> Manifest:
    """A manifest of what the database says now, for a person who vouches for it.

    Args:
        version: registered or a draft.
        sizes: of its files, in bytes.
        key: what to sign with.

    Raises:
        Unavailable: the key cannot be used.
    """
    files = {name: File(sha256, sizes[name]) for name, sha256 in version.files.items()}
    body = _body(version, version.number, files)
    made_with = {name: version.environment.get(name) for name in ("python", *LIBRARIES)}
    return _signed(body | {"libraries": {k: v for k, v in made_with.items() if v}}, key)


def check(version: Version, key: Key) -> dict[str, File]:
    """What the files of a version must be, if the version is what was signed with this key.

    Raises:
        ArtefactDamaged: it is not signed, signed with another key, or not what was signed.
        Unavailable: the key cannot be used.
    """
    state = state_of(version, key)
    manifest = version.manifest
    if state != "signed" or manifest is None:
        raise ArtefactDamaged(_refusal(version, state, key))
    return {name: File(**file) for name, file in manifest["files"].items()}


def state_of(version: Version, key: Key) -> State:
    """Whether a version is signed with this key, and is what was signed.

    Raises:
        Unavailable: it is signed, and the key cannot be used.
    """
    manifest: Any = version.manifest  # others may have written it
    if manifest is None:
        return "unsigned"
    if not isinstance(manifest, dict):
        return "altered"
    if not key.exists or manifest.get("key") != key.name():
        return "another key"
    if not _authentic(manifest, key) or _differences(version, manifest):
        return "altered"
    return "signed"


def made_with(version: Version, library: str) -> str | None:
    """The version of a library that made this version, where its manifest says so."""
    found = (version.manifest or {}).get("libraries", {}).get(library)
    return None if found is None else str(found)


def named(version: Version) -> str:
    """A version or draft in a sentence."""
    if version.number is None:
        return f"Draft {version.id} of `{version.model}`"
    return f"Version {version.number} of `{version.model}`"


def canonical(document: Any) -> bytes:
    """A JSON document as bytes that depend on its content alone, not on the order of keys."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _body(of: NewVersion | Version, number: int | None, files: Mapping[str, File]) -> Manifest:
    return {
        "form": FORM,
        "model": of.model,
        "number": number,
        "task": of.task,
        "signature_sha256": hashlib.sha256(canonical(of.signature)).hexdigest(),
        "compilation_sha256": hashlib.sha256(canonical(of.compilation)).hexdigest(),
        "files": {name: vars(file) for name, file in files.items()},
    }


def _libraries(files: Mapping[str, File]) -> dict[str, str]:
    compiled = any(name.endswith(".onnx") for name in files)
    names = (*LIBRARIES, "onnxruntime") if compiled else LIBRARIES
    return {"python": platform.python_version()} | {name: installed(name) for name in names}


def _signed(body: Manifest, key: Key) -> Manifest:
    key.make()
    whole = {name: value for name, value in body.items() if name != "hmac"} | {"key": key.name()}
    return whole | {"hmac": key.digest(_PURPOSE + canonical(whole))}


def _authentic(manifest: Manifest, key: Key) -> bool:
    body = {name: value for name, value in manifest.items() if name != "hmac"}
    said = str(manifest.get("hmac")).encode(errors="replace")
    return hmac.compare_digest(said, key.digest(_PURPOSE + canonical(body)).encode())


def _differences(version: Version, manifest: Manifest) -> list[str]:
    """What of a version is not as its authentic manifest says, in words."""
    said = _body(version, version.number, {})
    found = [name for name in said if name != "files" and manifest.get(name) != said[name]]
    signed = {name: file["sha256"] for name, file in manifest["files"].items()}
    names = sorted(signed.keys() | version.files.keys())
    files = [name for name in names if signed.get(name) != version.files.get(name)]
    return [name.removesuffix("_sha256") for name in found] + files


def _refusal(version: Version, state: State, key: Key) -> str:
    which = version.model if version.number is None else f"{version.model} {version.number}"
    sign = f"`python -m console sign {which}`"
    if state == "unsigned":
        return (
            f"{named(version)} has no manifest, so it is not loaded: an earlier release made it, or"
            f" somebody took its manifest away. If you trust what is in the database, sign it"
            f" ({sign}); otherwise train it again."
        )
    if state == "another key":
        where = f"not with the one in `{key.path}`" if key.exists else f"`{key.path}` is not there"
        return (
            f"{named(version)} is signed with another key ({where}), so it is not loaded. Copy the"
            " key there from the machine that signed it, or name its place in"
            f" `WATCHDESK_KEY_FILE`. If it is lost, and you trust the database, sign it: {sign}."
        )
    what = "its manifest was altered"
    if isinstance(version.manifest, dict) and _authentic(version.manifest, key):
        found = _differences(version, version.manifest)
        what = f"its {listed(found)} differ{'s' if len(found) == 1 else ''}"
    return (
        f"{named(version)} is not what was signed ({what}), so it is not loaded. Restore the"
        " database from a backup, or train it again."
    )
