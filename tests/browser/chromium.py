"""Where the Chromium of the browser tests is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Asked in a process of its own: Playwright's synchronous interface cannot be entered twice.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class NoChromium(Exception):
    """No Chromium is installed, or the one that was named does not run."""


def executable() -> str:
    """The path of a Chromium that runs: the named one, else an installed one, else Playwright's.

    Raises:
        NoChromium: with a sentence that says what to do.
    """
    named = os.environ.get("WATCHDESK_CHROMIUM")
    if named:
        if runs(named):
            return named
        raise NoChromium(
            f"`WATCHDESK_CHROMIUM` is `{named}`, which does not run as a browser;"
            " expected the path of a Chromium or Chrome."
        )
    for path in candidates():
        if runs(path):
            return path
    raise NoChromium(
        "The browser tests found no Chromium. Install Chromium or Chrome, or set"
        " `WATCHDESK_CHROMIUM` to the path of one."
    )


def candidates() -> Iterator[str]:
    """Where a browser may be, the quickest to look up first."""
    yield from (path for name in NAMES if (path := shutil.which(name)))
    yield from (path for path in MACOS if Path(path).exists())
    asked = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    if asked.returncode == 0:
        yield asked.stdout.strip()


def runs(path: str) -> bool:
    """Whether it is a browser: Ubuntu's `chromium-browser` may only tell how to get one."""
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout
