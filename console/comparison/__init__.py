"""Is one version better than another on the same held-out rows, and what differs between them?"""

from console.comparison.compare import Comparison, compare

__all__ = ["Comparison", "compare"]
