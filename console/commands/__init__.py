"""The shell's commands: `python -m console COMMAND`. One module per group.

A command is a function from parsed arguments to an `Output`; `console/__main__.py` prints it.
Heavy libraries are imported inside the functions, so that `--help` answers at once.
"""

import argparse

from console.commands import (
    auditing,
    comparing,
    drifting,
    gating,
    historic,
    listing,
    performance,
    promoting,
    replaying,
    requesting,
    rescoring,
    reviewing,
    running,
    scenarios,
    shadow,
    signing,
    summarising,
    versions,
    watching,
)

EXIT_CODES = """\
exit codes:
  0    done
  1    refused, not found or unusable; the sentence on standard error says what to do
       or a check found a fault; what it found is printed
  2    the command line is not understood
  3    the database, an artefact or the service cannot be used at the moment; try again
  130  interrupted from the keyboard
"""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; `.run` of what it returns takes the parsed arguments."""
    found = argparse.ArgumentParser(
        prog="python -m console",
        description="Watchdesk from a shell: the functions behind the pages, one command each.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = found.add_subparsers(metavar="COMMAND", required=True)
    for group in (
        running,
        listing,
        versions,
        promoting,
        requesting,
        signing,
        shadow,
        replaying,
        rescoring,
        comparing,
        gating,
        scenarios,
        drifting,
        reviewing,
        performance,
        summarising,
        watching,
        historic,
        auditing,
    ):
        group.add(commands)
    return found
