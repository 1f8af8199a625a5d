"""The reduced work by hand in Polars, with its streaming engine."""

import json
import sys
from pathlib import Path

import polars as pl

TEXT = ("event_id", "player_id", "event_type", "session_id", "app_version", "platform", "country")
TIMES = ("timestamp", "sent_at", "received_at")
TYPES = dict.fromkeys((*TEXT, *TIMES), pl.String)
PRICED = pl.Struct({"price": pl.Float64})


def read(raw: str) -> pl.LazyFrame:
    """The events with types; of the properties only the price is kept."""
    files = sorted(Path(raw).glob("events*.jsonl"))
    moments = [pl.col(n).str.to_datetime("%+", time_zone="UTC", time_unit="us") for n in TIMES]
    frame = pl.scan_ndjson(files, schema=TYPES | {"properties": PRICED}, low_memory=True)
    corrected = pl.col("received_at") - (pl.col("sent_at") - pl.col("timestamp"))
    in_order = pl.col("sent_at") >= pl.col("timestamp")
    moment = (
        pl.when(in_order & pl.col("received_at").is_not_null())
        .then(corrected)
        .otherwise(pl.min_horizontal("timestamp", "received_at"))
    )
    return (
        frame.with_columns(moments)
        .with_columns(event_ts=moment, price=pl.col("properties").struct.field("price"))
        .with_columns(event_date=pl.col("event_ts").dt.date())
        .drop("properties")
        .unique("event_id", keep="any")
    )


def main(raw: str, out: str) -> dict[str, int]:
    """Does the work and counts."""
    target = pl.PartitionBy(Path(out) / "events", key="event_date")
    read(raw).sink_parquet(target, compression="zstd", mkdir=True, engine="streaming")
    events = pl.scan_parquet(f"{out}/events/**/*.parquet", hive_partitioning=True)
    keys = ["player_id", "session_id"]
    active = events.filter(~pl.col("event_type").is_in(["refund", "experiment_exposure"]))
    gap = pl.col("event_ts").diff().over(keys) > pl.duration(minutes=30)
    sessions = (
        active.select(*keys, "event_ts", "event_date")
        .sort(*keys, "event_ts")
        .with_columns(gap=gap.fill_null(value=False))
        .with_columns(part=pl.col("gap").cum_sum().over(keys))
        .group_by(*keys, "part")
        .agg(
            started_at=pl.col("event_ts").min(),
            ended_at=pl.col("event_ts").max(),
            session_date=pl.col("event_date").min(),
            events=pl.len(),
        )
    )
    won = pl.col("event_type") == "level_complete"
    player_days = events.group_by("player_id", "event_date").agg(
        events=pl.len(), level_completes=won.sum(), gross=pl.col("price").sum()
    )
    daily = events.group_by("event_date", "event_type").agg(
        events=pl.len(), players=pl.col("player_id").n_unique()
    )
    made = {"sessions": sessions, "player_days": player_days, "daily": daily}
    frames = {n: f.collect(engine="streaming") for n, f in made.items()}
    days = frames["player_days"].select("player_id", "event_date")
    first = days.group_by("player_id").agg(day=pl.col("event_date").min())
    back = first.with_columns(event_date=pl.col("day") + pl.duration(days=1))
    frames["retention"] = (
        back.join(days.with_columns(back=True), ["player_id", "event_date"], how="left")
        .group_by("day")
        .agg(players=pl.len(), retained=pl.col("back").count())
    )
    for name, frame in frames.items():
        frame.write_parquet(f"{out}/{name}.parquet", compression="zstd")
    counts = {n: frames[n].height for n in ("sessions", "player_days")}
    return {"events": int(events.select(pl.len()).collect().item()), **counts}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
