"""The command line that gives the same answer as a question asked elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from questline.metrics.attributes import EVENT, Condition
from questline.metrics.catalogue import Entry
from questline.metrics.options import Span, shown
from questline.metrics.scope import Scope
from questline.metrics.segments import NONE
from questline.metrics.selectors import PropertyCondition
from questline.settings import Settings

USUAL: Path = Settings.model_fields["lake"].default


def command_line(
    found: Entry, scope: Scope, options: Mapping[str, object], lake: Path | None = None
) -> str:
    """`questline metric ...`, quoted for a shell.

    `options` are those that were given; `lake` is named where it is not the usual folder.
    """
    words = ["questline", "metric", found.name]
    if scope.asked_from is not None:
        words += ["--from", scope.asked_from.isoformat()]
    if scope.asked_to is not None:
        words += ["--to", scope.asked_to.isoformat()]
    if scope.by is not None or scope.event_by is not None:
        words += ["--by", scope.by.name if scope.by is not None else f"{EVENT}{scope.event_by}"]
    words += _players(scope)
    for option in found.options:
        value = options.get(option.name)
        if value is None or (option.is_flag and str(value).lower() == "false"):
            continue
        words += [option.flag] if option.is_flag else [option.flag, _text(value)]
    if lake not in (None, USUAL):
        words += ["--lake", str(lake)]
    return shlex.join(words)


def _players(scope: Scope) -> list[str]:
    """The options that choose players and events."""
    words: list[str] = []
    for condition in scope.where:
        words += _condition(condition.attribute.name, condition)
    for one in scope.event_where:
        words += _condition(f"{EVENT}{one.name}", one)
    for segment in scope.segments:
        words += ["--segment", segment.name]
    excluded = [segment.name for segment in scope.excluded]
    if set(excluded) != set(scope.declared.exclude):
        words += [word for name in excluded or [NONE] for word in ("--exclude", name)]
    return words


def _condition(name: str, condition: Condition | PropertyCondition) -> list[str]:
    texts = ["" if value is None else str(value) for value in condition.values]
    return [word for text in texts for word in ("--where", f"{name}{condition.operator}{text}")]


def _text(value: object) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str | Span):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else shown(value)
