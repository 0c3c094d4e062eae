"""`make bench-pages`: the server time of each page with the demo loaded, as a table in docs/.

Pages run through `pages/app.py` in Streamlit's own test runner, in one process, as the console
runs them: warm caches, garbage frozen. What the browser and the wire add is not in it.
"""

import gc
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent
RERUNS = 20
PAGES = {
    "overview": None,
    "predictions": "breast_cancer",
    "drift": "bikeshare",
    "train": None,
    "compare": "breast_cancer",
    "promote": "breast_cancer",
    "what_if": "breast_cancer",
}
HEAD = """# Server time of the pages

`make bench-pages` loads the demo into a new SQLite file, starts the prediction service, and runs
each page through `pages/app.py`: once cold (the first page pays for the imports, which the console
does before anybody comes), then {reruns} times. Milliseconds, without the browser and the wire.
Run on {machine}.

| page | first | rerun, median | rerun, slowest |
|---|---|---|---|
"""


def main() -> int:
    """Measure and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"WATCHDESK_DATA_DIR": folder, "WATCHDESK_PORT": "18099"}
        subprocess.run([sys.executable, "-m", "console", "demo"], cwd=ROOT, check=True)
        service = subprocess.Popen([sys.executable, "-m", "backend"], cwd=ROOT)
        try:
            time.sleep(3)
            rows = [measure(name, model) for name, model in PAGES.items()]
        finally:
            service.terminate()
            service.wait(10)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    table = HEAD.format(reruns=RERUNS, machine=machine) + "\n".join(rows) + "\n"
    (ROOT / "docs" / "benchmarks" / "pages.md").write_text(table)
    print(table)
    return 0


def measure(name: str, model: str | None) -> str:
    """One row of the table."""
    logging.disable(logging.WARNING)
    page = AppTest.from_file(str(ROOT / "pages" / "app.py"), default_timeout=60)
    if model is not None:
        page.query_params["model"] = model
    if name != "overview":
        page.switch_page(str(ROOT / "pages" / f"{name}.py"))
    first = took(page)
    gc.collect()
    gc.freeze()
    reruns = [took(page) for _ in range(RERUNS)]
    failures = [each.value for each in (*page.error, *page.exception)]
    if failures:
        raise SystemExit(f"{name} failed: {failures[0]}")
    return f"| {name} | {first:.0f} | {statistics.median(reruns):.0f} | {max(reruns):.0f} |"


def took(page: AppTest) -> float:
    """Milliseconds of one run."""
    began = time.perf_counter()
    page.run()
    return (time.perf_counter() - began) * 1_000


if __name__ == "__main__":
    sys.exit(main())
