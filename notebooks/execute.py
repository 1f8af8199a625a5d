"""Runs the notebooks and writes them back clean: `python notebooks/execute.py [NAME ...]`.

Clean is without times, paths and names of this machine, so that a second run changes only what the
package changed. Needs `pip install -e '.[notebooks]'`.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python"}
TIMEOUT_SECONDS = 300
PNG = "image/png"
SHOWN = (PNG, "text/plain")
"""What a code host shows of an output; a picture needs no text beside it."""


def executed(path: Path) -> nbformat.NotebookNode:
    """A notebook after a run from top to bottom in a fresh kernel.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=TIMEOUT_SECONDS, resources=place).execute()
    return notebook


def cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with what a reader wants to see."""
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", ()):
            if "data" in output:
                kept = next(kind for kind in SHOWN if kind in output.data)
                told = output.data[kept]
                output.data = nbformat.from_dict({kept: told if kept != PNG else small(told)})
                output.metadata = nbformat.from_dict({})
    return notebook


def small(picture: str) -> str:
    """A PNG in Base64 with few colours, which make a small file."""
    made = BytesIO()
    Image.open(BytesIO(b64decode(picture))).convert("RGB").quantize(64).save(
        made, PNG[6:], optimize=True
    )
    return b64encode(made.getvalue()).decode()


def main(names: list[str]) -> None:
    """Runs the notebooks of these names, or all."""
    for path in [FOLDER / name for name in names] or sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(cleaned(executed(path)), path)
        print(f"{path.name}: {path.stat().st_size / 1e3:,.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
