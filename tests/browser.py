"""A page in headless Chromium, driven through its debugging pipe: what a person would do, and what the browser says."""

from __future__ import annotations

import base64
import io
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SOFTWARE_GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_GL = ("--disable-gpu", "--disable-webgl", "--disable-webgl2")
PATIENCE = 60.0  # s, for a machine that computes beside


def found() -> str | None:
    """Where Chromium is; None without."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One page.

    Attributes
    ----------
    requests : list of str
        All addresses that were asked for.
    complaints : list of str
        What came to the console as warning or error, and uncaught exceptions.
    """

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write, self._buffer, self._last = read, write, b"", 0
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Give a command of the debugging protocol and wait for its result."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next(PATIENCE)
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _next(self, seconds: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], seconds)[0]:
                raise TimeoutError("the browser does not answer")
            self._buffer += os.read(self._read, 1 << 20)
        message, _, self._buffer = self._buffer.partition(b"\0")
        event: dict[str, Any] = json.loads(message)
        self._note(event.get("method", ""), event.get("params", {}))
        return event

    def _note(self, method: str, parameters: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"][:200])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in {"error", "warning", "assert"}:
            self.complaints.append(str([argument.get("value") for argument in parameters["args"]]))
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"].get("exception", {}).get("description")))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(parameters["entry"]["text"])

    def open(self, path: Path, width: int = 900, height: int = 700, ratio: float = 1.0) -> None:
        """Open a file in a window of so many CSS pixels and wait until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=ratio,
            mobile=width < 500,
        )
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.until("document.readyState === 'complete'")

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives; a promise is waited for."""
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise RuntimeError(f"{expression}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + PATIENCE
        while not self.value(expression):
            if time.monotonic() > end:
                raise TimeoutError(f"never: {expression}; {self.complaints}")
            time.sleep(0.05)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the left button, move, release."""
        self._mouse("mousePressed", start)
        for share in (0.5, 1.0):
            self._mouse("mouseMoved", tuple(a + share * (b - a) for a, b in zip(start, end, strict=True)), buttons=1)
        self._mouse("mouseReleased", end)

    def click(self, spot: tuple[float, float]) -> None:
        self._mouse("mousePressed", spot)
        self._mouse("mouseReleased", spot)

    def hover(self, spot: tuple[float, float]) -> None:
        self._mouse("mouseMoved", spot, buttons=0)

    def _mouse(self, kind: str, spot: tuple[float, ...], buttons: int = 1) -> None:
        button = "left" if buttons else "none"
        self.call(
            "Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button=button, buttons=buttons, clickCount=1
        )

    def press(self, key: str) -> None:
        """Press a key, by its name as events have it."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        code = codes.get(key, ord(key[0].upper()))
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def picture(self, selector: str | None = None) -> NDArray[np.uint8]:
        """The window, or the part of it that an element takes, (rows, columns, 3)."""
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        clip = {}
        if selector:
            box = self.value(
                f"(box => ({{x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height, scale: 1}}))"
                f"(document.querySelector({selector!r}).getBoundingClientRect())"
            )
            clip = {"clip": box}
        shot = self.call("Page.captureScreenshot", format="png", **clip)
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB"))


@contextmanager
def browser(*options: str) -> Iterator[Tab]:
    """Chromium without a window, with its own empty profile."""
    path = found()
    assert path is not None
    to_browser, from_browser = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # Chromium reads commands from file 3 and answers on file 4.
        script = f'exec "$0" "$@" 3<&{to_browser[0]} 4>&{from_browser[1]}'
        flags = ("--headless=new", "--no-sandbox", "--remote-debugging-pipe", f"--user-data-dir={profile}", *options)
        process = subprocess.Popen(
            ["bash", "-c", script, path, *flags],
            pass_fds=(to_browser[0], from_browser[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser[0])
        os.close(from_browser[1])
        tab = None
        try:
            tab = Tab(from_browser[0], to_browser[1])
            yield tab
        finally:
            if tab is not None:
                tab._session = None
                os.write(to_browser[1], json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
            else:
                process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
            os.close(to_browser[1])
            os.close(from_browser[0])
