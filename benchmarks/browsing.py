"""The dashboard in a real browser: its server, Debian's Chromium, and when a page is complete."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Playwright, Request

ROOT = Path(__file__).parents[1]
DASHBOARD = ROOT / "src" / "dashboard.py"
HOST = "127.0.0.1"
DESKTOP = (1280, 900)
PHONE = (390, 844)
PATIENCE = 60.0
"""Seconds after which a page or a server is given up."""

PROBED = re.compile(r"/\w+/_stcore/(health|host-config)$")

WATCH = """
(() => {
  const seen = {runs: 0, changed: 0};
  window.__seen = seen;
  const moved = () => { seen.changed = performance.now(); };
  const number = (bytes, at) => {
    let value = 0, times = 1, byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * times;
      times *= 128;
    } while (byte & 128);
    return [value, at];
  };
  const ends = bytes => {
    for (let at = 0, key, length; at < bytes.length;) {
      [key, at] = number(bytes, at);
      if (key === 6 * 8) return true;
      [length, at] = number(bytes, at);
      if (key % 8 === 2) at += length;
      else if (key % 8 !== 0) return false;
    }
    return false;
  };
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', async ({data}) => {
        const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data);
        if (ends(bytes)) {
          seen.runs += 1;
          moved();
        }
      });
    }
  };
  const aside = '[data-testid=stStatusWidget], [data-testid=stToolbar]';
  new MutationObserver(records => {
    const here = records.some(({target}) => {
      const place = target.nodeType === 1 ? target : target.parentElement;
      return !(place && place.closest(aside));
    });
    if (here) moved();
  }).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ['data-stale', 'width', 'height'],
  });
})();
"""
"""Runs in every page before its own code: counts ends of the script, notes the last change.

The script ended when a message of the server has field 6 (Streamlit's ForwardMsg). The state that
Streamlit writes into the page does not show a short run on a busy machine.
"""

COMPLETE = """
([runs, quiet]) => {
  const app = document.querySelector('[data-testid=stApp]');
  const seen = window.__seen;
  if (!app || !seen || seen.runs < runs) return false;
  if (app.dataset.testScriptState !== 'notRunning') return false;
  if (app.dataset.testConnectionState !== 'CONNECTED') return false;
  const waiting = '[data-testid=stSkeleton], [data-testid=stAppSkeleton], ' +
    '[data-testid=stSpinner], [data-stale=true]';
  if (document.querySelector(waiting)) return false;
  const charts = [...document.querySelectorAll(
    '[data-testid=stVegaLiteChart], [data-testid=stMetricChart]')];
  if (!charts.every(c => c.offsetWidth === 0 || c.querySelector('canvas, svg'))) return false;
  if (performance.now() - seen.changed < quiet) return false;
  return [seen.changed];
}
"""
"""Whether all that the script sent stands there and nothing moves; then when that was so first."""

MARKS = """
() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].map(chart => {
  let found = 0;
  for (const mark of chart.querySelectorAll('svg .role-mark path, svg .role-mark text')) {
    const seen = getComputedStyle(mark);
    const {width, height} = mark.getBBox();
    if (Number(seen.opacity) > 0 && width + height > 0) found += 1;
  }
  for (const canvas of chart.querySelectorAll('canvas')) {
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      const [r, g, b, a] = data.subarray(at, at + 4);
      if (a > 60 && Math.max(r, g, b) - Math.min(r, g, b) > 40) found += 1;
    }
  }
  return found;
})
"""
"""How many marks each chart has: bars, lines, points, labels; of a canvas, coloured pixels."""


@dataclass
class Server:
    """A dashboard that was started here."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def peak_mb(self) -> float:
        """The most memory that it held so far; Linux only."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = [text for text in status.splitlines() if text.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024

    def healthy(self) -> bool:
        """Whether it answers."""
        asked = HTTPConnection(HOST, self.port, timeout=2)
        try:
            asked.request("GET", "/_stcore/health")
            return asked.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()


@contextmanager
def serve(lake: Path, log: Path, *options: str, port: int | None = None) -> Iterator[Server]:
    """A dashboard over a lake, on a free port if none is given, which ends with the block.

    Raises:
        RuntimeError: it does not begin to answer.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(DASHBOARD)]
    command += [f"--server.port={port}", "--server.headless=true"]
    command += ["--server.fileWatcherType=none", *options]
    environment = {**os.environ, "QUESTLINE_LAKE": str(lake.resolve())}
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
    server = Server(process, port, log)
    try:
        _wait(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as made:
        made.bind((HOST, 0))
        port: int = made.getsockname()[1]
    return port


def _wait(server: Server) -> None:
    end = time.monotonic() + PATIENCE
    while not server.healthy():
        if server.process.poll() is not None or time.monotonic() > end:
            said = server.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"The dashboard does not answer on port {server.port}.\n{said}")
        time.sleep(0.05)


def chromium() -> str | None:
    """The path of Debian's Chromium, if it is there."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launched(playwright: Playwright) -> Browser:
    """Chromium without a window. Root has no sandbox to put it into."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=chromium(), args=flags)


@dataclass
class Tab:
    """One session of a reader: a page, and everything that went wrong in it."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)
    patience: float = PATIENCE

    def open(self, address: str = "") -> float:
        """Opens a page by its address and waits until it is complete; returns milliseconds."""
        self.page.goto(f"{self.base}/{address}", wait_until="commit")
        return self.complete()

    def start(self, address: str = "") -> None:
        """Opens a page and does not wait."""
        self.page.goto(f"{self.base}/{address}", wait_until="commit")

    def complete(self, runs: int = 1, quiet: float = 150) -> float:
        """Waits until the page stands still; returns when it was, on the page's own clock."""
        limit = self.patience * 1000
        found = self.page.wait_for_function(COMPLETE, arg=[runs, quiet], timeout=limit)
        (moment,) = found.json_value()
        return float(moment)

    @property
    def runs(self) -> int:
        """How often the script ran to its end so far."""
        count: int = self.page.evaluate("() => window.__seen.runs")
        return count

    @contextmanager
    def changing(self) -> Iterator[list[float]]:
        """What happens in the block makes the script run; waits, and gives the milliseconds."""
        runs, began = self.page.evaluate("() => [window.__seen.runs, performance.now()]")
        taken: list[float] = []
        yield taken
        taken.append(self.complete(runs + 1) - began)

    def to(self, title: str) -> float:
        """Goes to another page by the navigation on top; returns milliseconds."""
        link = self.page.get_by_test_id("stTopNavLink").filter(has_text=title)
        if not link.count():
            self.page.get_by_test_id("stTopNavSection").last.click()
            link = self.page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title)
        with self.changing() as taken:
            link.click()
        return taken[0]

    @property
    def query(self) -> str:
        """What the address holds after the question mark."""
        return urlsplit(self.page.url).query

    def marks(self) -> list[int]:
        """How many marks each chart shows."""
        counts: list[int] = self.page.evaluate(MARKS)
        return counts

    def close(self) -> None:
        """Ends the session."""
        self.page.context.close()


def tab(
    browser: Browser,
    base: str,
    size: tuple[int, int] = DESKTOP,
    *,
    patience: float = PATIENCE,
    **options: Any,  # noqa: ANN401 - those of Playwright's new_context
) -> Tab:
    """A session of its own, with no cookies and nothing remembered.

    Faults are errors on the console and in scripts, dialogs of a script, and whatever is asked of
    another machine.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, accept_downloads=True, **options
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    made = Tab(page, base, patience=patience)

    def asked(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in (None, HOST):
            made.faults.append(f"asks {request.url}")

    def asked_back(dialog: Dialog) -> None:
        made.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("request", asked)
    page.on("pageerror", lambda error: made.faults.append(f"error {error}"))
    page.on("console", lambda said: _heard(made, said))
    page.on("dialog", asked_back)
    return made


def _heard(made: Tab, said: ConsoleMessage) -> None:
    """Notes an error on the console, of which an answer that failed is one.

    Opened by the address of a page, Streamlit first looks for its server below that address.
    """
    address = said.location["url"]
    if said.type == "error" and not PROBED.search(address):
        made.faults.append(f"console {said.text} ({address})")
