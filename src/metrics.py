"""Asks the lake: `python src/metrics.py retention` is `questline metric retention`."""

import sys

from questline.cli import main

if __name__ == "__main__":
    main("metric" if sys.argv[1:] else "metrics")
