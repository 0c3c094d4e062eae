"""From drift to decisions: which answers does what moved change?"""

from console.drift.decisions.decide import Decisions, decisions
from console.drift.decisions.put_back import put_back

__all__ = ["Decisions", "decisions", "put_back"]
