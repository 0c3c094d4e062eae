"""The commands as a shell runs them: on a data directory of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from backend.settings import ROOT
from console.__main__ import main


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; NaN and Infinity are no JSON."""
        return json.loads(self.out, parse_constant=_refuse)


Shell = Callable[..., Ran]


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


@dataclass(frozen=True)
class Processes:
    """Runs commands in processes of their own."""

    folder: Path
    port: int = 1  # nothing of ours listens there

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "WATCHDESK_DATA_DIR": str(self.folder),
            "WATCHDESK_PORT": str(self.port),
            "WATCHDESK_USER": "tester",
        }

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "console", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: object) -> Ran:
        """Run a command to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return Ran(process.returncode, out, err)


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    """Commands in processes of their own, on a fresh machine."""
    return Processes(tmp_path / "data")


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """Commands in this process, on the database of the fixture `settings` if that is asked for."""
    monkeypatch.setenv("WATCHDESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WATCHDESK_USER", "tester")

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # argparse's way out
            code = int(leaving.code or 0)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
