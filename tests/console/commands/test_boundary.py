"""The boundary: help, sentences, exit codes, and what a terminal gets to see."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backend.settings import ROOT
from console import commands
from console.commands.output import Progress, shown, table
from tests.console.commands.conftest import Processes, Shell

COMMANDS = (
    *("demo", "work", "jobs", "models", "predictions", "train"),
    *("promote", "rollback", "export", "sign", "shadow", "replay", "drift", "summaries"),
    *("performance", "review", "reviews", "watch", "monitors", "channels", "drill"),
    *(
        "audit",
        "compare",
        "rescore",
        "history",
        "retention",
        "probation",
        "policy",
        "gates",
        "scenarios",
        "requests",
        "approve",
        "refuse",
        "withdraw",
    ),
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_takes_json(shell: Shell, name: str) -> None:
    ran = shell(name, "--help")
    assert ran.code == 0
    assert "--json" in ran.out


def test_the_commands_are_those_that_are_documented() -> None:
    (choices,) = (a.choices for a in commands.parser()._actions if a.choices is not None)
    assert set(choices) == set(COMMANDS)


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from console import __main__, commands; commands.parser().format_help();"
        " print(sorted({'numpy', 'pandas', 'sklearn', 'sqlalchemy'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"


def test_what_is_not_there_is_a_sentence_and_exit_code_1(shell: Shell) -> None:
    ran = shell("promote", "nothing", "1", "--reason", "why not", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert (
        ran.err
        == "There is no model `nothing`. Overview and `python -m console models` list all.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["promote", "m", "first", "--reason", "x"],
        ["promote", "m", "1"],
        ["predictions", "--limit", "0"],
        ["drift"],
        ["drift", "m", "--reference", "a.csv"],
        ["drift", "--reference", "a.csv", "--current", "b.csv", "--version", "1"],
        ["demo", "--reset", "--remove"],
        ["train", "--model", "m", "--data", "builtin:iris", "--parameter", "C=much"],
    ],
)
def test_what_is_not_understood_is_exit_code_2_and_no_output(
    shell: Shell, arguments: list[str]
) -> None:
    ran = shell(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usage: python -m console")


def test_a_database_that_is_none_is_a_sentence_and_exit_code_3(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "watchdesk.db").write_text("This is a shopping list, not a database." * 99)
    ran = shell("models", "--json")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        "The database cannot be opened: file is not a database. See that `WATCHDESK_DATABASE_URL`"
        " or `WATCHDESK_DATA_DIR` names a database of Watchdesk's, or restore it from a backup.\n"
    )


def test_a_folder_that_cannot_be_made_is_a_sentence_and_exit_code_3(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    ran = shell("models")
    assert (ran.code, ran.out) == (3, "")
    assert "cannot be opened (File exists). Set `WATCHDESK_DATA_DIR` to a folder" in ran.err


@pytest.mark.processes
def test_ctrl_c_is_exit_code_130_and_no_traceback(processes: Processes) -> None:
    # A forest of twenty folds: what a library swallows is raised again a second later, and by then
    # a linear model might be trained.
    process = processes.start(
        *("train", "--model", "bikes", "--data", "builtin:bikeshare", "--folds", "20"),
        *("--algorithm", "random_forest", "--json"),
    )
    assert process.stderr is not None
    assert "Reading the data" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("Interrupted.\n")
    assert "Traceback" not in err


@pytest.mark.parametrize(("error", "is_told"), [("KeyboardInterrupt", False), ("OSError", True)])
def test_an_interrupt_where_nothing_catches_it_is_no_traceback(error: str, is_told: bool) -> None:
    code = (
        "import sys; from console import __main__; sys.unraisablehook = __main__.lost\n"
        f"class Gone:\n def __del__(self): raise {error}\n"
        "Gone()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ("Traceback" in ran.stderr) == is_told


@pytest.mark.processes
def test_a_reader_that_leaves_early_is_no_traceback(processes: Processes) -> None:
    process = processes.start("models")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(30) == 141
    process.stderr.close()


def test_a_table_is_aligned_and_numbers_stand_to_the_right() -> None:
    assert table(("name", "rows"), [("a", 5), ("long", 1234), ("c", None)]) == (
        "NAME  ROWS\na        5\nlong  1234\nc        -"
    )


def test_control_characters_of_callers_do_not_reach_the_terminal() -> None:
    assert shown("\x1b[31mred\n") == "\\x1b[31mred\\n"


def test_progress_is_one_line_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    for share, message in ((0.0, "Begin"), (0.1, "Too soon"), (1.0, "Done"), (1.0, "Done")):
        progress(share, message)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "   0%  Begin\n 100%  Done\n")
