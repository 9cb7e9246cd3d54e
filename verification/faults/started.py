"""A study that has been started by its command, in a process of its own, and how it ends."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from studies.supervise import child_environment

MARK = "BENCHTWIN_FAULT_MARK"  # in the environment of the study, so in that of each process it starts
DEATH = 5.0  # s, within which its processes must be gone
PATIENCE = 600.0  # s


class Started:
    """A process and all that it starts.

    Parameters
    ----------
    words : sequence of str
        The command.
    log : Path
        Takes what it prints on standard error.
    """

    def __init__(self, words: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.mark, self.log = uuid.uuid4().hex, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as said:
            self.child = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
                env=child_environment() | {MARK: self.mark} | dict(environment or {}),
            )
        atexit.register(self.close)

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def running(self) -> bool:
        return self.child.poll() is None

    def wait(self, seconds: float = PATIENCE) -> int | None:
        """Exit status; None if it has not ended after so many seconds, and has been killed for that."""
        try:
            return self.child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def kill(self) -> None:
        """End the process itself by SIGKILL, and nothing of what it has started."""
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def close(self) -> None:
        """End whatever is left of it."""
        if self.running():
            self.kill()
        for pid in self.others():
            end(pid)

    def others(self) -> list[int]:
        """Processes that it has started, and theirs, that are still there."""
        return [pid for pid in marked(self.mark) if pid != self.pid]

    def workers(self, module: str = "studies.worker") -> list[int]:
        """Those of them that serve as one of our modules."""
        return [pid for pid in self.others() if module in _words(pid)]

    def deaths(self) -> tuple[float, list[int]]:
        """After its end: how long others were still there, s, and those there after `DEATH` s, ended now."""
        begun = time.monotonic()
        while (left := self.others()) and time.monotonic() < begun + DEATH:
            time.sleep(0.02)
        taken = time.monotonic() - begun
        for pid in left:
            end(pid)
        return taken, left


def marked(mark: str) -> list[int]:
    """Processes that have a mark in their environment."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if wanted in Path(entry.path, "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:  # it has ended, or is not ours
                continue
    return found


def end(pid: int) -> None:
    """End a process by SIGKILL, if it is still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []
