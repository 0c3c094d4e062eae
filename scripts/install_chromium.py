"""Find a Chromium for the browser tests, else install one, and print its path.

In this order: `WATCHDESK_CHROMIUM`, an installed Chromium or Chrome, Playwright's own download,
and for root the system's package manager. What an installer says goes to standard error.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress

from tests.browser.chromium import NoChromium, executable

PLAYWRIGHT = [[sys.executable, "-m", "playwright", "install", "chromium"]]
PACKAGE_MANAGERS = {
    "apt-get": [
        ["apt-get", "update", "--quiet"],
        ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "chromium"],
    ],
    "dnf": [["dnf", "install", "--quiet", "--assumeyes", "chromium"]],
    "apk": [["apk", "add", "--quiet", "chromium"]],
}


def main() -> int:
    """Print the path of a Chromium that runs, or say what to do and return 1."""
    try:
        print(find_or_install())
    except NoChromium as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def find_or_install() -> str:
    """The path of a Chromium, of one that this installs if there is none.

    Raises:
        NoChromium: no installer could provide one.
    """
    if os.environ.get("WATCHDESK_CHROMIUM"):
        return executable()  # the person named one: nothing that is installed would be used
    with suppress(NoChromium):
        return executable()
    for install in (from_playwright, from_the_system):
        with suppress(NoChromium):
            if install():
                return executable()
    return executable()


def from_playwright() -> bool:
    """Playwright's own build, where its download can be reached."""
    return _run(PLAYWRIGHT)


def from_the_system() -> bool:
    """The distribution's package, which only root may install."""
    manager = next((name for name in PACKAGE_MANAGERS if shutil.which(name)), None)
    return manager is not None and os.geteuid() == 0 and _run(PACKAGE_MANAGERS[manager])


def _run(commands: list[list[str]]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in commands:
            print(f"Running `{' '.join(command)}`.", file=sys.stderr)
            subprocess.run(command, stdout=sys.stderr, env=environment, timeout=600, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        print(failure, file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
