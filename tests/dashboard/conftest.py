"""A small simulated lake, and the dashboard running over it without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("streamlit")
pytest.importorskip("altair")

import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from questline.cli.app import build
from questline.cli.launch import launch

PAGE = Path(__file__).parents[2] / "src" / "dashboard.py"
Show = Callable[..., AppTest]


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of twelve days."""
    folder = tmp_path_factory.mktemp("dashboard")
    made = ["simulate", "--days", "12", "--users", "400", "--out", str(folder / "raw")]
    assert launch(build(), made, "questline") == 0
    run = ["run", "--raw", str(folder / "raw"), "--lake", str(folder / "lake")]
    assert launch(build(), run, "questline") == 0
    return folder / "lake"


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Opens a page over a lake, with parameters of the address."""

    def opened(lake: Path, page: str = "", **address: str | list[str]) -> AppTest:
        monkeypatch.setenv("QUESTLINE_LAKE", str(lake))
        app = AppTest.from_file(str(PAGE), default_timeout=60)
        for name, value in address.items():
            app.query_params[name] = value
        # AppTest has no word for a page of `st.navigation`; its address gives its hash.
        app._page_hash = calc_hash(page) if page else ""
        return app.run()

    return opened


@pytest.fixture(scope="session", autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing that these tests remember outlives them."""
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
