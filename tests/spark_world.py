"""Spark for tests: one context of two executor processes, and why there is none."""

from __future__ import annotations

import os
import shutil
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

MASTER = "local-cluster[2,1,1024]"
"""Two executors, each a process of its own with one core and 1,024 MB."""


def missing() -> str:
    """Why Spark cannot run here; nothing if it can."""
    if find_spec("pyspark") is None:
        return "PySpark is not installed: make spark"
    if shutil.which("java") is None:
        return "there is no Java: make spark"
    return ""


def start_quickly() -> None:
    """Lets Java compile less: what it runs here is over before more pays."""
    os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


needs_spark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(missing()), reason=missing() or "Spark is there"),
]


def forget_logs(application: str) -> None:
    """Removes the folder that executors of `local-cluster` leave beside PySpark."""
    import pyspark  # noqa: PLC0415 - may be missing

    left = Path(pyspark.__file__).parent / "work" / application
    for _ in range(20):
        # The executors write a last line while they end.
        shutil.rmtree(left, ignore_errors=True)
        time.sleep(0.2)
        if not left.exists():
            break
