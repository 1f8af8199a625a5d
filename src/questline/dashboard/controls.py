"""Controls of a page, and options of a metric as controls; the address holds what is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from questline.metrics.options import Option, shown

NO_SPLIT = "All players together"
SHORT = {word: word.upper() for word in ("usd", "dau", "mau", "arpu", "arpdau", "arppu", "arpt")}
SHORT |= {"ltv": "LTV", "ecpm": "eCPM", "iap": "IAP"}
"""Abbreviations, as they are written."""


def option_controls(
    options: Sequence[Option],
    defaults: Mapping[str, object],
    prefix: str,
    *,
    written: Mapping[str, str] | None = None,
    in_a_row: int = 4,
) -> dict[str, Any]:
    """Draws a control an option and returns those that are not at their default.

    Args:
        options: Options of a metric.
        defaults: Their values where nothing is chosen.
        prefix: Begins the keys, which the address shows.
        written: Texts to begin with, for options that the metric needs.
        in_a_row: How many stand side by side.
    """
    given: dict[str, Any] = {}
    for first in range(0, len(options), in_a_row):
        places = st.columns(in_a_row, gap="small", vertical_alignment="bottom")
        for place, option in zip(places, options[first : first + in_a_row], strict=False):
            with place:
                begin = (written or {}).get(option.name, "")
                value = _control(option, defaults.get(option.name), prefix, begin)
            if value is not None:
                given[option.name] = value
    return given


def choice(
    label: str,
    options: Mapping[str, Any],
    key: str,
    usual: str | None = None,
    *,
    titled: bool = False,
) -> Any:  # noqa: ANN401 - whatever the options stand for
    """What is chosen of these, by its name in the address; the usual one is not named there.

    Args:
        label: What is asked; seen only with `titled`.
        options: What each name stands for.
        key: Key of the control, which the address shows.
        usual: The name that is chosen at first; the first one if none is given.
        titled: Whether the label stands above.
    """
    first = next(iter(options)) if usual is None else usual
    chosen = st.segmented_control(
        label,
        list(options),
        default=first,
        required=True,
        key=key,
        wrap=True,
        bind="query-params",
        label_visibility="visible" if titled else "collapsed",
    )
    return options.get(chosen, options[first])


def split_control(names: Sequence[str], key: str, *, of_events: bool) -> str | None:
    """Chooses what splits an answer; a name that is not listed may be typed."""
    properties = ", or event.NAME for a property of the events" if of_events else ""
    chosen = st.selectbox(
        "Breakdown",
        names,
        index=None,
        placeholder=NO_SPLIT,
        key=key,
        bind="query-params",
        accept_new_options=True,
        help=f"An attribute of the player, or experiment.NAME{properties}: type it.",
    )
    return (chosen or "").strip() or None


def condition_control(key: str, *, of_events: bool) -> list[str]:
    """Takes conditions such as `platform=ios`, which are added to the filters."""
    properties = " event.NAME=VALUE compares a property of the events." if of_events else ""
    return st.multiselect(
        "Conditions",
        [],
        placeholder="platform=ios",
        key=key,
        bind="query-params",
        accept_new_options=True,
        help="Type one as the command line takes it with --where, such as country!=DE, and press "
        f"Enter.{properties} One attribute twice means either value.",
    )


def label(name: str) -> str:
    """A name of an option or a column as a person reads it.

    >>> label("step_window"), label("net_usd"), label("arpdau")
    ('Step window', 'Net USD', 'ARPDAU')
    """
    first, *others = [SHORT.get(word, word) for word in name.split("_")]
    return " ".join([first if first in SHORT.values() else first.capitalize(), *others])


def _control(option: Option, default: object, prefix: str, begin: str) -> object | None:
    """One control; None where it is at the default."""
    common: dict[str, Any] = {
        "key": f"{prefix}_{option.name}",
        "bind": "query-params",
        "help": option.doc,
    }
    value: object
    if option.choices:
        index = option.choices.index(str(default)) if default in option.choices else None
        value = st.selectbox(label(option.name), option.choices, index=index, **common)
    elif option.is_flag:
        value = st.checkbox(label(option.name), value=bool(default), **common)
    else:
        placeholder = "" if default is None else shown(default)
        text = st.text_input(label(option.name), begin, placeholder=placeholder, **common)
        return text.strip() or None
    return None if value == default else value


def opened_before(keys: Sequence[str]) -> bool:
    """Whether the address named one of these controls when they were first shown.

    It stays as it was, so that a fold does not close while one works in it.
    """
    named = any(key in st.query_params for key in keys)
    opened: bool = st.session_state.setdefault(f"opened {keys[-1]}", named)
    return opened
