"""The questions that `python -m benchmarks.metrics` asks, each answered by hand too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from string import Template

from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.metrics import CATALOGUE, Scope, entry

BY_HAND = Path(__file__).parent / "by_hand" / "metrics"
WINDOW = timedelta(days=7)
"""Window of the funnels that are asked for."""
SETTINGS = """\
[features.rewarded_ads]
event = "ad_watched"
where = { format = "rewarded" }
"""
MORE: Mapping[str, Mapping[str, str]] = {
    "retention.spans": {"days": "0,1-7,8-14"},
    "retention.on_or_after": {"days": "1,7", "returned": "on_or_after", "follow_up": "7"},
    "retention.cohorts": {"days": "1,7", "cohorts": "day"},
    "retention.platform": {"by": "platform"},
    "retention_compared.week": {"days": "1,7", "follow_up": "7"},
    "funnel.first": {"steps": "session_start,level_start,level_complete", "entry": "first"},
    "funnel.hold": {"steps": "level_start,level_complete", "hold": "level", "window": "1h"},
    "funnel.any": {"steps": "level_complete,ad_watched,purchase", "order": "any"},
    "event_trend.ads": {"event": "ad_watched", "property": "amount_usd", "per": "day"},
}
"""Questions beside the example of each metric; after the dot what is asked differently."""


@dataclass(frozen=True)
class Question:
    """A metric with options, and the SQL file of the same name."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """The metric's name in the catalogue."""
        return self.name.partition(".")[0]

    @property
    def file(self) -> Path:
        """The query by hand."""
        return BY_HAND / f"{self.name}.sql"

    def by_hand(self, facts: LakeFacts) -> str:
        """The query by hand for the observed days of a lake."""
        end = Scope(facts).end_of_observation
        if end is None:
            raise UsageError("The lake holds no complete day. Run `questline run` first.")
        return Template(self.file.read_text(encoding="utf-8")).substitute(
            complete_from=facts.complete_from,
            complete_until=facts.complete_until,
            zone=facts.reporting_zone,
            last_closed=round((end - WINDOW).timestamp()) * 1_000_000,
            last_day=round((end - timedelta(days=1)).timestamp()) * 1_000_000,
            last_hour=round((end - timedelta(hours=1)).timestamp()) * 1_000_000,
        )

    def arguments(self) -> list[str]:
        """The options as the command line takes them."""
        flags = {o.name for o in entry(self.metric).options if o.is_flag}
        given = [(f"--{name.replace('_', '-')}", name, v) for name, v in self.options.items()]
        return [
            text for flag, name, v in given for text in ([flag] if name in flags else [flag, v])
        ]


def questions(wanted: list[str]) -> list[Question]:
    """Every metric with its example, and the questions beside; only of `wanted` if any is."""
    found = []
    for metric in CATALOGUE.values():
        found.append(Question(metric.name, {k: str(v) for k, v in metric.example.items()}))
        found += [Question(n, o) for n, o in MORE.items() if n.partition(".")[0] == metric.name]
    return [q for q in found if not wanted or q.metric in wanted or q.name in wanted]
