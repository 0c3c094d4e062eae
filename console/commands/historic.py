"""`history`, `retention` and `probation`."""

from console.commands.common import Commands


def add(commands: Commands) -> None:
    """Add the commands of this group."""
