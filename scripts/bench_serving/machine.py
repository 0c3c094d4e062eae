"""What the figures were measured on."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
MEMINFO = Path("/proc/meminfo")
MOUNTS = Path("/proc/mounts")


@dataclass(frozen=True)
class Machine:
    """The machine, in words for the report; `load` is the load average of the last minute."""

    cores: int
    processor: str
    memory_gib: int
    kernel: str
    filesystem: str
    python: str
    load: float


def describe(folder: Path) -> Machine:
    """This machine, and the file system that `folder` is on."""
    return Machine(
        cores=os.cpu_count() or 1,
        processor=_found(CPUINFO, r"model name\s*: (.+)") or platform.processor() or "unknown",
        memory_gib=round(int(_found(MEMINFO, r"MemTotal:\s*(\d+)") or 0) / 2**20),
        kernel=f"{platform.system()} {platform.release()}",
        filesystem=filesystem(folder, MOUNTS.read_text() if MOUNTS.exists() else ""),
        python=platform.python_version(),
        load=os.getloadavg()[0],
    )


def filesystem(folder: Path, mounts: str) -> str:
    """The type of the file system that `folder` is on, by the lines of /proc/mounts."""
    best, kind = "", "unknown"
    for line in mounts.splitlines():
        _, point, found, *_ = line.split()
        inside = folder == Path(point) or Path(point) in folder.parents
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind


def _found(file: Path, pattern: str) -> str | None:
    match = re.search(pattern, file.read_text()) if file.exists() else None
    return match.group(1).strip() if match else None
