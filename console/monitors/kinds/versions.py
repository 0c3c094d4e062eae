"""What is said where there is nothing to look at."""

from backend.records.registry import Version
from console.monitors.kinds.asked import Asked
from console.monitors.looks import Finding


def needs_champion(asked: Asked) -> Finding:
    """The model has no champion, so nothing answers."""
    message = f"Model `{asked.model}` has no champion, so nothing answers. Promote a version."
    return Finding("no_data", None, None, 0, message, asked.moment, asked.moment)


def without(asked: Asked, version: Version, feature: str) -> Finding:
    """The version has not the feature that the rule names."""
    message = (
        f"Version {version.number} of `{asked.model}` has no feature `{feature}`. Change the"
        " monitor's rule."
    )
    return Finding("broken", None, None, None, message, asked.moment, asked.moment)
