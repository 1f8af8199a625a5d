"""The dashboard: pages of cards, every number asked of the metrics."""
