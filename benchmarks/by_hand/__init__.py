"""The reduced work by hand, one module a tool.

Parse, correct clocks, deduplicate, write Parquet by day, sessions, player-days, daily, day-1
retention. No rejects, no ledger, no late files.

Each module is run as `python -m benchmarks.by_hand.NAME RAW OUT` and prints what it counted.
"""
