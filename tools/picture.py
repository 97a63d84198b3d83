"""Take the picture of a page that README.md shows: `python -m tools.picture`, after `make book`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "build" / "html" / "index.html"
PICTURE = ROOT / ".github" / "page.png"
MOST_BYTES = 150_000


def take(page: Path, picture: Path, width: int = 1200, height: int = 700) -> int:
    """Save the upper part of `page` as a reader with a light screen sees it; the size in bytes."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"],
        )
        tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
        tab.goto(page.as_uri())
        tab.screenshot(path=picture)
        browser.close()
    return picture.stat().st_size


if __name__ == "__main__":
    target = ROOT / "build" / "html" / sys.argv[1] if sys.argv[1:] else PAGE
    size = take(target, PICTURE)
    if size > MOST_BYTES:
        sys.exit(f"{PICTURE} has {size:,} bytes; at most {MOST_BYTES:,} are allowed")
