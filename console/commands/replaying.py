"""`replay`."""

import argparse

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import Progress, plain


def add(commands: Commands) -> None:
    """Add the command."""
    replay = common.command(
        commands,
        "replay",
        _replay,
        "send history through a version and log it with its own times",
        "Rows are logged with source=replay; one that the version's signature refuses is logged as"
        " refused. Rows that an earlier replay logged are left alone, so a replay that was"
        " interrupted is completed by running it again.",
    )
    replay.add_argument("model", metavar="M", help="the model")
    replay.add_argument(
        "--data", required=True, metavar="FILE", help="a CSV or parquet file, or builtin:NAME"
    )
    replay.add_argument(
        "--time",
        required=True,
        metavar="COLUMN",
        help="the column of each row's time (ISO 8601; UTC without a zone)",
    )
    replay.add_argument("--truth", metavar="COLUMN", help="the column of the ground truth")
    replay.add_argument(
        "--truth-delay",
        type=float,
        default=0.0,
        metavar="DAYS",
        help="how long after its row a truth arrives (default: 0)",
    )
    replay.add_argument(
        "--version",
        type=common.number,
        metavar="N",
        help="the version that answers; without it the champion, else the newest",
    )
    replay.add_argument(
        "--again", action="store_true", help="log rows that are logged already a second time"
    )


def _replay(args: argparse.Namespace) -> Output:
    from console import replay

    choices = replay.Choices(
        model=args.model,
        time=args.time,
        truth=args.truth,
        truth_delay=args.truth_delay,
        version=args.version,
        again=args.again,
    )
    with session() as opened:
        frame = replay.open_table(opened.database, args.data)
        result = replay.replay(opened.database, opened.settings, frame, choices, report=Progress())
    return Output(plain(result.to_json()), "\n".join([*result.reasons, result.sentence]))
