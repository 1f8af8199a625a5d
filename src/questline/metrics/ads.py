"""What ads earn: revenue, eCPM, and how many players see them."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, grouped, ratio, total
from questline.metrics.catalogue import COMPLETE, DAY, SHOWN_DAYS, Kind, Output, metric
from questline.metrics.money import ADS, GRAIN, PLAYER_DAYS, SOURCES, money
from questline.metrics.money_options import ADS_BY
from questline.metrics.options import PER
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables

ECPM = Output("ecpm_usd", Kind.USD_EACH, "Revenue of a thousand ads.")
VIEWERS = Output("ad_viewers", Kind.COUNT, "Distinct players who watched one.")
SPLITS = {"placement": ("placement",), "format": ("format",), "both": ("placement", "format")}


@metric(
    title="Ad revenue",
    formula="sum of ad revenue; eCPM = 1000 * ad revenue / ads",
    grain=GRAIN,
    unit="USD",
    value="ad_revenue_usd",
    inputs=SOURCES,
    outputs=(
        DAY,
        Output("ads", Kind.COUNT, "Ads watched."),
        VIEWERS,
        ADS,
        ECPM,
        PLAYER_DAYS,
        Output("impressions_per_dau", Kind.NUMBER, "ads / player_days."),
        Output(
            "ad_engagement_rate",
            Kind.SHARE,
            "Daily active players with at least one ad, summed over the days, / player_days.",
        ),
        COMPLETE,
    ),
    maturity="Pooled over days from complete_from to complete_until. " + SHOWN_DAYS,
    options=(PER,),
)
def ad_revenue(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Revenue of the ads that were watched, in US dollars, of a thousand (eCPM), and their reach.

    Every impression carries its own revenue; an ad without one counts as an ad with 0. Reach over
    a period is a ratio of sums over its days: `ad_engagement_rate` of a month is not the share of
    the month's players who saw an ad, which is higher.
    """
    rows = money(tables, scope, per)
    rows = rows.mutate(thousand=rows.ad_revenue_usd * 1000)
    rows = rows.mutate(
        ecpm_usd=ratio(rows, "thousand", "ads"),
        impressions_per_dau=ratio(rows, "ads", "player_days"),
        ad_engagement_rate=ratio(rows, "viewer_days", "player_days"),
    )
    earned = ("ads", "ad_viewers", "ad_revenue_usd", "ecpm_usd")
    reach = ("player_days", "impressions_per_dau", "ad_engagement_rate")
    return arranged(rows, scope, *earned, *reach)


@metric(
    title="Ad performance",
    formula="eCPM = 1000 * ad revenue / ads; completion_share = completed / ads that say",
    grain="one row a placement and format of ads",
    unit="USD for a thousand ads",
    value="ecpm_usd",
    inputs=("events",),
    outputs=(
        Output("placement", Kind.TEXT, "Where the ad was shown; unknown is empty."),
        Output("format", Kind.TEXT, "Format of the ad; unknown is empty."),
        Output("ads", Kind.COUNT, "Ads watched."),
        VIEWERS,
        ADS,
        ECPM,
        Output("completed", Kind.COUNT, "Ads that were watched to the end."),
        Output(
            "completion_share",
            Kind.SHARE,
            "completed / ads that say whether they were; NULL if none does.",
        ),
    ),
    maturity="Only ads from complete_from to complete_until are counted.",
    options=(ADS_BY,),
)
def ad_performance(tables: Tables, scope: Scope, *, ads_by: str = "both") -> ibis.Table:
    """What the ads of each placement and format earn, and how many are watched to the end.

    An ad without a stated revenue counts as an ad with 0 and lowers the eCPM. An ad that does not
    say whether it was watched to the end does not enter `completion_share`. The eCPM of countries
    and platforms comes from --by. Revenue of a thousand completed ads is another number.
    """
    events = tables.events
    unit = ("player_id", "event_date", "placement", "format")
    shown = events.filter(events.event_type == "ad_watched")
    shown = tables.numbered(shown.select(*unit, "amount_usd", "completed"))
    days = shown.group_by(unit).aggregate(
        ads=_.count(),
        ad_revenue_usd=total(_.amount_usd),
        completed=_.count(where=_.completed),
        told=_.completed.count(),
    )
    days = tables.part(days)
    split = SPLITS[ads_by]
    rows = grouped(
        attributed(days.filter(scope.counted(days.event_date)), tables, scope),
        [*split, *scope.dimensions],
        ads=_.ads.sum(),
        ad_viewers=_.player_id.nunique(),
        ad_revenue_usd=total(_.ad_revenue_usd),
        completed=_.completed.sum(),
        told=_.told.sum(),
    )
    rows = rows.mutate(thousand=rows.ad_revenue_usd * 1000)
    rows = rows.mutate(
        ecpm_usd=ratio(rows, "thousand", "ads"),
        completion_share=ratio(rows, "completed", "told"),
    )
    earned = ("ads", "ad_viewers", "ad_revenue_usd", "ecpm_usd")
    return arranged(rows, scope, *earned, "completed", "completion_share", first=split)
