"""The picture of a report in the README, taken in Chromium: `python tests/report_picture.py`."""

import subprocess
import sys
import tempfile
from pathlib import Path

PICTURE = Path(__file__).parent.parent / "designloop" / "guide" / "report.png"
WIDTH, HEIGHT = 1200, 1320
COMMANDS = (["run", "configs/quickstart.yaml", "--quiet", "--out"], ["report"])


def take(page: Path, picture: Path) -> None:
    """The top of a report, WIDTH by HEIGHT pixels."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.goto(page.as_uri())
        tab.wait_for_timeout(1500)
        tab.screenshot(path=str(picture))
        browser.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        for command in COMMANDS:
            root = PICTURE.parent.parent.parent
            subprocess.run([sys.executable, "-m", "designloop", *command, str(run)], cwd=root, check=True)
        take(run / "report.html", PICTURE)


if __name__ == "__main__":
    main()
