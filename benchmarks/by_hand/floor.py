"""The floor: DuckDB reads the typed JSON and writes it as one Parquet file."""

import json
import sys

import duckdb

from benchmarks.by_hand.with_duckdb import read

raw, out = sys.argv[1:]
with duckdb.connect() as con:
    con.execute(f"COPY ({read(raw)}) TO '{out}/events.parquet' (COMPRESSION zstd)")
    row = con.execute(f"SELECT count(*) FROM '{out}/events.parquet'").fetchone()
    print(json.dumps({"events": row[0] if row else 0}))
