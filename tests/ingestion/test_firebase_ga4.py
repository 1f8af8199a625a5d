"""The mapping of the Firebase and GA4 export, on rows written by hand in the form of the export.

As BigQuery extracts JSON Lines: 64-bit integers are text, floats are numbers with a binary tail or
an exponent, what is NULL is absent, parameters are an array of key and value.
"""

import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lakes import deliver, rows_of, settings_for
from questline.ingestion.mapping import load_mapping

Row = dict[str, Any]
NOON = 1_767_614_400
"""2026-01-05 12:00:00 UTC."""
ANNA = "6f1d3a5c8e0b4d27a9c1e3f507192b3d"
BEN = "B0A1C2D3E4F5061728394A5B6C7D8E9F"
FIRST, SECOND = f"{ANNA}-1767614400", f"{ANNA}-1767700800"


def param(key: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


def session(number: int = NOON) -> list[dict[str, Any]]:
    return [
        param("ga_session_id", int_value=str(number)),
        param("ga_session_number", int_value="1"),
        param("firebase_event_origin", string_value="app"),
    ]


def exported(name: str, seconds: float, *params: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row of the export: Anna's, in her first session, unless said."""
    row = {
        "event_date": "20260105",
        "event_timestamp": str(NOON * 1_000_000 + round(seconds * 1_000_000)),
        "event_name": name,
        "event_params": [*session(), *params],
        "event_bundle_sequence_id": "17",
        "event_server_timestamp_offset": "-21345",
        "user_pseudo_id": ANNA,
        "privacy_info": {"analytics_storage": "Yes", "ads_storage": "Yes"},
        "user_properties": [
            {
                "key": "ga_session_number",
                "value": {"int_value": "1", "set_timestamp_micros": "1767614400000000"},
            }
        ],
        "user_first_touch_timestamp": "1767614400000000",
        "device": {
            "category": "mobile",
            "mobile_brand_name": "Google",
            "mobile_model_name": "Pixel 8",
            "operating_system": "ANDROID",
            "is_limited_ad_tracking": "No",
        },
        "geo": {"city": "", "country": "Germany", "continent": "Europe"},
        "app_info": {"id": "org.example.gems", "version": "1.4.0", "install_source": "manual"},
        "traffic_source": {"name": "(direct)", "medium": "(none)", "source": "(direct)"},
        "stream_id": "1234567890",
        "platform": "ANDROID",
        "ecommerce": {"transaction_id": "(not set)"},
        "items": [],
        "is_active_user": True,
        **more,
    }
    return {key: value for key, value in row.items() if value is not None}


def of_ben(name: str, seconds: float, *params: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row of Ben, who plays on the next day without a session of GA, in an unknown country."""
    given: dict[str, Any] = {
        "event_date": "20260106",
        "event_params": list(params),
        "user_pseudo_id": BEN,
        "platform": "IOS",
        "geo": {"country": ""},
        "app_info": {"id": "org.example.gems", "version": "1.5.0"},
    }
    return exported(name, 86_400 + seconds, **{**given, **more})


def text(value: str) -> dict[str, Any]:
    return param("level_name", string_value=value)


USD, EUR = param("currency", string_value="USD"), param("currency", string_value="EUR")
LEVEL_3 = param("level", int_value="3")
MICROS = param("price", int_value="4990000"), param("value", int_value="4990000")
"""The automatic in_app_purchase states money in millionths."""
SWORD = param("product_id", string_value="sword")

CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (exported("first_open", 0), {"at": 0, "event_type": "first_open"}),
    (exported("session_start", 0.000001), {"at": 0.000001, "device": "Pixel 8"}),
    (exported("screen_view", 1.5, param("firebase_screen", string_value="home")), {"at": 1.5}),
    (exported("tutorial_begin", 2), {}),
    (exported("tutorial_complete", 30, user_id="anna@7"), {"player_id": ANNA}),
    (exported("level_start", 40, LEVEL_3), {"level": 3}),
    (
        exported("level_end", 100, LEVEL_3, param("success", string_value="false")),
        {"event_type": "level_complete", "level": 3, "success": False},
    ),
    (exported("level_start", 110, param("level", string_value="3")), {"level": 3}),
    (
        exported("level_end", 160, LEVEL_3, param("success", int_value="1")),
        {"event_type": "level_complete", "level": 3, "success": True},
    ),
    (exported("level_start", 170, text("12")), {"level": 12}),
    (exported("level_complete", 200, text("12")), {"level": 12, "success": None}),
    (exported("level_start", 210, text("The cave")), {"level": None}),
    (exported("level_up", 215, param("level", int_value="4")), {"level": None}),
    (
        exported("in_app_purchase", 220, SWORD, *MICROS, USD, event_value_in_usd=4.99),
        {"event_type": "purchase", "product_id": "sword", "usd": "4.99", "transaction_id": None},
    ),
    (
        exported(
            "in_app_purchase", 221, SWORD, *MICROS, EUR, event_value_in_usd=5.4329999999999998
        ),
        {"event_type": "purchase", "usd": "5.433", "price": Decimal("5.433"), "currency": "USD"},
    ),
    (
        exported("in_app_purchase", 222, SWORD, *MICROS, USD),
        {"event_type": "purchase", "usd": None, "price": None},
    ),
    (
        exported(
            "ad_impression",
            230,
            param("ad_format", string_value="Rewarded"),
            param("ad_unit_name", string_value="double_coins"),
            param("value", double_value=0.00037299999999999996),
            USD,
            event_value_in_usd=0.00037299999999999996,
        ),
        {
            "event_type": "ad_watched",
            "usd": "0.000373",
            "format": "Rewarded",
            "placement": "double_coins",
        },
    ),
    (
        exported("ad_impression", 231, event_value_in_usd=1.25e-05),
        {"event_type": "ad_watched", "usd": "0.000013", "format": None},
    ),
    (exported("ad_impression", 232), {"event_type": "ad_watched", "usd": None}),
    (exported("spend_virtual_currency", 240, param("value", int_value="20")), {}),
    (exported("unlock_achievement", 250), {"event_type": "achievement_unlocked"}),
    (exported("user_engagement", 260, param("engagement_time_msec", int_value="9000")), {}),
    (of_ben("session_start", 0), {"country": None, "session_id": None}),
    (of_ben("level_start", 5, LEVEL_3), {"level": 3}),
    (
        of_ben(
            "purchase",
            60,
            param("transaction_id", int_value="8100"),
            param("value", double_value=20),
            EUR,
        ),
        {"transaction_id": "8100", "usd": "22", "currency": "EUR", "price": Decimal(20)},
    ),
    (
        of_ben("refund", 70, param("transaction_id", string_value="8100"), event_value_in_usd=5),
        {"transaction_id": "8100", "usd": "5", "amount": Decimal(5), "currency": "USD"},
    ),
    (
        exported("session_start", 86_400, event_params=session(NOON + 86_400)),
        {"session_id": SECOND, "event_date": date(2026, 1, 6)},
    ),
    (
        exported("app_remove", 2 * 86_400, event_params=[], event_date="20260107"),
        {"session_id": None, "event_date": date(2026, 1, 7)},
    ),
]


def expectation(row: dict[str, Any], said: dict[str, Any]) -> Row:
    """What a row has to become: what the case says, and else what all rows of its player share."""
    ben = row["user_pseudo_id"] == BEN
    micros = int(row["event_timestamp"])
    wanted: Row = {
        "event_type": row["event_name"],
        "player_id": BEN if ben else ANNA,
        "session_id": None if ben else FIRST,
        "event_date": date(2026, 1, 6 if ben else 5),
        "event_ts": micros,
        "time_quality": "uncorrected",
        "platform": "IOS" if ben else "ANDROID",
        "app_version": "1.5.0" if ben else "1.4.0",
        "country": None if ben else "Germany",
        **said,
    }
    if "at" in wanted:
        assert micros == NOON * 1_000_000 + round(wanted.pop("at") * 1_000_000)
    usd = wanted.pop("usd", None)
    return {**wanted, "amount_usd": None if usd is None else Decimal(usd)}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mapping = load_mapping("firebase_ga4")
    made = settings_for(tmp_path_factory.mktemp("ga4"), **mapping.settings)
    lines = [json.dumps(row, separators=(",", ":")).encode() + b"\n" for row, _ in CASES]
    files = [
        ("events_20260105-000000000000.json", b"".join(lines[:20])),
        ("events_20260105-000000000001.json.gz", gzip.compress(b"".join(lines[18:]))),
    ]
    summary = deliver(made, files, mapping=mapping)
    assert summary.rejected == {}
    assert (summary.accepted, summary.duplicates) == (len(CASES), 2)
    return made.lake


@pytest.fixture(scope="module")
def events(lake: Path) -> list[Row]:
    return rows_of(lake, "events")


NAMES = [f"{number}-{row['event_name']}" for number, (row, _) in enumerate(CASES)]


@pytest.mark.parametrize(("row", "said"), CASES, ids=NAMES)
def test_row(events: list[Row], row: Row, said: Row) -> None:
    wanted = expectation(row, said)
    key = wanted["player_id"], wanted["event_ts"]
    (found,) = [e for e in events if (e["player_id"], e["event_ts"]) == key]
    assert {name: found[name] for name in wanted} == wanted


def test_properties_keep_what_the_contract_does_not_know(events: list[Row]) -> None:
    kept = {e["event_type"]: json.loads(e["properties"]) for e in events}
    assert kept["tutorial_complete"]["user_id"] == "anna@7"
    assert kept["user_engagement"]["engagement_msec"] == "9000"
    cave = [e for e in events if json.loads(e["properties"]).get("level_name") == "The cave"]
    assert len(cave) == 1


def test_models_of_the_export(lake: Path) -> None:
    players = {p["player_id"]: p for p in rows_of(lake, "players")}
    assert players[ANNA]["device"] == "Pixel 8"
    assert players[ANNA]["acquisition_date"] == date(2026, 1, 5)
    attempts = [
        (a["player_id"], a["level"], a["outcome"])
        for a in sorted(rows_of(lake, "level_attempts"), key=lambda a: str(a["started_at"]))
    ]
    assert attempts == [
        (ANNA, 3, "fail"),
        (ANNA, 3, "complete"),
        (ANNA, 12, "complete"),
        (BEN, 3, "abandon"),
    ]
    assert {s["session_id"] for s in rows_of(lake, "sessions")} == {FIRST, SECOND, None}
    days = rows_of(lake, "player_days")
    active = {(d["player_id"], d["event_date"].day): d["active_events"] for d in days}
    assert active[ANNA, 7] == 0


def test_money_of_the_export(lake: Path) -> None:
    (paid,) = [p for p in rows_of(lake, "purchases") if p["transaction_id"] == "8100"]
    assert (paid["gross_usd"], paid["refunded_usd"], paid["refunds"]) == (22, 5, 1)
