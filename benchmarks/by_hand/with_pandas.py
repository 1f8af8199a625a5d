"""The reduced work by hand in pandas."""

import json
import sys
from pathlib import Path

import pandas as pd

TIMES = ["timestamp", "sent_at", "received_at"]


def main(raw: str, out: str) -> dict[str, int]:
    """Does the work and counts."""
    files = sorted(Path(raw).glob("events*.jsonl"))
    parts = [pd.read_json(f, lines=True, dtype=False) for f in files]
    events = pd.concat(parts, ignore_index=True)
    for name in TIMES:
        events[name] = pd.to_datetime(events[name], utc=True, format="ISO8601")
    corrected = events["received_at"] - (events["sent_at"] - events["timestamp"])
    events["event_ts"] = corrected.where(events["sent_at"] >= events["timestamp"]).fillna(
        events[["timestamp", "received_at"]].min(axis=1)
    )
    events["event_date"] = events["event_ts"].dt.floor("D")
    events = events.drop_duplicates("event_id")
    events["price"] = [p.get("price") for p in events["properties"]]
    events["properties"] = events["properties"].map(json.dumps)
    for day, rows in events.groupby("event_date"):
        folder = Path(out) / "events" / f"event_date={day:%Y-%m-%d}"
        folder.mkdir(parents=True)
        rows.to_parquet(folder / "0.parquet", compression="zstd", index=False)
    active = events[~events["event_type"].isin(["refund", "experiment_exposure"])]
    active = active.sort_values(["player_id", "session_id", "event_ts"])
    keys = ["player_id", "session_id"]
    gap = active.groupby(keys)["event_ts"].diff() > pd.Timedelta(minutes=30)
    active["part"] = gap.groupby([active[k] for k in keys]).cumsum()
    sessions = active.groupby([*keys, "part"]).agg(
        started_at=("event_ts", "min"),
        ended_at=("event_ts", "max"),
        session_date=("event_date", "min"),
        events=("event_id", "size"),
    )
    events["won"] = events["event_type"] == "level_complete"
    player_days = events.groupby(["player_id", "event_date"]).agg(
        events=("event_id", "size"), level_completes=("won", "sum"), gross=("price", "sum")
    )
    daily = events.groupby(["event_date", "event_type"]).agg(
        events=("event_id", "size"), players=("player_id", "nunique")
    )
    days = player_days.reset_index()[["player_id", "event_date"]]
    first = days.groupby("player_id", as_index=False)["event_date"].min()
    back = first.assign(event_date=first["event_date"] + pd.Timedelta(days=1)).merge(days)
    retention = pd.DataFrame(
        {
            "players": first.groupby("event_date").size(),
            "retained": back.groupby("event_date").size(),
        }
    )
    for name, table in {
        "sessions": sessions,
        "player_days": player_days,
        "daily": daily,
        "retention": retention,
    }.items():
        table.reset_index().to_parquet(Path(out) / f"{name}.parquet", compression="zstd")
    return {"events": len(events), "sessions": len(sessions), "player_days": len(player_days)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
