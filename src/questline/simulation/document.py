"""docs/simulation.md and a table of the README: `python -m questline.simulation.document`."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from questline.errors import DataError
from questline.simulation import dirt, guide, planted
from questline.simulation.config import SimulationConfig
from questline.simulation.dirt import RULES, Label
from questline.simulation.effects import OUTCOMES
from questline.simulation.figures import Figures, measure
from questline.simulation.planted import KINDS
from questline.simulation.presets import PRESETS
from questline.simulation.targets import (
    MEASURED_DAYS,
    MEASURED_USERS,
    SOURCES,
    TARGETS,
    Target,
)

PAGE, README = Path("docs/simulation.md"), Path("README.md")
BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"
UNMEASURED = "not measured"
SEED = 42
IN_README = (
    *("d1", "d7", "d28", "sessions_a_day", "session_median_seconds", "weekend_lift"),
    *("payer_share", "arppu", "buys_once", "top_tenth_share", "sees_ad"),
)
"""Figures of the puzzle game that the README shows."""
Measured = Mapping[str, Figures]
"""Preset -> what a world of it came out at; empty where nothing was measured."""

KEY_COLUMNS: dict[str, dict[str, str]] = {
    "dirt.parquet": {
        "file": "name of the raw file",
        "line": "number of the line in it, from 1",
        "label": "kind of dirt, see above",
        "reason": "why the pipeline should refuse it; `duplicate` for a repeated event; NULL where "
        "the contract has no rule",
        "event_id": "id of the event that was meant",
        "raw_sha256": "SHA-256 of the line's text, the same as `raw_hash` of a refused row",
    },
    "players.parquet": {
        "player_id": "the player, those before the log included",
        "acquired_at": "when he arrived",
        "payer": "whether he is somebody who pays",
        "return_probability": "chance to play on a day as long as he has not left",
        "leaves_after_days": "age in days after which he does not come back",
        "bot": "planted: plays without a pause and without a loss",
        "cheater": "planted: earns far too many coins",
        "abuser": "planted: takes nearly every purchase back",
        "churner": "planted: would pay, but leaves early",
    },
}
"""Tables of the answer key that every simulation has."""

EXPERIMENT_COLUMNS: dict[str, dict[str, str]] = {
    "effects.json": {
        "experiment": "name of the experiment",
        "variant": "name of the variant; the control is there too, with an effect of 0",
        "outcome": "a column of `outcomes.parquet`, see below",
        "assigned": "players who were exposed to this variant in the world that was played",
        "logged": "those of them whose exposure was written; `lost_exposures` takes the others",
        "players": "players the effect is the mean of: those exposed to any variant, for "
        "`retained_N` only if the log goes on for N days after it",
        "control_mean": "mean outcome of these players if all of them had control",
        "true_effect": "mean of the outcome with this variant minus that with control, player by "
        "player: absolute, in the unit of the outcome (0.01 of `retained_1` is one point in a "
        "hundred). Divide it by control_mean for the relative effect. null without players",
    },
    "outcomes.parquet": {
        "experiment": "name of the experiment",
        "player_id": "a player who was exposed",
        "variant": "the variant he got",
        "exposed_on": "UTC day of the exposure",
        "logged": "false where `lost_exposures` kept the exposure from the log; outages and dirt "
        "do not count here",
        **OUTCOMES,
    },
}
"""Tables of the answer key of a world with experiments."""
_ROW = {
    "dirt.parquet": "dirty line",
    "players.parquet": "player",
    "effects.json": "experiment, variant and outcome",
    "outcomes.parquet": "experiment and player",
}


def page(measured: Measured) -> str:
    """The whole page; without measured figures their cells say so."""
    sizes = ", ".join(f"{n:,} players ({p})" for p, n in MEASURED_USERS.items())
    tables = (
        guide.FIGURES.format(days=MEASURED_DAYS, seed=SEED, sizes=sizes),
        *(f"### {p}\n\n{figures(p, TARGETS[p], measured)}\n" for p in PRESETS),
        f"Sources: {SOURCES}.\n",
    )
    parts = (
        guide.INTRODUCTION,
        guide.DIRT + "\n".join(_label_rows()) + "\n",
        guide.KEY,
        *(_columns(name, of) for name, of in KEY_COLUMNS.items()),
        guide.EFFECTS,
        *(_columns(name, of) for name, of in EXPERIMENT_COLUMNS.items()),
        "Outcomes count until the log ends, refunds not taken off, and are NULL where it is too "
        "short.\n",
        guide.KEY_END + "\n".join(_planted_rows()) + "\n",
        guide.LIVE,
        *tables,
        guide.PICTURES,
    )
    return "\n".join(parts)


def _columns(name: str, columns: Mapping[str, str]) -> str:
    """The table of one file of the key."""
    rows = "\n".join(f"| `{column}` | {meaning} |" for column, meaning in columns.items())
    return f"`{name}`, one row for each {_ROW[name]}:\n\n| column | meaning |\n|---|---|\n{rows}\n"


def figures(preset: str, targets: tuple[Target, ...], measured: Measured) -> str:
    """The table of one preset."""
    rows = []
    for target in targets:
        cell = UNMEASURED
        if preset in measured:
            cell = target.unit.text(getattr(measured[preset], target.figure))
        said = "; ".join(t for t in (target.published, target.why) if t)
        rows.append(f"| {target.title} | {said} | {target.text} | {cell} |")
    head = "| figure | published | target | measured |\n|---|---|---|---|\n"
    return head + "\n".join(rows)


def with_table(readme: str, measured: Measured) -> str:
    """The README with a fresh table between the two marks.

    Raises:
        DataError: the marks are not there.
    """
    chosen = tuple(t for t in TARGETS["puzzle"] if t.figure in IN_README)
    table = figures("puzzle", chosen, measured)
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DataError(f"{README} lacks the lines {BEGIN} and {END}. Put them back.")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def unmeasured(text: str) -> str:
    """A page whose measured cells say that nothing was measured: what no world can change."""
    return re.sub(r"^(\|.* ± [^|]*\|)[^|]*\|$", rf"\1 {UNMEASURED} |", text, flags=re.M)


def _label_rows() -> list[str]:
    meanings = _documented(inspect.getsource(dirt), "Label")
    rows = []
    for label in Label:
        rule = RULES[label]
        does = "accepts it: the contract has no rule"
        if rule.reason == dirt.DUPLICATE:
            does = "finds a duplicate"
        elif rule.reason is not None:
            does = f"refuses it as `{rule.reason}`"
        rows.append(f"| `{label}` | {rule.weight} | {meanings[label.name]} | {does} |")
    return rows


def _planted_rows() -> list[str]:
    rows = []
    for name, kind in KINDS.items():
        base = planted.Planted.__dataclass_fields__
        options = (f for f in kind.__dataclass_fields__.values() if f.name not in base)
        given = ", ".join(f"`{f.name}` ({f.default!r})".replace("''", "all") for f in options)
        rows.append(f"| `{name}` | {inspect.getdoc(kind)} | {given} |")
    return rows


def _documented(source: str, name: str) -> dict[str, str]:
    """Members of a class and the texts below them."""
    body = next(
        n.body for n in ast.parse(source).body if isinstance(n, ast.ClassDef) and n.name == name
    )
    found = {}
    for member, text in pairwise(body):
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr):
            found[ast.unparse(member.targets[0])] = str(ast.literal_eval(text.value))
    return found


def measured_worlds() -> Measured:
    """Plays the three worlds; takes half a minute."""
    return {
        preset: measure(SimulationConfig(days=MEASURED_DAYS, users=users, preset=preset, seed=SEED))
        for preset, users in MEASURED_USERS.items()
    }


def main() -> None:
    """Measures, and writes the page and the table of the README."""
    measured = measured_worlds()
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(measured), encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
