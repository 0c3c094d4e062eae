"""The documents name what there is: each page, setting, error, command and make target."""

import argparse
import ast
import re
from collections.abc import Iterable
from pathlib import Path

from console.commands import parser

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "GLOSSARY.md", "docs/**/*.md")


def documents() -> str:
    return "\n".join(
        path.read_text() for pattern in DOCUMENTS for path in sorted(ROOT.glob(pattern))
    )


def is_named(name: str, text: str) -> bool:
    """Whether the text has the name as a whole word."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def unnamed(names: Iterable[str], form: str = "{}") -> list[str]:
    """The names that no document has, in the given form."""
    text = documents()
    return [name for name in names if not is_named(form.format(name), text)]


def test_a_name_must_stand_alone_to_count() -> None:
    assert is_named("make install", "First `make install`, then rest.")
    assert not is_named("make install", "First `make install-dev`.")
    assert not is_named("WATCHDESK_PORT", "WATCHDESK_PORTS")


def test_every_page_is_documented_by_its_file() -> None:
    pages = [path.name for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__"]

    assert "app.py" in pages
    assert unnamed(pages, "pages/{}") == []


def test_every_setting_is_documented() -> None:
    settings = {
        node.value
        for path in ("backend/settings.py", "tests/browser/chromium.py")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Constant) and re.fullmatch(r"WATCHDESK_[A-Z_]+", str(node.value))
    }

    assert {"WATCHDESK_DATA_DIR", "WATCHDESK_CHROMIUM"} <= settings
    assert unnamed(sorted(map(str, settings))) == []


def test_every_error_is_documented() -> None:
    tree = ast.parse((ROOT / "backend" / "errors.py").read_text())
    errors = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]

    assert "NoChampion" in errors
    assert unnamed(errors) == []


def test_every_command_is_documented() -> None:
    commands = [
        name
        for action in parser()._actions
        if isinstance(action, argparse._SubParsersAction)
        for name in action.choices
    ]

    assert {"train", "predictions", "drift"} <= set(commands)
    assert unnamed(commands, "python -m console {}") == []


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)

    assert {"run", "test"} <= set(targets)
    assert unnamed(targets, "make {}") == []
