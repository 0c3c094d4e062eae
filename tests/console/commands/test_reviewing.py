"""`review` and `reviews` from a shell, up to bytes that were altered."""

from datetime import timedelta
from pathlib import Path

import pytest

from backend.records import review_rules, tables
from console.windows import iso
from tests.console.commands.conftest import Shell
from tests.console.reviews.conftest import HOSTILE, MOVED, Logged, logged

__all__ = ["logged"]
DUE = (review_rules.earliest_today() + timedelta(days=7)).isoformat()
KEY = f"feature:{HOSTILE}"


def frozen(shell: Shell) -> dict[str, object]:
    window = ("--from", iso(MOVED.start), "--to", iso(MOVED.end))
    found = shell("review", "diabetes", "--freeze", *window, "--no-evidently", "--json").document
    assert isinstance(found, dict)
    return found


def test_freezes_decides_lists_and_prints(shell: Shell, logged: Logged, tmp_path: Path) -> None:
    found = frozen(shell)
    assert (found["id"], found["status"], found["version"]) == (1, "drifted", 1)
    assert (found["from"], found["to"]) == (iso(MOVED.start), iso(MOVED.end))
    asked = ("--owner", "Grace", "--due", DUE, "--text", "Look again.")
    decided = ("review", "diabetes", "--id", 1, "--decide", KEY, "watch", *asked, "--json")
    (held,) = [one for one in shell(*decided).document["findings"] if one["key"] == KEY]
    assert held["decision"]["decision"] == "watch"
    assert (held["decision"]["owner"], held["decision"]["due_on"]) == ("Grace", DUE)
    listed = shell("reviews", "diabetes", "--json").document
    assert listed["model"] == "diabetes"
    (one,) = listed["reviews"]
    assert (one["sha256"], one["decisions"], one["open_actions"]) == (found["sha256"], 1, 1)
    page = tmp_path / "review.html"
    assert shell("review", "diabetes", "--id", 1, "--html", page).code == 0
    assert "Look again." in page.read_text()


def test_verify_says_whether_bytes_were_altered(shell: Shell, logged: Logged) -> None:
    found = frozen(shell)
    document = shell("review", "diabetes", "--id", 1, "--verify", "--json").document
    assert (document["verified"], document["sha256"]) == (True, found["sha256"])
    chunks = tables.blob_chunks
    with logged.database.write() as connection:
        mine = chunks.c.sha256 == found["sha256"]
        connection.execute(chunks.update().where(mine).values(bytes=b"{}"))
    ran = shell("review", "diabetes", "--id", 1, "--verify")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("The document of review 1 is not what was frozen under")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--freeze", "--id", 1),
        ("--freeze", "--verify"),
        ("--id", 1, "--version", 1),
        ("--id", "first"),
        ("--id", 1, "--owner", "Grace"),
        ("--id", 1, "--verify", "--html", "x.html"),
    ],
)
def test_what_does_not_belong_together_is_not_understood(
    shell: Shell, arguments: tuple[object, ...]
) -> None:
    assert shell("review", "diabetes", *arguments).code == 2


def test_a_review_of_another_model_is_not_found(shell: Shell, logged: Logged) -> None:
    frozen(shell)
    ran = shell("review", "iris", "--id", 1)
    assert ran.code == 1
    assert ran.err == (
        "Review 1 is of model `diabetes`, not of `iris`. `python -m console reviews diabetes`"
        " lists its reviews.\n"
    )
    assert shell("reviews", "iris").code == 1
