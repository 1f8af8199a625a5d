"""Why a lake differs from its answer key, where that can be told, and what to do."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from questline.contract import Reason
from questline.lake.facts import LakeFacts
from questline.verification import Verification
from questline.verification.answers import Answers
from questline.verification.figures import Figures
from questline.verification.key import Key

PLAYERS = "players"
LATE = "events-late"
NEED_PLAYERS = frozenset({"days.new", "retention.retained", "retention.players"})
"""Figures that differ where the lake knows nobody's first day from metadata."""
NAMED_CURRENCIES = 4


def explain(
    found: Verification, key: Key, answers: Answers, facts: LakeFacts, raw: Path
) -> str | None:
    """What made a verification fail and what to do about it; None where that cannot be told."""
    if found.passed:
        return None
    return (
        _missing_files(missing_files(found, key, answers), raw)
        or _other_days(key, facts, raw)
        or _without_rates(found)
        or _corrected(answers, raw)
    )


def missing_files(found: Verification, key: Key, answers: Answers) -> tuple[str, ...]:
    """Raw files of the simulation that the lake never read and that explain what differs.

    Empty where the lake has read files of other names: those may hold the same lines. Event files
    explain it where lines are missing, the players where figures of their arrival differ.
    """
    read = {_stem(name): _file(name) for name in sorted(answers.files)}
    dirty = {_stem(name): name for name in key.dirt["file"].unique().to_pylist()}
    days = [f"events-{day}" for day in sorted(key.world.recoverable.days)]
    meant = [*days, *([LATE] if LATE in dirty else []), PLAYERS]
    if not read or set(read) - {*meant, LATE}:
        return ()
    differing = {row.name for row in found.figures if not row.equal}
    fewer = _lines(answers.figures) < _lines(key.world.recoverable.figures())
    explained = [
        stem
        for stem in meant
        if stem not in read and (differing & NEED_PLAYERS if stem == PLAYERS else fewer)
    ]
    suffix = next(name.removeprefix(stem) for stem, name in {**dirty, **read}.items())
    return tuple(dirty.get(stem, f"{stem}{suffix}") for stem in explained)


def _file(name: str) -> str:
    return PurePosixPath(name).name


def _stem(name: str) -> str:
    """What a file is called whatever its format, its compression and its folder."""
    return _file(name).partition(".")[0]


def _lines(figures: Figures) -> int:
    """Lines of events, whatever became of them."""
    return sum(sum(figures[name].values()) for name in ("accepted", "duplicates", "rejected"))


def _missing_files(names: tuple[str, ...], raw: Path) -> str | None:
    if not names:
        return None
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    are, them = ("are", "them") if more else ("is", "it")
    return (
        f"{names[0]}{more} of the simulation {are} not in the lake; put {them} into {raw} whole, "
        "run `questline run` and verify again"
    )


def _other_days(key: Key, facts: LakeFacts, raw: Path) -> str | None:
    world = key.world
    wanted = (world.start, world.last_day)
    if (facts.complete_from, facts.complete_until) == wanted or not key.observable:
        return None
    if facts.complete_from is None:
        return (
            f"the lake holds no event of an active player; put the files of the simulation into "
            f"{raw}, run `questline run` and verify again"
        )
    return (
        f"the lake observes {facts.complete_from} to {facts.complete_until or 'no complete day'}, "
        f"the simulation {world.start} to {world.last_day}; take complete_from and complete_until "
        f"out of the settings if they are there, leave _source.json in {raw}, run `questline run` "
        "and verify again"
    )


def _without_rates(found: Verification) -> str | None:
    """The lake refused payments for their currency that the key counts."""
    reasons = {row.reason: row for row in found.lines.reasons}
    refused = reasons.get(Reason.UNKNOWN_CURRENCY)
    figures = {row.name: row for row in found.figures}
    fewer = [
        str(d.at)
        for d in figures["purchases.count"].differences
        if d.lake < d.key and d.at != "USD"
    ]
    if refused is None or refused.equal or not fewer:
        return None
    more = len(fewer) - NAMED_CURRENCIES
    named = ", ".join([*fewer[:NAMED_CURRENCIES], *([f"{more:,} more"] if more > 0 else [])])
    return (
        f"the lake refused payments in {named} for want of an exchange rate; give the rates in "
        "[exchange_rates] of the settings, run `questline replay` and verify again"
    )


def _corrected(answers: Answers, raw: Path) -> str | None:
    if not answers.corrections:
        return None
    rows = (
        "1 row that was" if answers.corrections == 1 else f"{answers.corrections:,} rows that were"
    )
    return (
        f"the lake holds {rows} corrected by hand, which the key knows as they came; build a lake "
        f"of the raw files alone (`questline run --raw {raw} --lake NEW`) and verify that"
    )
