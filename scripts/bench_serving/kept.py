"""The figures of the last run in a file, so that the report can be written again."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from scripts.bench_serving.client import Measured
from scripts.bench_serving.machine import Machine
from scripts.bench_serving.report import Circumstances
from scripts.bench_serving.rounds import Sample


def save(path: Path, samples: Sequence[Sample], around: Circumstances) -> None:
    """Keep them as JSON."""
    document = {"around": asdict(around), "samples": [asdict(each) for each in samples]}
    path.write_text(json.dumps(document, indent=1))


def load(path: Path) -> tuple[list[Sample], Circumstances]:
    """What `save` kept."""
    if not path.exists():
        raise SystemExit(f"There is no `{path}`. Run the benchmark first.")
    document = json.loads(path.read_text())
    machine = Machine(**document["around"].pop("machine"))
    samples = [
        Sample(**{**each, "measured": Measured(**each["measured"])}) for each in document["samples"]
    ]
    return samples, Circumstances(machine=machine, **document["around"])
