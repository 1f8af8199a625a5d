"""The report as one HTML file that needs nothing else.

Everything that comes from the lake or the settings is escaped; the page forbids itself scripts and
whatever lies elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files

from questline.report.card import Card, Table
from questline.report.content import Meaning, Report
from questline.report.svg import sparkline
from questline.report.tiles import Shown

MARK = "<!doctype html>\n<!-- A report of Questline -->"
"""What every report begins with."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_CODE = re.compile(r"`([^`]+)`")


def page(report: Report) -> str:
    """The whole file."""
    style = files("questline.report").joinpath("style.css").read_text(encoding="utf-8")
    return f"""{MARK}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Questline report, {escape(str(report.period))}</title>
<style>
{style}</style>
</head>
<body>
<main>
{_head(report)}
<section class="tiles" aria-label="Headlines">
{_joined(map(_tile, report.tiles))}
</section>
<section class="cards" aria-label="Charts">
{_joined(map(_card, report.cards))}
</section>
{_quality(report)}
<section class="meanings">
<h2>What the numbers mean</h2>
<p>Every number comes from the command line below its name, and the same lake gives it again.
Days are days of {escape(report.facts.reporting_zone)}.</p>
{_joined(map(_meaning, report.meanings))}
</section>
</main>
</body>
</html>
"""


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _head(report: Report) -> str:
    days = "1 day" if report.period.days == 1 else f"{report.period.days} days"
    said = [days]
    if report.earlier is not None:
        said.append(f"changes are against {report.earlier.short}")
    else:
        said.append("the period before was not observed as a whole")
    asked = "".join(f"<li>{escape(text)}</li>" for text in report.asked)
    chosen = f'<ul class="asked">{asked}</ul>' if asked else ""
    return (
        f"<header><p>Questline report</p><h1>{escape(str(report.period))}</h1>"
        f"<p>{escape(', '.join(said))}</p>{chosen}</header>"
    )


def _tile(tile: Shown) -> str:
    value = "" if tile.value is None else str(tile.value)
    note = f" <small>{escape(tile.note)}</small>" if tile.note else ""
    moved = tile.moved or "no change known"
    if any(digit in moved for digit in "123456789"):
        moved = moved.replace("+", "▲ ").replace("-", "▼ ")
    return (
        f'<a class="tile" href="#about-{tile.metric}"><h2>{escape(tile.label)}{note}</h2>'
        f'<p><data value="{escape(value)}">{escape(tile.text)}</data>'
        f'<span class="{tile.mood}">{escape(moved)}</span></p>'
        f"{sparkline(tile.earlier, tile.days)}</a>"
    )


def _card(card: Card) -> str:
    note = f"<p>{escape(card.note)}</p>" if card.note else ""
    told = _table(card.table)
    if card.svg:
        told = f"{card.svg}\n<details><summary>Numbers</summary>{told}</details>"
    more = f'<a href="#about-{card.metric}">What it means</a>'
    return f'<article id="{card.key}"><h2>{escape(card.title)}</h2>{note}\n{told}\n{more}</article>'


def _table(table: Table) -> str:
    classes = [' class="n"' if number else "" for number in table.numbers]
    heads = "".join(
        f"<th{which}>{escape(head)}</th>" for head, which in zip(table.heads, classes, strict=True)
    )
    rows = "\n".join(
        "<tr>"
        + "".join(
            f"<td{which}>{escape(text)}</td>" for text, which in zip(row, classes, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    return f"<div><table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></div>"


def _quality(report: Report) -> str:
    q, facts = report.quality, report.facts
    told = [
        f"{q.lines:,} lines came in from {q.files:,} files: {q.accepted:,} became events or "
        f"players, {q.duplicates:,} repeat one of these, {q.rejected:,} were refused "
        "(`questline status`, `questline rejected`).",
        f"The lake is complete from {facts.complete_from} until {facts.complete_until}; this is "
        f"its version {facts.version}.",
        *report.notes,
    ]
    return f'<section class="quality"><h2>Data</h2><p>{_prose(" ".join(told))}</p></section>'


def _meaning(meaning: Meaning) -> str:
    summary, _, rest = meaning.definition.partition("\n")
    more = "".join(f"<p>{_prose(text)}</p>" for text in rest.split("\n\n") if text.strip())
    whole = f"<details><summary>The whole definition</summary>{more}</details>" if more else ""
    commands = "\n".join(
        f"<li>{escape(said)}<code>{escape(command)}</code></li>"
        for said, command in meaning.commands
    )
    return (
        f'<article id="about-{meaning.metric}"><h3>{escape(meaning.title)}</h3>'
        f"<p>{_prose(summary)} Formula: {_prose(meaning.formula)} ({escape(meaning.unit)}). "
        f"{_prose(meaning.maturity)}</p>{whole}\n<ul>\n{commands}\n</ul></article>"
    )


def _prose(text: str) -> str:
    """Text of a definition: escaped, with what stands in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(" ".join(text.split())))
