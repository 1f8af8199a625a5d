"""Writes simulated raw events: `python src/event_generator.py --days 30 --users 5000`."""

import sys

from questline.cli.simulate import main

if __name__ == "__main__":
    sys.exit(main())
