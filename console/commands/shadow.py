"""`shadow`."""

import argparse

from console.commands import common
from console.commands.common import Commands, Output, session


def add(commands: Commands) -> None:
    """Add the command."""
    shadow = common.command(
        commands,
        "shadow",
        _shadow,
        "let the challenger score the same requests unseen, or let it stop",
        "Its answers are stored beside the champion's, which callers go on getting; overload drops"
        " this work first. The running service follows within a second. The Compare page shows"
        " what came of it.",
    )
    shadow.add_argument("model", metavar="M", help="the model")
    shadow.add_argument("state", choices=("on", "off"), help="what to switch it to")
    common.add_actor(shadow)


def _shadow(args: argparse.Namespace) -> Output:
    from backend.records import shadows
    from console.comparison.shadow import said

    with session() as opened:
        by = common.actor(args, opened)
        model = shadows.switch(opened.database, args.model, args.state == "on", actor=by)
    document = {
        "model": model.name,
        "shadow": model.shadow,
        "champion": model.champion,
        "challenger": model.challenger,
        "scores": model.shadow
        and None not in (model.champion, model.challenger)
        and model.champion != model.challenger,
    }
    return Output(document, said(model))
