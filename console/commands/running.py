"""`demo`, `work` and `jobs`."""

import argparse
from typing import Any

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import NOTHING, Progress, iso, plain, table


def add(commands: Commands) -> None:
    """Add the commands of this group."""
    demo = common.command(
        commands,
        "demo",
        _demo,
        "load the demo: two models with versions, traffic and truth",
        "Loading twice changes nothing, and what was interrupted is completed. Uses the running"
        " service, or one of its own for the time it takes.",
    )
    either = demo.add_mutually_exclusive_group()
    either.add_argument("--reset", action="store_true", help="remove the demo, then load it anew")
    either.add_argument("--remove", action="store_true", help="remove the demo and nothing else")
    common.add_actor(demo)
    work = common.command(
        commands,
        "work",
        _work,
        "run the worker: claim jobs and run each in a process of its own",
        "It ends on Ctrl+C or SIGTERM; a job that runs then is marked interrupted.",
    )
    work.add_argument("--once", action="store_true", help="return when no job waits and none runs")
    work.add_argument(
        "--concurrency",
        type=_jobs,
        default=1,
        metavar="N",
        help="jobs at a time, from 1 (default: %(default)s)",
    )
    jobs = common.command(commands, "jobs", _jobs_list, "list jobs, newest first")
    jobs.add_argument(
        "--limit",
        type=common.limit,
        default=20,
        metavar="N",
        help="at most so many (default: %(default)s)",
    )


def _demo(args: argparse.Namespace) -> Output:
    from console import demo

    with session() as opened:
        found = demo.run(
            opened.database,
            opened.settings,
            by=common.actor(args, opened),
            report=Progress(),
            reset=args.reset,
            only_remove=args.remove,
        )
    if args.remove:
        names = ", ".join(found["removed"]) or "nothing"
        return Output(found, f"Removed {names} with {found['predictions']:,} logged predictions.")
    rows = [
        (m["model"], m["champion"], m["versions"], f"{m['predictions']:,}") for m in found["models"]
    ]
    return Output(found, table(("model", "champion", "versions", "predictions"), rows))


def _work(args: argparse.Namespace) -> Output:
    from backend import lifeline

    # First of all: what started this may be gone before the rest is imported.
    guarded = lifeline.guard_from_environment()
    from backend.settings import Settings
    from console.jobs.worker import work

    if not guarded:
        with session():
            pass  # by hand on a fresh machine; the launcher has made the database before
    work(Settings.from_environment(), once=args.once, concurrency=args.concurrency)
    return Output({"state": "stopped"}, "The worker has stopped.")


def _jobs_list(args: argparse.Namespace) -> Output:
    from console import jobs

    with session() as opened:
        found = jobs.recent(opened.database, limit=args.limit)
    document = [_described(job) for job in found]
    rows = [
        (
            d["id"],
            d["kind"],
            d["state"],
            f"{d['progress']:.0%}",
            d["submitted_at"][:19],
            d["submitted_by"],
            (d["error"] or d["message"] or NOTHING)[:80],
        )
        for d in document
    ]
    headings = ("id", "kind", "state", "done", "submitted", "by", "message")
    return Output(document, table(headings, rows) if rows else "There are no jobs.")


def _described(job: Any) -> dict[str, Any]:
    times = ("submitted_at", "started_at", "heartbeat_at", "ended_at")
    left_out = {"workers_busy", "log", "cancel_requested", *times}
    named = {name: value for name, value in vars(job).items() if name not in left_out}
    found: dict[str, Any] = plain(named | {name: iso(getattr(job, name)) for name in times})
    return found


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of jobs; expected 1 to 64")
    return int(text)
