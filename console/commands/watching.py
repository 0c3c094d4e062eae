"""`watch`, `monitors`, `channels` and `drill`."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import NOTHING, Progress, iso, plain, table

if TYPE_CHECKING:
    from backend.records.channels import Channel
    from backend.records.monitors import Monitor
    from console.monitors.watch import Watched


def add(commands: Commands) -> None:
    """Add the commands of this group."""
    watch = common.command(
        commands,
        "watch",
        _watch,
        "look with every monitor that is due, and send what is to be sent",
        "The worker does so by itself. Without --once it goes on until Ctrl+C; with it, it is for"
        " cron. What fires is a result, not a failure: the exit code is 0.",
    )
    watch.add_argument("--once", action="store_true", help="return after one round")
    drill = common.command(
        commands,
        "drill",
        _drill,
        "put faults into a copy of the log, and see which monitors notice",
        "The log, the monitors and the channels are not touched.",
    )
    drill.add_argument("model", metavar="M", help="the model")
    drill.add_argument(
        "--calm",
        action="store_true",
        help="with traffic like that of training, for a model whose log has drifted already",
    )
    _add_monitors(commands)
    _add_channels(commands)


def _add_monitors(commands: Commands) -> None:
    monitors = common.command(
        commands, "monitors", _monitors, "list, suggest, add or remove the monitors of a model"
    )
    monitors.add_argument("model", metavar="M", help="the model")
    either = monitors.add_mutually_exclusive_group()
    either.add_argument(
        "--suggest", action="store_true", help="list what would suit the model; changes nothing"
    )
    either.add_argument(
        "--set-up", action="store_true", help="add those suggested that it does not have"
    )
    either.add_argument(
        "--add",
        nargs="+",
        metavar=("KIND", "KEY=VALUE"),
        help="add one, such as `--add refused limit=0.1`; see docs/monitors.md",
    )
    either.add_argument("--remove", metavar="NAME", help="remove one with its alerts")
    either.add_argument("--off", metavar="NAME", help="switch one off")
    either.add_argument("--on", metavar="NAME", help="switch one on")
    monitors.add_argument("--name", metavar="NAME", help="of the one that is added")
    monitors.add_argument(
        "--channel", action="append", metavar="NAME", help="tell this channel; may be repeated"
    )
    common.add_actor(monitors)


def _add_channels(commands: Commands) -> None:
    channels = common.command(
        commands,
        "channels",
        _channels,
        "list, add, test or remove the channels that alerts are sent through",
        "Of a webhook the host alone is shown: whoever knows its address can post to it.",
    )
    either = channels.add_mutually_exclusive_group()
    either.add_argument(
        "--add",
        nargs=3,
        metavar=("NAME", "KIND", "ADDRESS"),
        help="KIND is webhook or email; ADDRESS a URL, or addresses separated by commas",
    )
    either.add_argument("--test", metavar="NAME", help="send a test message now")
    either.add_argument("--remove", metavar="NAME", help="remove one")
    common.add_actor(channels)


def _watch(args: argparse.Namespace) -> Output:
    from console.monitors import watch

    with session() as opened:
        if args.once:
            return _round(watch.once(opened.database, opened.settings))
        watch.until_told(opened.database, opened.settings)
    return Output({"state": "stopped"}, "Nobody watches any more.")


def _round(watched: "Watched") -> Output:
    from console.monitors import sentences

    looks = [
        {name: value for name, value in vars(look).items() if name not in ("start", "end")}
        | {"moment": iso(look.moment), "from": iso(look.start), "to": iso(look.end)}
        for look in watched.looks
    ]
    document = plain({"looks": looks, **vars(watched.sent)})
    rows = [(look.model, look.monitor, look.status, look.message) for look in watched.looks]
    sent = watched.sent
    text = table(("model", "monitor", "status", "finding"), rows) if rows else "No monitor is due."
    if sent.delivered or sent.failed or sent.given_up:
        text += (
            f"\n\n{sentences.count(sent.delivered, 'message')} {sentences.were(sent.delivered)}"
            f" delivered; {sent.failed} failed and {_are(sent.failed)} tried again;"
            f" {sent.given_up} {_are(sent.given_up)} given up."
        )
    return Output(document, text)


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _monitors(args: argparse.Namespace) -> Output:
    with session() as opened:
        if args.suggest:
            return _suggested(args, opened)
        _change(args, opened)
        return _listed(args.model, opened)


def _change(args: argparse.Namespace, opened: Session) -> None:
    """Add, set up, remove or switch, as was asked."""
    from backend.records import monitors
    from console.monitors import setup

    database, by, told = opened.database, common.actor(args, opened), args.channel or ()
    if args.set_up:
        setup.set_up(database, args.model, actor=by, channels=told)
    elif args.add:
        kind, *pairs = args.add
        rule = _rule(args.parser, pairs)
        setup.add_monitor(database, args.model, kind, rule, actor=by, name=args.name, channels=told)
    elif args.remove:
        found = monitors.named(database, args.model, args.remove)
        monitors.remove(database, found.id, actor=by)
    elif args.on or args.off:
        found = monitors.named(database, args.model, args.on or args.off)
        monitors.change(database, found.id, actor=by, enabled=bool(args.on))


def _rule(parser: argparse.ArgumentParser, pairs: Sequence[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            parser.error(f"`{pair}` is no KEY=VALUE, such as limit=0.1")
    return dict(pair.split("=", 1) for pair in pairs)


def _suggested(args: argparse.Namespace, opened: Session) -> Output:
    from console.monitors import rules, setup

    found = setup.suggested(opened.database, args.model)
    listed = [vars(one) | {"in_words": rules.in_words(one.kind, one.rule)} for one in found]
    document = {"model": args.model, "suggested": listed}
    rows = [(one.name, one.kind, rules.in_words(one.kind, one.rule), one.why) for one in found]
    return Output(plain(document), table(("name", "kind", "rule", "why"), rows))


def _listed(model: str, opened: Session) -> Output:
    from backend.records import monitors, registry

    registry.model(opened.database, model)
    found = monitors.of_model(opened.database, model)
    listed = [_described(one) for one in found]
    rows = [
        (d["name"], d["kind"], d["status"], d["checked_at"], d["channels"], d["in_words"])
        for d in listed
    ]
    nothing = f"Model `{model}` has no monitors. Those that would suit it: --suggest, --set-up."
    headings = ("name", "kind", "status", "last look", "channels", "rule")
    document = plain({"model": model, "monitors": listed})
    return Output(document, table(headings, rows) if rows else nothing)


def _described(monitor: "Monitor") -> dict[str, Any]:
    from console.monitors import rules

    times = ("created_at", "changed_at", "checked_at", "checked_to")
    left_out = {"state", "turn", "model", *times}
    named = {name: value for name, value in vars(monitor).items() if name not in left_out}
    status = monitor.status if monitor.enabled else "off"
    words = {"in_words": rules.in_words(monitor.kind, monitor.rule), "status": status}
    return named | words | {name: iso(getattr(monitor, name)) for name in times}


def _channels(args: argparse.Namespace) -> Output:
    from backend.records import channels
    from console.monitors import deliver, setup

    with session() as opened:
        database = opened.database
        if args.add:
            name, kind, address = args.add
            setup.add_channel(database, name, kind, address, actor=common.actor(args, opened))
        elif args.remove:
            channels.remove(database, args.remove, actor=common.actor(args, opened))
        elif args.test:
            deliver.send_test(database, opened.settings, args.test)
        found = [_channel(one) for one in channels.all(database)]
    rows = [(one["name"], one["kind"], one["address"]) for one in found]
    text = table(("name", "kind", "address"), rows) if rows else "There are no channels."
    said = f"A test message was sent through `{args.test}`.\n\n" if args.test else ""
    return Output({"channels": found, "tested": args.test}, said + text)


def _channel(channel: "Channel") -> dict[str, Any]:
    return {
        "name": channel.name,
        "kind": channel.kind,
        "address": channel.shown,
        "created_at": iso(channel.created_at),
        "created_by": channel.created_by,
    }


def _drill(args: argparse.Namespace) -> Output:
    from console.monitors.drill import drill

    with session() as opened:
        found = drill(opened.database, opened.settings, args.model, Progress(), calm=args.calm)
    document = plain(found)
    rows = [
        (
            fault["title"],
            ", ".join(f"{n['monitor']} ({n['after']})" for n in fault["noticed"]) or NOTHING,
            ", ".join(fault["missed"]) or NOTHING,
        )
        for fault in document["faults"]
    ]
    headings = ("fault", "noticed by (after)", "not noticed by")
    return Output(document, f"{table(headings, rows)}\n\n{document['message']}")
