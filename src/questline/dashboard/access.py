"""Who may look: everybody who reaches the server, or whom a login lets in (docs/access.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from questline.dashboard.text import literal

SECRETS = "secrets.files"


def admitted() -> bool:
    """Whether this reader may see the lake; draws the way to log in where not.

    Without `[auth]` in Streamlit's secrets there is no login. Secrets that cannot be read close
    the dashboard, since nobody can tell whether they ask for one.
    """
    try:
        secrets = st.secrets.to_dict()
    except StreamlitSecretNotFoundError:
        if not any(Path(name).exists() for name in st.get_option(SECRETS)):
            return True
        st.error("The secrets of this server cannot be read; its log says why.")
        return False
    if "auth" not in secrets:
        return True
    user = st.user.to_dict()
    if not user.get("is_logged_in"):
        _offer_login(secrets["auth"])
        return False
    if not welcome(user, secrets.get("questline", {}).get("allow")):
        st.error(f"{literal(user.get('email') or 'This account')} may not see this dashboard.")
        st.button("Log out", on_click=st.logout)
        return False
    return True


def welcome(user: dict[str, Any], allow: str | Iterable[str] | None) -> bool:
    """Whether `allow` names the reader's address or its domain; None allows every account.

    An address that the provider says is not verified counts for nothing.

    >>> welcome({"email": "Ann@studio.example"}, ["studio.example"])
    True
    >>> welcome({"email": "ann@studio.example.org"}, ["studio.example", "bob@a.example"])
    False
    """
    if allow is None:
        return True
    email = str(user.get("email") or "").casefold()
    if "@" not in email or user.get("email_verified") in (False, "false"):
        return False
    names = [allow] if isinstance(allow, str) else allow
    wanted = {name.casefold().removeprefix("@") for name in names}
    return email in wanted or email.rpartition("@")[2] in wanted


def _offer_login(section: dict[str, Any]) -> None:
    """A button for each way in: the one of `[auth]`, or those of `[auth.NAME]`."""
    st.info("Log in to see this dashboard.")
    named = [n for n, v in section.items() if isinstance(v, dict) and "client_id" in v]
    if "client_id" in section:
        st.button("Log in", type="primary", on_click=st.login)
    for name in named:
        st.button(
            f"Log in with {literal(name)}", key=f"login {name}", on_click=st.login, args=[name]
        )
