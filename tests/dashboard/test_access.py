"""Who is let in: everybody without `[auth]`, nobody before a login with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets
from streamlit.testing.v1 import AppTest

from questline.dashboard.access import welcome

Show = Callable[..., AppTest]
AUTH = {"client_id": "x", "client_kwargs": {"prompt": "login"}}


class Given:
    """A mapping as Streamlit hands out secrets and the user."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def to_dict(self) -> dict[str, Any]:
        return self.content


@pytest.fixture
def asked(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, Any], dict[str, Any]], AppTest]:
    """The first page under these secrets, for this user."""

    def opened(secrets: dict[str, Any], user: dict[str, Any]) -> AppTest:
        monkeypatch.setattr(st, "secrets", Given(secrets))
        monkeypatch.setattr(st, "user", Given(user))
        return show(simulated)

    return opened


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_secrets_of_something_else_ask_for_no_login(asked: Any) -> None:
    assert asked({"database": {"password": "x"}}, {}).metric


def test_nothing_before_the_login(asked: Any) -> None:
    app = asked({"auth": AUTH}, {"is_logged_in": False})
    assert not app.exception
    assert not app.metric
    assert buttons(app) == ["Log in"]


def test_every_provider_has_a_button(asked: Any) -> None:
    app = asked({"auth": {"google": AUTH, "my_own": AUTH}}, {})
    assert buttons(app) == ["Log in with google", r"Log in with my\_own"]


def test_who_is_logged_in_sees_the_page(asked: Any) -> None:
    assert asked({"auth": AUTH}, {"is_logged_in": True}).metric


def test_who_is_not_named_sees_nothing(asked: Any) -> None:
    named = {"auth": AUTH, "questline": {"allow": ["studio.example"]}}
    app = asked(named, {"is_logged_in": True, "email": "eve@else.example"})
    assert not app.metric
    assert app.error[0].value == r"eve\@else.example may not see this dashboard."
    assert buttons(app) == ["Log out"]


def test_secrets_that_cannot_be_read_close_the_dashboard(
    show: Show, simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth")
    monkeypatch.setattr(st, "secrets", Secrets())
    monkeypatch.setattr(st, "get_option", {"secrets.files": [str(broken)]}.__getitem__)
    app = show(simulated)
    assert not app.metric
    assert "cannot be read" in app.error[0].value


@pytest.mark.parametrize(
    ("user", "allow", "expected"),
    [
        ({}, None, True),
        ({}, ["studio.example"], False),
        ({"email": "ann@studio.example"}, [], False),
        ({"email": "ann@studio.example"}, "studio.example", True),
        ({"email": "ANN@Studio.Example"}, ["@studio.example"], True),
        ({"email": "ann@studio.example"}, ["ann@studio.example"], True),
        ({"email": "bob@studio.example"}, ["ann@studio.example"], False),
        ({"email": "ann@not-studio.example"}, ["studio.example"], False),
        ({"email": "ann@sub.studio.example"}, ["studio.example"], False),
        ({"email": "studio.example"}, ["studio.example"], False),
        ({"email": "ann@studio.example", "email_verified": False}, ["studio.example"], False),
        ({"email": "ann@studio.example", "email_verified": True}, ["studio.example"], True),
    ],
)
def test_allow_names_addresses_and_domains(
    user: dict[str, Any], allow: Any, expected: bool
) -> None:
    assert welcome(user, allow) is expected
