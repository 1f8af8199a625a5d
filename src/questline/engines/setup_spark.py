"""Brings what Spark needs where it is missing: `python -m questline.engines.setup_spark`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

OLDEST_JAVA = 17
_PACKAGE = "default-jre-headless"
_CONSTRAINTS = Path("constraints.txt")


def main() -> None:
    """Installs Java and PySpark where they are missing; exits with what to do where it cannot."""
    _bring_java()
    _bring_pyspark()
    print(f"Spark is ready: Java {java_version()}, PySpark beside {sys.executable}.")


def java_version() -> int | None:
    """The major version of the Java that Spark would take, if there is one."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - the user's own Java
    return major(told.stderr)


def major(told: str) -> int | None:
    """The major version in what `java -version` says.

    >>> major('openjdk version "17.0.15" 2025-04-15'), major('java version "1.8.0_402"')
    (17, 8)
    """
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found[1]) if found else None


def _bring_java() -> None:
    there = java_version()
    if there is not None and there >= OLDEST_JAVA:
        return
    found = f"Java {there} is here" if there else "There is no Java"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        sys.exit(
            f"{found}, and Spark needs {OLDEST_JAVA} or newer. Install one (as root on Debian: "
            f"apt-get install {_PACKAGE}), set JAVA_HOME where it is not on the path, run again."
        )
    for command in (["update"], ["install", "-y", "--no-install-recommends", _PACKAGE]):
        _run([apt, "-qq", *command], f"apt-get {command[0]} did not work.")


def _bring_pyspark() -> None:
    if find_spec("pyspark") is not None and find_spec("pandas") is not None:
        return
    wanted = [
        text.partition(";")[0].strip()
        for text in requires("questline") or []
        if re.search(r"extra\s*==\s*['\"]spark['\"]", text)
    ]
    pinned = ["-c", str(_CONSTRAINTS)] if _CONSTRAINTS.is_file() else []
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, *wanted, *pinned], "pip could not install PySpark.")


def _run(command: list[str], problem: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - our own commands
        sys.exit(f"{problem} See above, and run again.")


if __name__ == "__main__":
    main()
