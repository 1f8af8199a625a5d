"""Pictures of the dashboard for the README: `python -m docs.screens --lake data/processed`.

Opens four pages in Debian's Chromium, in a light window of 1280 px, and keeps them small: a palette
of 128 colours, which a page of text and flat bars does not miss. Needs Pillow
(`pip install -e '.[dev,docs]'`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from benchmarks.browsing import chromium, launched, serve, tab
from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent / "pages"
SIZE = (1280, 1080)
ADDRESSES = {
    "overview": "",
    "cohorts": "retention",
    "money": "monetization",
    "funnel": "funnels",
}
"""Names of the pictures, and what each shows."""
MOST_BYTES = 120_000
COLOURS = 128


def small(png: bytes) -> bytes:
    """The same picture with few colours."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    made = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return made.getvalue()


def main() -> None:
    """Writes the pictures and says how large they are."""
    asked = argparse.ArgumentParser(prog="python -m docs.screens", description=__doc__)
    asked.add_argument("--lake", type=Path, default=Path("data/processed"))
    lake = asked.parse_args().lake
    if chromium() is None:
        sys.exit("There is no Chromium. As root on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launched(playwright)
        with serve(lake, Path(folder) / "log.txt") as server:
            for name, address in ADDRESSES.items():
                reader = tab(browser, server.url, SIZE, color_scheme="light")
                reader.open(address)
                png = small(reader.page.screenshot())
                reader.close()
                if len(png) > MOST_BYTES:
                    sys.exit(f"{name}.png has {len(png):,} bytes, more than {MOST_BYTES:,}.")
                (FOLDER / f"{name}.png").write_bytes(png)
                print(f"{FOLDER.name}/{name}.png: {len(png):,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
