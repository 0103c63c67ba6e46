"""Drives Firefox by Marionette, its own protocol: geckodriver, which Debian lacks, is a proxy of it.

Source: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

#: Code points of keys, https://www.w3.org/TR/webdriver2/#keyboard-actions
KEYS = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
}


class Firefox:
    """A headless Firefox with one tab."""

    def __init__(self, program: str, profile: Path) -> None:
        """Start the browser with an empty profile, and open a session."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        profile.mkdir()
        (profile / "user.js").write_text(
            f'user_pref("marionette.port", {port});\nuser_pref("ui.prefersReducedMotion", 1);\n'
        )
        arguments = [program, "--headless", "--no-remote", "--marionette", "--profile"]
        self._process = subprocess.Popen(
            [*arguments, str(profile)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._socket = _connect(port)
        self._number = 0
        self._read()  # the greeting
        self.send(
            "WebDriver:NewSession",
            capabilities={"alwaysMatch": {"timeouts": {"script": 240_000}}},
        )

    def __enter__(self) -> Self:
        """Return the browser."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the browser."""
        self._socket.close()
        self._process.terminate()
        self._process.wait(30)

    def send(self, command: str, **parameters: object) -> Any:
        """Return the result of a command."""
        self._number += 1
        text = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self._read()
        assert error is None, f"{command}: {error['message']}"
        return result

    def run(self, script: str) -> Any:
        """Return what the body of a function returns in the page, or what its promise yields."""
        return self.send("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def press(self, key: str) -> None:
        """Press a key; those of WebDriver are named as in the DOM."""
        value = KEYS.get(key, key)
        actions = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self.send("WebDriver:PerformActions", actions=[keyboard])

    def _read(self) -> Any:
        size = b""
        while not size.endswith(b":"):
            size += self._receive(1)
        return json.loads(self._receive(int(size[:-1])))

    def _receive(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += self._socket.recv(size - len(found))
        return found


def _connect(port: int) -> socket.socket:
    for _ in range(600):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=120)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("expected Firefox to listen")
