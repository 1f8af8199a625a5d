"""With `[auth]` in the secrets nothing is shown before a login, and only to whom `allow` names."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benchmarks.browsing import Server, Tab, free_port, serve, tab
from playwright.sync_api import Browser
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from browsed import shown, tiles

pytestmark = pytest.mark.browser

COOKIE, SECRET = "_streamlit_user", "a secret of sixty-four characters, more or less, for a test"


@pytest.fixture(scope="module")
def closed(
    lakes: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp("login"), free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        f'cookie_secret = "{SECRET}"\nclient_id = "x"\nclient_secret = "x"\n'
        'server_metadata_url = "https://id.example/"\n[questline]\nallow = ["studio.example"]\n'
    )
    option = f"--secrets.files={secrets}"
    with serve(lakes("simulated"), folder / "log.txt", option, port=port) as server:
        yield server


@pytest.fixture
def reader(browser: Browser, closed: Server) -> Iterator[Callable[[str | None], Tab]]:
    """Opens the dashboard, where an address is given with the cookie that a login leaves."""
    made = tab(browser, closed.url)

    def open_tab(email: str | None) -> Tab:
        if email is not None:
            told = json.dumps({"origin": closed.url, "is_logged_in": True, "email": email})
            value = create_signed_value(SECRET, COOKIE, told).decode()
            made.page.context.add_cookies([{"name": COOKIE, "value": value, "url": closed.url}])
        made.open("retention")
        return made

    yield open_tab
    made.close()
    assert made.faults == []


def test_nothing_is_shown_before_a_login(reader: Callable[[str | None], Tab]) -> None:
    tab = reader(None)
    assert "Log in to see this dashboard." in shown(tab)
    assert tab.page.get_by_role("button", name="Log in").count() == 1
    assert tiles(tab) == {}
    assert "lake version" not in shown(tab)


def test_who_is_not_named_stays_outside(reader: Callable[[str | None], Tab]) -> None:
    tab = reader("eve@else.example")
    assert "eve@else.example may not see this dashboard." in shown(tab)
    assert tiles(tab) == {}


def test_who_is_named_sees_the_page(reader: Callable[[str | None], Tab]) -> None:
    tab = reader("ann@studio.example")
    assert "Day 1" in tiles(tab)
    assert "lake version 1" in shown(tab)


def test_cookie_that_somebody_else_signed_opens_nothing(browser: Browser, closed: Server) -> None:
    made = tab(browser, closed.url)
    told = json.dumps({"origin": closed.url, "is_logged_in": True, "email": "ann@studio.example"})
    value = create_signed_value("another secret", COOKIE, told).decode()
    made.page.context.add_cookies([{"name": COOKIE, "value": value, "url": closed.url}])
    made.open("retention")
    assert "Log in to see this dashboard." in shown(made)
    made.close()
