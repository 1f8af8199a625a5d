from datetime import date
from typing import Any

from model_rows import Runner, event
from questline.models.catalogue import MODELS, compiled
from questline.models.rules import Rules


def seen(player: str, **columns: Any) -> dict[str, Any]:
    return {"player_id": player, "first_ts": "2026-01-05T00:00:00Z", **columns}


def test_attribute_is_the_earliest_known_value(run: Runner) -> None:
    events = [
        event("p", "2026-01-01T10:00:00", "refund"),
        event("p", "2026-01-01T11:00:00", platform="ios"),
        event("p", "2026-01-01T12:00:00", platform="android"),
    ]
    (only,) = run("first_seen", events=events)
    assert only["platform"] == "ios"
    assert only["first_active_at"] == "2026-01-01T11:00:00"


def test_first_exposure_to_each_experiment(run: Runner) -> None:
    events = [
        event("p", f"2026-01-01T1{h}:00:00", "experiment_exposure", experiment=e, variant=v)
        for h, e, v in ((2, "b", "x"), (1, "b", "y"), (0, "a", "z"))
    ]
    (only,) = run("first_seen", events=events)
    assert only["variants"] == [["a", "z"], ["b", "y"]]


def test_metadata_wins_over_events(run: Runner) -> None:
    known = [{"player_id": "p", "acquired_at": "2025-12-01T00:00:00Z", "country": "DE"}]
    mine = [seen("p", first_active_at="2026-01-05T00:00:00Z", country="FR", platform="ios")]
    (only,) = run("players", first_seen=mine, registrations=known)
    assert (only["country"], only["platform"]) == ("DE", "ios")
    assert only["acquisition_source"] == "metadata"
    assert only["registered"] is True
    assert only["acquisition_date"] is None  # before the calendar of this test


def test_player_without_metadata_is_acquired_by_the_first_active_event(run: Runner) -> None:
    mine = [seen("p", first_active_at="2026-01-05T00:30:00Z")]
    (only,) = run("players", zone="America/New_York", first_seen=mine, registrations=[])
    assert only["acquisition_date"] == date(2026, 1, 4)
    assert only["cohort_week"] == date(2025, 12, 29)
    assert only["acquisition_month"] == "2026-01"


def test_player_known_only_from_metadata(run: Runner) -> None:
    known = [{"player_id": "p", "acquired_at": "2026-02-01T00:00:00Z"}]
    (only,) = run("players", first_seen=[], registrations=known)
    assert only["first_active_at"] is None
    assert only["acquisition_date"] == date(2026, 2, 1)


def test_every_model_compiles_for_every_rule() -> None:
    for name in MODELS:
        assert compiled(name, Rules(session_rule="client", inactive_event_types=("level_start",)))
