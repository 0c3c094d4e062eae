"""What the commands share: their arguments, the database, and what they give back."""

import argparse
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from backend.errors import Unusable

if TYPE_CHECKING:  # for the type checker alone: importing pandas takes half a second
    from backend.records.database import Database
    from backend.records.predictions import Window
    from backend.records.registry import Version
    from backend.settings import Settings

# argparse gives the object that subcommands are added to no public name.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


@dataclass(frozen=True)
class Output:
    """What a command found: `document` for programs, as JSON, and `text` for people.

    `code` is what the process ends with: 1 where a check that was asked for failed.
    """

    document: Any
    text: str
    code: int = 0


@dataclass(frozen=True)
class Session:
    """The settings, and the database with the schema of this release."""

    settings: "Settings"
    database: "Database"


def command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], Output],
    help: str,  # noqa: A002  # argparse's own word for it
    details: str = "",
) -> argparse.ArgumentParser:
    """Add a command that takes `--json`."""
    found = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}. {details}".strip(),
    )
    found.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON document and nothing else on standard output",
    )
    found.set_defaults(run=run, parser=found)
    return found


def add_actor(parser: argparse.ArgumentParser) -> None:
    """Add `--actor`, the name recorded with a change."""
    parser.add_argument(
        "--actor",
        metavar="NAME",
        help="who does it, as recorded (default: WATCHDESK_USER, else the system's user)",
    )


def actor(args: argparse.Namespace, session: Session) -> str:
    """Who runs the command."""
    return args.actor or session.settings.user


@contextlib.contextmanager
def session() -> Iterator[Session]:
    """The database of the environment's settings; made first if there is none yet.

    Raises:
        SchemaMismatch, Unavailable, Unusable: it cannot be used.
    """
    from backend.errors import Unavailable
    from backend.records.database import migrate, open_database
    from backend.settings import Settings

    settings = Settings.from_environment()
    try:
        migrate(settings.database_url)
    except OSError as error:  # its folder cannot be made
        raise Unavailable(
            f"The database at `{settings.database_url}` cannot be opened ({error.strerror}). Set"
            " `WATCHDESK_DATA_DIR` to a folder that can be written to."
        ) from error
    database = open_database(settings.database_url)
    try:
        yield Session(settings, database)
    finally:
        database.dispose()


def add_window(parser: argparse.ArgumentParser) -> None:
    """Add `--from` and `--to`, the stretch of a model's log."""
    parser.add_argument(
        "--from", dest="start", metavar="T", help="ISO 8601; UTC without a zone (a model's log)"
    )
    parser.add_argument(
        "--to",
        dest="end",
        metavar="T",
        help="up to, not including; without both the last 7 days of the log",
    )


def log_window(args: argparse.Namespace, opened: Session, version: "Version") -> "Window":
    """The stretch asked for; an end that is left open is that of the log.

    Raises:
        Unusable: a time is none, or it ends before it begins.
    """
    from console import windows

    span = windows.span(opened.database, version.model)
    if args.start is None and args.end is None:
        return windows.Choice().window(span)
    whole = windows.Choice("all").window(span)
    start = whole.start if args.start is None else windows.moment(args.start)
    end = whole.end if args.end is None else windows.moment(args.end)
    if args.end is None and start >= end:
        raise Unusable(
            f"`--from {args.start}` is after the newest row of the log of `{version.model}`, which"
            f" ends before {windows.iso(end)}. Choose an earlier one."
        )
    return windows.between(start, end).window(span)


def number(text: str) -> int:
    """The number of a version, as an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no version; expected a number from 1")
    return int(text)


def limit(text: str) -> int:
    """How many rows to list, as an argument."""
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"`{text}` is no limit; expected 1 to 100000")
    return int(text)
