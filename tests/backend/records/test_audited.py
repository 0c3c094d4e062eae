"""No writer of records is forgotten: each has its row in the audit log, or a reason for none."""

import ast
from collections.abc import Iterator
from pathlib import Path

from backend.settings import ROOT

NOT_AUDITED = {
    # What callers send and what is derived from it: the log itself, and no change to it.
    "predictions.append": "the prediction log",
    "shadows.append": "the challenger's answers",
    "summaries.advance": "counts of the log",
    "summaries.clear": "counts of the log, which are made again from it",
    # Bytes mean nothing until a row names them, and that row is audited.
    "blobs.store": "bytes",
    "blobs.sweep": "bytes that nothing names",
    "blobs._sweep_chunks": "bytes that nothing names",
    "blobs._touched": "bytes",
    "blobs._write_chunk": "bytes",
    # Programs at work, each with a history of its own.
    "deliveries.claim": "a message about an alert",
    "deliveries.delivered": "a message about an alert",
    "deliveries.failed": "a message about an alert",
    "announcing._next": "a message about a promotion",
    "database.migrate": "the schema",
    # Parts of a removal: who removes writes the row when all is gone.
    "removal.remove_rows": "rows of a model",
    "summaries.remove_sketches": "counts of a model's log",
}


def functions(module: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def calls(function: ast.FunctionDef) -> set[str]:
    """What a function calls, by name: `audit.append`, `_record`, `database.write`."""
    made = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {ast.unparse(name) for name in made if isinstance(name, ast.Name | ast.Attribute)}


def test_every_writer_of_records_has_its_row_in_the_audit_log_or_a_reason_for_none() -> None:
    modules = sorted((ROOT / "backend" / "records").glob("*.py"))
    made = {f"{m.stem}.{f.name}": calls(f) for m in modules for f in functions(m)}
    known = {"audit.append", "audit.append_all"}
    while True:
        found = {
            name
            for name, called in made.items()
            if called & known or {f"{name.split('.')[0]}.{one}" for one in called} & known
        }
        if found <= known:
            break
        known |= found
    writers = {name for name, called in made.items() if "database.write" in called}
    assert writers - known - NOT_AUDITED.keys() == set()
    assert known >= {"aliases.promote", "drafts.add", "reviews.close", "monitors.change"}
