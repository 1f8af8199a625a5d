"""The plan of a world: its preset, changed numbers, experiments; read from a TOML file or named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from math import log
from pathlib import Path
from typing import Any, TypeVar

from questline.errors import UsageError
from questline.simulation.dirt import Label
from questline.simulation.experiments import AUDIENCES, Experiment, Variant
from questline.simulation.places import PLATFORMS
from questline.simulation.planted import KINDS, Planted
from questline.simulation.presets import KINK_DAY, PRESETS, PUZZLE, Preset

SECTIONS = ("preset", "world", "dirt", "experiments", "planted")
LAST_HOUR = 23
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SHARES = ("_share", "_payers", "lost_exposures")
_ABOVE_ZERO = ("alpha", "beta", "shape", "seconds", "_usd", "_days", "difficulty", "last_level")
_Made = TypeVar("_Made", Preset, Variant, Experiment, Planted)


@dataclass(frozen=True)
class Plan:
    """What a world is like. `dirt` holds weights of labels, by name, instead of the usual ones."""

    name: str = "puzzle"
    world: Preset = PUZZLE
    dirt: tuple[tuple[str, float], ...] = ()
    experiments: tuple[Experiment, ...] = ()
    planted: tuple[Planted, ...] = ()


def load_plan(name: str) -> Plan:
    """The plan of a preset, or of a TOML file where the name ends in `.toml`.

    Raises:
        UsageError: there is no such preset or file, or something in the file is wrong.
    """
    if not name.endswith(".toml"):
        if name not in PRESETS:
            allowed = ", ".join(PRESETS)
            raise UsageError(
                f"--preset == {name!r}, must be one of: {allowed}, or a file that ends in .toml."
            )
        return Plan(name, PRESETS[name])
    try:
        data = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"--preset {name} cannot be read: {why}.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"--preset {name} is not TOML: {error}.") from error
    return _plan(name, data)


def _plan(name: str, data: Mapping[str, Any]) -> Plan:
    _known(f"{name}:", data, SECTIONS)
    base = data.get("preset", "puzzle")
    if not isinstance(base, str) or base not in PRESETS:
        raise UsageError(f"{name}: preset == {base!r}, must be one of: {', '.join(PRESETS)}.")
    world = _made(f"{name}: [world]", PRESETS[base], data.get("world", {}))
    _check_retention(f"{name}: [world]", world)
    found = _table(f"{name}: [experiments]", data.get("experiments", {}))
    experiments = tuple(_experiment(f"{name}: [experiments.{n}]", n, t) for n, t in found.items())
    events = _table(f"{name}: [planted]", data.get("planted", {}))
    planted = tuple(_planted(f"{name}: [planted.{n}]", n, t) for n, t in events.items())
    dirt = _weights(f"{name}: [dirt]", data.get("dirt", {}))
    return Plan(name, world, dirt, experiments, planted)


def _table(place: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{place} must be a table of names and values.")
    return value


def _known(place: str, value: object, allowed: tuple[str, ...]) -> dict[str, Any]:
    table = _table(place, value)
    for key in table:
        if key not in allowed:
            said = key if _NAME.fullmatch(key) else repr(key)
            close = get_close_matches(key, allowed, n=1)
            hint = f"did you mean {close[0]}? Must" if close else "must"
            raise UsageError(
                f"{place} {said} is not known, {hint} be one of: {', '.join(allowed)}."
            )
    return table


def _made(place: str, base: _Made, value: object, skip: tuple[str, ...] = ()) -> _Made:
    """`base` with the values of a table, each of the kind and range of the one it replaces."""
    hidden = (*skip, "forced", "name")
    allowed: tuple[str, ...] = tuple(f.name for f in fields(base) if f.name not in hidden)
    table = _known(place, value, (*allowed, *skip))
    values: dict[str, Any] = {
        k: _value(place, k, v, getattr(base, k)) for k, v in table.items() if k not in skip
    }
    return replace(base, **values)


def _value(place: str, key: str, value: object, old: object) -> object:
    if isinstance(old, tuple):
        if not isinstance(value, list) or len(value) != len(old) or not all(map(_share, value)):
            raise UsageError(f"{place} {key} must be a list of {len(old)} shares between 0 and 1.")
        return tuple(value)
    if isinstance(old, str):
        if not isinstance(value, str):
            raise UsageError(f"{place} {key} == {value!r}, must be a text.")
        return value
    return _number(place, key, value, whole=isinstance(old, int))


def _number(place: str, key: str, value: object, *, whole: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{place} {key} == {value!r}, must be a number.")
    if whole and not isinstance(value, int):
        raise UsageError(f"{place} {key} == {value!r}, must be a whole number.")
    lowest = 1e-6 if key.endswith(_ABOVE_ZERO) else 0
    highest = 1.0 if key.endswith(_SHARES) else 1e6
    if not lowest <= value <= highest:
        raise UsageError(
            f"{place} {key} == {value}, must be between {lowest:g} and {highest:,.0f}."
        )
    return value


def _planted(place: str, name: str, value: object) -> Planted:
    table = _table(place, value)
    if "kind" not in table:
        raise UsageError(f"{place} kind is missing, must be one of: {', '.join(KINDS)}.")
    kind = table["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise UsageError(f"{place} kind == {kind!r}, must be one of: {', '.join(KINDS)}.")
    made = _made(place, KINDS[kind](name), table, skip=("kind",))
    for key in ("hours", "days", "level"):
        if getattr(made, key, 1) < 1:
            raise UsageError(f"{place} {key} == {getattr(made, key)}, must be at least 1.")
    hour = getattr(made, "hour", 0)
    if hour > LAST_HOUR:
        raise UsageError(
            f"{place} hour == {hour}, must be between 0 and {LAST_HOUR}, an hour of the day in UTC."
        )
    platform = getattr(made, "platform", "")
    if platform and platform not in PLATFORMS:
        raise UsageError(
            f"{place} platform == {platform!r}, must be one of: {', '.join(PLATFORMS)}."
        )
    return made


def _check_retention(place: str, world: Preset) -> None:
    first, seventh, month = world.retention
    kink = first * KINK_DAY ** (-log(first / seventh) / log(7.0)) if first > seventh else 0.0
    if not first > seventh > kink > month:
        raise UsageError(f"{place} retention must fall from day 1 to day 7 to day 28.")
    mean = world.return_alpha / (world.return_alpha + world.return_beta)
    if first > mean:
        raise UsageError(
            f"{place} retention starts above the mean chance to play on a day, return_alpha / "
            f"(return_alpha + return_beta) = {mean:.2f}. Lower the first share or raise that mean."
        )


def _check_names(place: str, names: Iterable[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{place} {name!r} is no name; use 1 to 64 letters, digits, dots, - and _."
            )


def _share(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1


def _weights(place: str, value: object) -> tuple[tuple[str, float], ...]:
    table = _known(place, value, tuple(Label))
    found = tuple((k, _number(place, k, v, whole=False)) for k, v in table.items())
    if found and not sum(weight for _, weight in found):
        raise UsageError(f"{place} all weights are 0; leave the table out for clean logs.")
    return found


def _variant(place: str, name: str, value: object) -> Variant:
    made = _made(place, Variant(name), value)
    if made.difficulty != 1 and not made.level:
        raise UsageError(
            f"{place} difficulty == {made.difficulty:g} needs level, the one that becomes harder "
            "or easier."
        )
    if made.level and "difficulty" not in _table(place, value):
        raise UsageError(
            f"{place} level == {made.level} needs difficulty, the factor on the attempts it takes."
        )
    return made


def _experiment(place: str, name: str, value: object) -> Experiment:
    table = _table(place, value)
    found = _table(f"{place} variants", table.get("variants", {}))
    _check_names(place, [name, *found])
    if len(found) < 2:
        raise UsageError(f"{place} needs at least two variants, the first one being the control.")
    variants = tuple(_variant(f"{place} variants.{n}", n, v) for n, v in found.items())
    if not sum(v.weight for v in variants):
        raise UsageError(f"{place} all weights are 0; give at least one variant some weight.")
    made = _made(place, Experiment(name, variants), table, skip=("variants",))
    if made.audience not in AUDIENCES:
        raise UsageError(
            f"{place} audience == {made.audience!r}, must be one of: {', '.join(AUDIENCES)}."
        )
    return made
