"""Ingestion: read, map, validate, correct clocks, deduplicate; one stage a file."""
