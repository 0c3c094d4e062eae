"""What is simulated, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.simulate_watching import runs

REFERENCES = (300, 1_000, 10_000)
WEEKS = 2
WHOLE = 4  # weeks of a run in whole days


@dataclass(frozen=True)
class Cell:
    """A function of `runs`, what it is given before the seed, and how many seeds."""

    function: str
    given: tuple[Any, ...]
    times: int

    def run(self, seed: int) -> Any:
        """One run."""
        function: Callable[..., Any] = getattr(runs, self.function)
        return function(*self.given, seed)


def cells() -> list[Cell]:
    """All of them; about ten minutes of one core."""
    quiet = [Cell("quiet", ("mixed", n, WEEKS), 60) for n in REFERENCES]
    quiet += [Cell("quiet", (family, 1_000, WEEKS), 30) for family in ("normal", "correlated")]
    quiet.append(Cell("quiet", ("mixed", 1_000, 12), 6))
    contrast = [Cell(name, (n, 1), 8) for name in ("fixed", "verdicts") for n in REFERENCES]
    delays = [Cell("delays", (n,), 25) for n in REFERENCES]
    hours = [Cell("cycled", ("hour", "daily", size, 1), 10) for size in (0.05, 0.1, 0.2, 0.5)]
    days = [
        Cell("cycled", ("day", pattern, size, WHOLE), times)
        for pattern, size, times in (
            ("none", 0.0, 40),
            ("daily", 0.2, 30),
            ("daily", 0.5, 40),
            ("weekly", 0.1, 20),
            ("weekly", 0.5, 20),
            ("days", 0.02, 20),
            ("days", 0.05, 20),
            ("days", 0.1, 20),
        )
    ]
    seen = [Cell("is_seen", (size,), 40) for size in (0.0, 0.05, 0.1, 0.2, 0.5)]
    return [*quiet, *contrast, *delays, *hours, *days, *seen]
