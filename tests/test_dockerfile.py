"""The Dockerfile installs and starts: its own commands, run in a bare virtual environment.

There is no container here. Each absolute path of the image becomes one under a temporary folder,
and what the image would copy is copied there, less what .dockerignore keeps out. So a command
that fails, a package that the lock lacks or a file that no COPY names fails here too.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parent.parent
IMAGE_FOLDERS = ("build", "venv", "app", "data")
IMAGE_PATH = re.compile(rf"(?<![\w/])/(?=({'|'.join(IMAGE_FOLDERS)})\b)")
STARTS_WITHIN_S = 90


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str


def instructions() -> list[list[Instruction]]:
    """The Dockerfile's instructions, one list per stage."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    stages: list[list[Instruction]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            stages.append([])
        stages[-1].append(Instruction(word, rest))
    return stages


BUILD, FINAL = instructions()


def every(stage: list[Instruction], word: str) -> list[str]:
    return [each.rest for each in stage if each.word == word]


def only(stage: list[Instruction], word: str) -> str:
    (rest,) = every(stage, word)
    return rest


class Image:
    """A folder that stands for the image's file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in IMAGE_FOLDERS:
            (root / folder).mkdir(parents=True)
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WATCHDESK_", "STREAMLIT_", "PYTHON", "VIRTUAL_ENV"))
        }

    def real(self, text: str) -> str:
        """The text with the image's absolute paths under the temporary folder."""
        return IMAGE_PATH.sub(f"{self.root}/", text)

    def run(self, command: str, cwd: Path) -> None:
        # `python` is the base image's, which has nothing installed: here the interpreter beneath
        # this virtual environment.
        base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        command = self.real(command).replace("python -m venv", f"{shlex.quote(str(base))} -m venv")
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def copy(self, arguments: str, workdir: str) -> None:
        *sources, target = arguments.split()
        for source in sources:
            found = list(context_files(source))
            assert found, f"`COPY {arguments}` finds nothing that .dockerignore lets through"
            for path in found:
                inside = path.relative_to(source) if (ROOT / source).is_dir() else Path(path.name)
                to = self.root / workdir[1:] / target / inside
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, to)


def context_files(source: str) -> Iterator[Path]:
    """The files of the build context at or under a path, relative to its root."""
    start = ROOT / source
    for path in [start] if start.is_file() else start.rglob("*"):
        relative = path.relative_to(ROOT)
        if path.is_file() and not is_ignored(relative):
            yield relative


def is_ignored(path: Path) -> bool:
    """What .dockerignore says of it: the last pattern that matches it or a parent decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        negated, pattern = pattern.startswith("!"), pattern.removeprefix("!")
        if any(matches(part, pattern) for part in (path, *path.parents)):
            ignored = not negated
    return ignored


def matches(path: Path, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return path.match(pattern.removeprefix("**/"))
    return len(path.parts) == len(Path(pattern).parts) and path.match(pattern)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built: its build stage run, its files copied."""
    image = Image(tmp_path_factory.mktemp("image"))
    workdir = only(BUILD, "WORKDIR")
    for each in BUILD:
        if each.word == "COPY":
            image.copy(each.rest, workdir)
        elif each.word == "RUN":
            image.run(each.rest, image.root / workdir[1:])
    for arguments in every(FINAL, "COPY"):
        if not arguments.startswith("--from=build "):
            image.copy(arguments, only(FINAL, "WORKDIR"))
    return image


def environment_of(image: Image) -> dict[str, str]:
    environment = dict(image.environment)
    for assignment in shlex.split(only(FINAL, "ENV")):
        name, value = assignment.split("=", maxsplit=1)
        environment[name] = image.real(value).replace("$PATH", environment["PATH"])
    return environment


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=4).status_code == 200
    except requests.RequestException:
        return False


def wait_for(
    claim: str, is_so: Callable[[], bool], process: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not is_so():
        assert process.poll() is None, f"it ended with {process.returncode}:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"{claim}: not so\n{log.read_text()}"
        time.sleep(0.2)


def test_copies_every_module_that_can_be_imported(image: Image) -> None:
    app = image.root / only(FINAL, "WORKDIR")[1:]
    modules = [ROOT / "streamlit_app.py"]
    for package in ("backend", "console", "pages"):
        modules += (ROOT / package).rglob("*.py")

    missing = [path for path in modules if not (app / path.relative_to(ROOT)).is_file()]

    assert not missing
    assert len(modules) > 30


def test_starts_and_answers_its_health_check(image: Image, tmp_path: Path) -> None:
    console, service = free_port(), free_port()
    environment = environment_of(image) | {
        "STREAMLIT_SERVER_PORT": str(console),
        "WATCHDESK_HOST": "127.0.0.1",
        "WATCHDESK_PORT": str(service),
        "WATCHDESK_DEMO": "no",
    }
    # Servers of tests listen on loopback only; in a container the address is every interface.
    command = [part.replace("=0.0.0.0", "=127.0.0.1") for part in json.loads(only(FINAL, "CMD"))]
    health = json.loads(only(FINAL, "HEALTHCHECK").split(" CMD ", maxsplit=1)[1])
    check = [part.replace(":8501/", f":{console}/") for part in health]
    for part in (command, check):
        binary = shutil.which(part[0], path=environment["PATH"])
        assert binary is not None
        assert Path(binary).is_relative_to(image.root), "the image's own, not this machine's"
        part[0] = binary
    workdir = image.root / only(FINAL, "WORKDIR")[1:]

    def is_healthy() -> bool:
        return (
            subprocess.run(check, env=environment, capture_output=True, check=False).returncode == 0
        )

    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=workdir,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for("the health check passes", is_healthy, process, log)
        url = f"http://127.0.0.1:{service}/health"
        wait_for("the service answers", lambda: answers(url), process, log)
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert list((image.root / "data").iterdir()), "nothing was written to the volume"
    assert not answers(f"http://127.0.0.1:{service}/health"), "the service outlived the console"


def test_copies_no_local_data_and_no_secrets() -> None:
    assert is_ignored(Path("data/local/watchdesk.db"))
    assert is_ignored(Path(".env"))
    assert is_ignored(Path(".streamlit/secrets.toml"))
    assert is_ignored(Path("backend/records/__pycache__/tables.cpython-312.pyc"))
    assert not is_ignored(Path("backend/records/tables.py"))


def test_runs_as_a_person_without_rights() -> None:
    assert only(FINAL, "USER") not in {"root", "0"}
    assert f"useradd --uid 10001 --create-home {only(FINAL, 'USER')}" in only(FINAL, "RUN")


def test_exposes_console_and_service_and_keeps_data_in_a_volume() -> None:
    environment = dict(pair.split("=", 1) for pair in shlex.split(only(FINAL, "ENV")))

    assert only(FINAL, "EXPOSE").split() == ["8501", environment["WATCHDESK_PORT"]]
    assert only(FINAL, "VOLUME") == environment["WATCHDESK_DATA_DIR"]
