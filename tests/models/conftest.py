"""Fixtures of the models' tests."""

from model_rows import run

__all__ = ["run"]
