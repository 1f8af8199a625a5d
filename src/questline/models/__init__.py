"""Models: pure functions from events to the tables that metrics read, as Ibis expressions."""
