"""What is declared can be imported together, and what is imported is declared."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"backend", "console", "pages", "scripts", "streamlit_app", "tests"}
# Declared for another package, which finds it by itself.
NOT_IMPORTED = {
    "httptools": "uvicorn parses with it",
    "uvloop": "uvicorn's event loop",
}
IMPORT_ALL = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
for module in json.loads(sys.argv[1]):
    importlib.import_module(module)
import pandas, pysqlite3
print(json.dumps({"pandas": pandas.__version__, "sqlite": pysqlite3.sqlite_version}))
"""


def declared(file: str) -> set[str]:
    """The distributions that a .in file names."""
    lines = (ROOT / file).read_text().splitlines()
    names = (
        re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith(("-", "#"))
    )
    return {normal(name.group()) for name in names if name}


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def modules_of(distributions: set[str]) -> dict[str, str]:
    """The top-level modules that these distributions bring, with the distribution of each."""
    return {
        module: normal(owner)
        for module, owners in packages_distributions().items()
        for owner in owners
        if normal(owner) in distributions and module.isidentifier() and module[0] != "_"
    }


def imported(*folders: str) -> Iterator[tuple[str, Path]]:
    """Every top-level module that our code imports from elsewhere, and where."""
    for folder in folders:
        for path in [ROOT / folder] if folder.endswith(".py") else (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                else:
                    continue
                for top in {name.partition(".")[0] for name in names}:
                    if top not in OURS and top not in sys.stdlib_module_names:
                        yield top, path.relative_to(ROOT)


@pytest.fixture(scope="module")
def versions() -> dict[str, str]:
    """All runtime dependencies imported in one process, and the versions it saw."""
    modules = sorted(modules_of(declared("requirements.in")))
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, json.dumps(modules)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return seen


def test_every_declared_dependency_brings_a_module() -> None:
    names = declared("requirements.in")

    assert set(modules_of(names).values()) == names
    assert {"evidently", "pandas", "streamlit"} <= names


def test_all_of_them_can_be_imported_together(versions: dict[str, str]) -> None:
    """Evidently 0.7.23 fails at import with pandas 3."""
    assert int(versions["pandas"].partition(".")[0]) < 3


def test_sqlite_is_free_of_the_bug_that_corrupts_a_database(versions: dict[str, str]) -> None:
    """Up to 3.51.2 two connections that write and checkpoint at once can damage the file."""
    assert tuple(map(int, versions["sqlite"].split("."))) >= (3, 51, 3)


def test_what_the_application_imports_is_declared() -> None:
    modules = modules_of(declared("requirements.in"))

    undeclared = {
        (top, str(path))
        for top, path in imported("backend", "console", "pages", "streamlit_app.py")
        if top not in modules
    }

    assert not undeclared


def test_what_is_declared_is_imported() -> None:
    modules = modules_of(declared("requirements.in"))
    seen = {top for top, _ in imported("backend", "console", "pages", "streamlit_app.py")}

    unused = declared("requirements.in") - {modules[top] for top in seen if top in modules}

    assert unused == set(NOT_IMPORTED)


def test_what_the_tests_import_is_declared() -> None:
    modules = modules_of(declared("requirements.in") | declared("requirements-dev.in"))

    undeclared = {
        (top, str(path))
        for top, path in imported("tests", "scripts")
        # The benchmark's peers have environments of their own.
        if top not in modules and "peers" not in path.parts
    }

    assert not undeclared


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_every_pin_carries_a_hash(lock: str) -> None:
    """`make install` installs with `--no-deps --require-hashes`, so the lock must be whole."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    pins = [entry for entry in entries if not entry.startswith("#")]

    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
    wanted = declared(lock.replace(".txt", ".in"))
    assert wanted <= {normal(pin.partition("==")[0]) for pin in pins}


def test_evidently_is_in_no_process_but_a_job() -> None:
    """Its import costs seconds, and memory that every garbage collection walks again."""
    source = """
import importlib, pkgutil, sys, warnings
warnings.simplefilter("ignore")
import backend, console
for package in (backend, console):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith(("__main__", ".env", ".evidently_report")):
            if ".migrations" not in found.name:
                importlib.import_module(found.name)
print([name for name in sys.modules if name.partition(".")[0] == "evidently"][:3])
"""
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
