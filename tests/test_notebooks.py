"""The notebooks run from top to bottom; what is committed of them is small and clean."""

from __future__ import annotations

import re
import runpy
import tempfile
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("polars")
pytest.importorskip("vl_convert")

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NAMES = ["01_event_generation", "02_etl_prototype", "03_analytics"]
MOST_BYTES = 300_000
HERE = {str(ROOT), str(Path.home()), tempfile.gettempdir()}

script = runpy.run_path(str(FOLDER / "execute.py"))


def committed(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_these_are_all_notebooks() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_notebook_runs_and_what_it_claims_holds(name: str) -> None:
    done = script["executed"](FOLDER / f"{name}.ipynb")
    claims = [cell for cell in code(done) if re.search(r"^\s*assert ", cell.source, flags=re.M)]
    assert claims
    assert [cell.execution_count for cell in code(done)] == list(range(1, len(code(done)) + 1))
    pictures = [o for cell in code(done) for o in cell.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) > 1


@pytest.mark.parametrize("name", NAMES)
def test_committed_notebook_is_small_clean_and_whole(name: str) -> None:
    path = FOLDER / f"{name}.ipynb"
    assert path.stat().st_size < MOST_BYTES
    notebook = committed(name)
    nbformat.validate(notebook)
    assert [cell.execution_count for cell in code(notebook)] == [
        number for number, _ in enumerate(code(notebook), 1)
    ]
    assert script["cleaned"](committed(name)).metadata == notebook.metadata
    for cell in code(notebook):
        assert cell.metadata == {}
        for output in cell.outputs:
            assert output.output_type != "error"
            text = str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))
            assert not [place for place in HERE if place in text], cell.source
    assert any("image/png" in o.get("data", {}) for cell in code(notebook) for o in cell.outputs)


@pytest.mark.parametrize("name", NAMES)
def test_links_of_a_notebook_lead_somewhere(name: str) -> None:
    for cell in committed(name).cells:
        if cell.cell_type == "markdown":
            for link in re.findall(r"\]\(([^)#\s]+)", cell.source):
                assert (FOLDER / link).exists(), link
