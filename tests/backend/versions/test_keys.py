"""The key file: made once, whole, and for its owner alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from backend.errors import Unavailable
from backend.settings import ROOT
from backend.versions.keys import Key

MAKE = """
import sys, time
from pathlib import Path
from backend.versions.keys import Key

key = Key(Path(sys.argv[1]))
while time.time() < float(sys.argv[2]):
    pass
key.make()
print(key.read().hex())
"""


def test_it_is_made_once_with_32_random_bytes_for_its_owner_alone(tmp_path: Path) -> None:
    key = Key(tmp_path / "deep" / "key")
    assert not key.exists
    key.make()
    first = key.read()
    key.make()
    assert key.read() == first
    assert len(first) == 32
    assert first != Key(_made(tmp_path / "other")).read()
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    assert _listed(tmp_path / "deep") == ["key"]


@pytest.mark.processes
def test_processes_that_make_it_at_once_go_on_with_one_key(tmp_path: Path) -> None:
    import time

    at = str(time.time() + 1.5)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, str(tmp_path / "new" / "key"), at],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    found = {racer.communicate(timeout=60)[0].strip() for racer in racers}
    assert [racer.returncode for racer in racers] == [0] * 6
    assert found == {(tmp_path / "new" / "key").read_bytes().hex()}
    assert _listed(tmp_path / "new") == ["key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_one_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    path = _made(tmp_path / "key")
    path.chmod(mode)
    with pytest.raises(Unavailable) as refused:
        Key(path).digest(b"")
    assert refused.value.detail == (
        f"The key file `{path}` is open to others (mode {mode:o}; expected 600), who could sign"
        f" with it. Run `chmod 600 {path}`; if others have read it, remove it and sign again."
    )


@pytest.mark.parametrize("size", [0, 1, 31, 4_097])
def test_one_that_is_empty_or_cut_short_is_refused(tmp_path: Path, size: int) -> None:
    path = _made(tmp_path / "key")
    path.write_bytes(bytes(size))
    with pytest.raises(Unavailable) as refused:
        Key(path).read()
    assert refused.value.detail == (
        f"The key file `{path}` has {size:,} bytes; expected 32 to 4,096. Copy it again from the"
        " machine that signed, or remove it, let another be made, and sign again:"
        " `python -m console sign --all`."
    )


def test_a_folder_or_a_pipe_is_no_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(Unavailable, match="is no plain file"):
            Key(path).read()


def test_one_that_is_missing_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        Key(tmp_path / "key").read()
    assert refused.value.detail == (
        f"There is no key file `{tmp_path / 'key'}`. Copy the key there from the machine that"
        " signed, or name its place in `WATCHDESK_KEY_FILE`."
    )
    assert _listed(tmp_path) == []


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as refused:
        Key(tmp_path / "file" / "key").make()
    assert refused.value.detail == (
        f"The key file `{tmp_path / 'file' / 'key'}` cannot be made (File exists). Make its folder"
        " writable, or set `WATCHDESK_KEY_FILE` to a file in a folder of yours."
    )
    with pytest.raises(Unavailable, match=r"key` cannot be read \(Not a directory\)"):
        Key(tmp_path / "file" / "key").read()


def test_its_name_tells_it_from_others_and_gives_nothing_away(tmp_path: Path) -> None:
    one, other = (Key(_made(tmp_path / name)) for name in ("one", "other"))
    assert one.name() == Key(one.path).name() != other.name()
    assert one.name() not in one.read().hex()


def _listed(folder: Path) -> list[str]:
    return [found.name for found in folder.iterdir()]


def _made(path: Path) -> Path:
    Key(path).make()
    return path
