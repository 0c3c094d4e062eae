"""`compare`: two versions, or more, on the same rows."""

import argparse
from typing import TYPE_CHECKING, Any

from backend.errors import Unusable
from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import plain, shown, table

if TYPE_CHECKING:  # for the type checker alone: importing pandas takes half a second
    from backend.records.registry import Version
    from console.comparison import Comparison
    from console.comparison.chosen import Chosen

METRIC = ("metric", "a", "b", "difference", "interval", "better", "enough rows")
MOST_SHOWN = 10


def add(commands: Commands) -> None:
    """Add the command."""
    compare = common.command(
        commands,
        "compare",
        _compare,
        "compare two versions, or more, on the same rows",
        "Without more the rows are those that B held out; --data takes them from a table with the"
        " target's column, --from and --to from the log where truth is known, whoever answered."
        " A version that is worse is a result, not a failure: the exit code is 0.",
    )
    compare.add_argument("model", metavar="M", help="the model")
    compare.add_argument("a", metavar="A", type=common.number, help="a version, as the champion")
    compare.add_argument(
        "b", metavar="B", type=common.number, nargs="+", help="the version that would replace it"
    )
    compare.add_argument(
        "--data", metavar="FILE", help="`builtin:NAME`, or the path of a CSV or parquet file"
    )
    common.add_window(compare)
    compare.add_argument(
        "--costs",
        type=_costs,
        metavar="FP:FN",
        help="what a false alarm and a miss cost, as 1:5; gives the threshold that costs least"
        " (two labels)",
    )


def _compare(args: argparse.Namespace) -> Output:
    if args.data is not None and (args.start is not None or args.end is not None):
        args.parser.error("give either --data, or --from and --to")
    numbers = [args.a, *args.b]
    if len(set(numbers)) < len(numbers):
        args.parser.error("give different versions")
    if len(numbers) > 2 and args.costs is not None:
        args.parser.error("--costs is for two versions")
    with session() as opened:
        return _compared(args, numbers, opened)


def _compared(args: argparse.Namespace, numbers: list[int], opened: Session) -> Output:
    from backend.records import registry
    from backend.versions.artefacts import Store
    from console import comparison

    database, store = opened.database, Store.of(opened.settings)
    versions = [registry.version(database, args.model, number) for number in numbers]
    chosen = _chosen(args, opened, versions[-1])
    if len(versions) > 2:
        return _several(opened, versions, chosen, store)
    found = comparison.compare(database, versions[0], versions[1], store, chosen=chosen)
    document = found.to_json()
    if args.costs is not None:
        document["costs"] = _cost(found, args.costs)
    return Output(document, _text(found, document))


def _chosen(args: argparse.Namespace, opened: Session, version: "Version") -> "Chosen":
    from console.comparison import HeldOut, Logged, open_table

    if args.data is not None:
        return open_table(args.data)
    if args.start is None and args.end is None:
        return HeldOut()
    return Logged(common.log_window(args, opened, version))


def _several(opened: Session, versions: "list[Version]", chosen: "Chosen", store: Any) -> Output:
    from console import comparison
    from console.comparison.documents import records, rows_json

    rows = comparison.rows(opened.database, versions, chosen, store)
    found = comparison.table(opened.database, versions, rows, store)
    lines = records(found)
    document = {"model": versions[0].model, "rows": rows_json(rows), "versions": lines}
    headings = [str(name).replace("_", " ") for name in found.columns]
    text = table(headings, [tuple(line.values()) for line in lines])
    return Output(document, "\n\n".join([_heading(versions[0].model, rows_json(rows)), text]))


def _cost(found: "Comparison", costs: tuple[float, float]) -> dict[str, Any]:
    """What wrong answers cost each, at the threshold that costs least and at 0.5."""
    from console.comparison import curves
    from console.comparison.documents import records

    if found.thresholds.empty:
        raise Unusable(
            f"`{found.b.model}` is a {found.b.task}; costs by threshold are for a binary target."
            " Leave `--costs` out."
        )
    cost = curves.costs(found.thresholds, *costs)
    document: dict[str, Any] = plain(
        {"false_alarm": costs[0], "miss": costs[1], "advised": cost.advised}
    )
    return document | {"best": records(cost.best)}


def _text(found: "Comparison", document: dict[str, Any]) -> str:
    """The verdict, a line a metric, and what else differs."""
    from console.comparison.paired import few

    names = (f"version {found.a.number}", f"version {found.b.number}")
    sides = {"a": names[0], "b": names[1], "unclear": "unclear"}
    headings = (METRIC[0], *names, *METRIC[3:])
    rows = [
        (
            metric["metric"],
            *(metric["a"], metric["b"], metric["difference"]),
            f"{shown(metric['low'])} to {shown(metric['high'])}",
            sides[metric["better"]],
            few(metric),
        )
        for metric in document["metrics"]
    ]
    said = [document["enough"], *document["undefined"]]
    if document["mcnemar"] is not None:
        said.append(document["mcnemar"]["message"])
    return "\n\n".join(
        [
            f"{_heading(found.b.model, document['rows'])}\n{document['verdict']}",
            table(headings, rows),
            *(["\n".join(filter(None, said))] if any(said) else []),
            *_tables(document, names),
        ]
    )


def _heading(model: str, rows: dict[str, Any]) -> str:
    return "\n".join(
        [f"`{model}`, {rows['title']}", *filter(None, [rows["warning"]]), *rows["notes"]]
    )


def _tables(document: dict[str, Any], names: tuple[str, str]) -> list[str]:
    """The flips, what differs, the speed and the costs, each where there is any."""
    found = []
    flips = [tuple(flip.values()) for flip in document["flips"][:MOST_SHOWN]]
    if flips:
        share = f"They give the same label to {document['agreement']:.1%} of the rows; elsewhere:"
        headings = (*names, "rows", f"{names[0]} right", f"{names[1]} right")
        found.append(f"{share.replace('%', ' %')}\n{table(headings, flips)}")
    unlike = [tuple(each.values()) for each in document["differences"]]
    if unlike:
        found.append(table(("differs", "name", *names), unlike))
    speed = [
        (name, each["engine"], each["single_ms"], each["batch_us_per_row"], each["size_bytes"])
        for name, each in zip(names, document["speed"], strict=False)
    ]
    if speed:
        headings = ("on this machine", "engine", "ms for one row", "µs a row of many", "bytes")
        found.append(table(headings, speed))
    if "costs" in document:
        found.append(_cost_text(document["costs"], names))
    return found


def _cost_text(costs: dict[str, Any], names: tuple[str, str]) -> str:
    rows = [
        (name, best["threshold"], best["cost"], best["cost_at_half"])
        for name, best in zip(names, costs["best"], strict=True)
    ]
    heading = (
        f"A false alarm costs {costs['false_alarm']:g} and a miss {costs['miss']:g}; a well"
        f" calibrated score is best cut at {costs['advised']:.2g}."
    )
    return f"{heading}\n{table(('costs', 'best threshold', 'a row', 'a row at 0.5'), rows)}"


def _costs(text: str) -> tuple[float, float]:
    try:
        alarm, miss = (float(part) for part in text.split(":"))
    except ValueError:
        alarm = miss = -1.0
    if not (0 <= alarm < 1e12 and 0 <= miss < 1e12 and alarm + miss > 0):
        raise argparse.ArgumentTypeError(
            f"`{text}` is no pair of costs; expected two numbers as `1:5`, not both 0"
        )
    return alarm, miss
