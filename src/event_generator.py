"""Writes simulated raw events: `python src/event_generator.py --days 30 --users 5000`."""

from questline.cli import simulation

if __name__ == "__main__":
    simulation()
