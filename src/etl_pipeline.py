"""Runs the pipeline over data/raw_events; the same as `questline run`."""

from questline.cli import main

if __name__ == "__main__":
    main("run")
