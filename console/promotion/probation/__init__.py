"""Probation: for some hours after a promotion, is the new champion worse than the old one was?"""

from console.promotion.probation.results import Finding, Probation
from console.promotion.probation.run import probation

__all__ = ["Finding", "Probation", "probation"]
