"""`python -m console COMMAND`: the functions behind the pages, from a shell.

The shell's boundary: what a command found is printed here, and an error becomes a sentence on
standard error and an exit code (`console.commands.EXIT_CODES`). A bug stays a traceback.
"""

import io
import json
import os
import signal
import sys
from types import FrameType

from backend.errors import Unavailable, WatchdeskError
from console import commands
from console.commands.common import Output

REFUSED, UNAVAILABLE, INTERRUPTED, PIPE_CLOSED = 1, 3, 130, 141


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    args = commands.parser().parse_args(arguments)
    # Threads of OpenMP spin while they wait for each other: with one for each core, a core that
    # somebody else uses makes training twenty times as slow. Read when scikit-learn is imported.
    os.environ.setdefault("OMP_NUM_THREADS", str(max((os.cpu_count() or 2) - 1, 1)))
    try:
        output: Output = args.run(args)
        _print(json.dumps(output.document, indent=2) if "json" in args else output.text)
    except WatchdeskError as error:
        sys.stderr.write(f"{error.detail}\n")
        return UNAVAILABLE if isinstance(error, Unavailable) else REFUSED
    except KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has left; Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return output.code


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Raise `KeyboardInterrupt`, and again each second until the command has ended.

    Python loses one that is raised where nothing can catch it (a finalizer, a callback of the
    garbage collector) or where a library catches everything.
    """
    signal.signal(signal.SIGALRM, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    raise KeyboardInterrupt


def lost(what: "sys.UnraisableHookArgs") -> None:
    """Say nothing of an interrupt that was raised where nothing can catch it: another follows."""
    if not issubclass(what.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(what)


def _print(text: str) -> None:
    """Print, whatever the terminal can show."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    print(text, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, _interrupt)
    sys.unraisablehook = lost
    sys.exit(main(sys.argv[1:]))
