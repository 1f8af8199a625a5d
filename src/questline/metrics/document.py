"""docs/metrics.md, written from the catalogue: `python -m questline.metrics.document`."""

from __future__ import annotations

import sys
from pathlib import Path

from questline.metrics import ATTRIBUTES, CATALOGUE, Entry
from questline.metrics.options import shown

PAGE = Path("docs/metrics.md")

_INTRODUCTION = """\
# Metrics

Written from the catalogue by `python -m questline.metrics.document`; do not edit by hand.

- **Days** are days of the reporting zone. The observed days run from `complete_from` to
  `complete_until`, and every result names both together with the version of the lake.
- **Mature only.** A ratio uses observed days only. What cannot be observed yet is NULL, never 0.
  A plain count of a later day is shown when it is asked for, with `complete` = false.
- **Ratio of sums.** A ratio over several days, cohorts or players is one sum divided by another,
  never a mean of ratios. Over nothing it is NULL.
- **Period or day.** Counts of a day (`dau`, `new_players`, `returning_players`, `wau`, `mau`,
  `daily`) and `stickiness` have one row a day; `wau_calendar`, `mau_calendar` and `lifecycle` one
  an interval that the period touches. Every other metric answers for the whole period in one row
  a subject; where a daily series makes sense, `--per day` gives it.
- **Splits.** `--by ATTRIBUTE` gives one row a value; players whose value is not known are a row of
  their own, with an empty value. `--where ATTRIBUTE=VALUE` keeps matching players. Both know:
"""


def page() -> str:
    """The whole page."""
    attributes = "\n".join(f"  - `{name}`: {doc}" for name, doc in ATTRIBUTES.items())
    experiment = "  - `experiment.NAME`: The variant of the experiment the player first saw."
    contents = "\n".join(f"- [`{e.name}`](#{e.name}): {e.summary}" for e in CATALOGUE.values())
    sections = "\n\n".join(section(e) for e in CATALOGUE.values())
    return f"{_INTRODUCTION}{attributes}\n{experiment}\n\n{contents}\n\n{sections}\n"


def section(entry: Entry) -> str:
    """One metric."""
    columns = "\n".join(f"| `{o.name}` | {o.kind} | {o.doc} |" for o in entry.outputs)
    facts = "\n".join(
        (
            f"- **Formula**: {entry.formula}",
            f"- **Grain**: {entry.grain}",
            f"- **Unit**: {entry.unit}",
            f"- **Tables**: {', '.join(entry.inputs)}",
            f"- **Maturity**: {entry.maturity}",
            *_options(entry),
        )
    )
    return (
        f"## {entry.name}\n\n**{entry.title}.** {entry.definition}\n\n{facts}\n\n"
        f"| column | kind | meaning |\n|---|---|---|\n{columns}"
    )


def _options(entry: Entry) -> list[str]:
    defaults = entry.defaults
    said = []
    for option in entry.options:
        default = "required" if option.name not in defaults else shown(defaults[option.name])
        said.append(f"- `{option.flag}` ({default}): {option.doc}")
    return said


def main() -> None:
    """Writes the page; `--check` only says whether it is up to date."""
    text = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        if current != text:
            sys.exit(f"{PAGE} is not up to date. Run `python -m questline.metrics.document`.")
        return
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
