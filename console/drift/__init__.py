"""Has live data moved from the reference, and does it matter?"""

from console.drift.verdict import DriftReport, FeatureResult, Reference, compare, judge

__all__ = ["DriftReport", "FeatureResult", "Reference", "compare", "judge"]
