"""docs/benchmarks.md: every benchmark writes its own section and leaves the others as they are."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def put(name: str, title: str, command: str, text: str) -> None:
    """Writes the section between its marks, at the end of the page if it has none yet."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    said = f"Written by `{command}` on {os.cpu_count()} cores; do not edit by hand."
    made = f"{begin}\n## {title}\n\n{said}\n\n{text.strip()}\n{end}\n"
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2].strip() if found else ""
    PAGE.write_text(
        f"{before.rstrip()}\n\n{made}" + (f"\n{after}\n" if after else ""), encoding="utf-8"
    )
