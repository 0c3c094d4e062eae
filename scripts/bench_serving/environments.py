"""An environment for each peer, in a folder that git ignores."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from backend.settings import ROOT

FOLDER = ROOT / ".bench"
PEERS = Path(__file__).parent / "peers"
OURS = (
    "fastapi",
    "httptools",
    "msgspec",
    "numpy",
    "onnxruntime",
    "pysqlite3",
    "scikit-learn",
    "starlette",
    "uvicorn",
    "uvloop",
)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_ASK = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


def scripts_of(name: str) -> Path:
    """The folder of an environment's programs; without a name, of the one this runs in."""
    return FOLDER / "environments" / name / "bin" if name else Path(sys.executable).parent


def install(name: str) -> None:
    """Make the environment of a peer, unless it is there as `peers/NAME.txt` wants it."""
    wanted = PEERS / f"{name}.txt"
    folder = FOLDER / "environments" / name
    stamp = folder / ".installed"
    expected = f"{sys.version}\n{wanted.read_text()}"
    if stamp.exists() and stamp.read_text() == expected:
        return
    print(f"Installing {name} into {folder.relative_to(ROOT)}.", flush=True)
    if not _with_uv(folder, wanted):
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([*pip, "--disable-pip-version-check", "-r", str(wanted)])
    stamp.write_text(expected)


def versions(name: str) -> dict[str, str]:
    """The versions of what `peers/NAME.txt` names, as installed; without a name, of ours."""
    if not name:
        return {each: version(each) for each in OURS}
    lines = (PEERS / f"{name}.txt").read_text().splitlines()
    names = [match.group() for line in lines if (match := _NAME.match(line))]
    asked = [str(scripts_of(name) / "python"), "-c", _ASK, *names]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found: dict[str, str] = json.loads(said)
    return found


def _with_uv(folder: Path, wanted: Path) -> bool:
    """Install with uv; False where there is none or it does not reach the index that pip does."""
    uv = Path(sys.executable).parent / "uv"
    python = str(folder / "bin" / "python")
    return uv.exists() and all(
        subprocess.run([str(uv), *arguments], check=False).returncode == 0
        for arguments in (
            ("venv", "--quiet", "--clear", "--python", sys.executable, str(folder)),
            ("pip", "install", "--quiet", "--python", python, "-r", str(wanted)),
        )
    )


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise SystemExit(f"`{' '.join(command)}` failed; see above.")
