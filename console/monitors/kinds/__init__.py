"""What each kind of monitor looks at: one function a kind.

Each is imported when it is needed: whoever watches refused requests does not pay for scikit-learn.
"""

import importlib
from collections.abc import Callable
from typing import cast

from console.monitors.kinds.asked import Asked
from console.monitors.looks import Finding


def look_of(kind: str) -> Callable[[Asked], Finding]:
    """The function that looks for a kind (`console.monitors.rules.KINDS`)."""
    module = importlib.import_module(f"console.monitors.kinds.{kind}")
    return cast("Callable[[Asked], Finding]", module.look)
